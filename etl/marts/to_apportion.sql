-- to_apportion: one row per line of a contract and amount it once had that its lines do not sum to: the lines state the amount of today.
select distinct contract_id, contract_state.amount, product_id, contract_lines.amount as weight
from operational.contract_state
join operational.contract_products using (contract_id)
join operational.contract_lines using (contract_id)
where status <> 'voided' and contract_state.amount <> total
