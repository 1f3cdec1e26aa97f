-- cost_state: one row per cost, basis and interval in which its contract's carer, amount and status stood.
-- check: the amounts that hold today sum to balance's cost.
select
    cost_id, cost.contract_id, category_id, cost.day, greatest(cost.seen, standing.valid_from) as valid_from,
    least(cost.gone, standing.valid_to) as valid_to, cost.basis, standing.status, standing.owner_id, standing.team_id, source_id,
    campaign_id, customer_id, coalesce(product_ids, []) as product_ids, coalesce(product_mask, 0) as product_mask, cost.amount
from operational.cost_seen as cost
join operational.contract_standing as standing
    on standing.contract_id = cost.contract_id
    and standing.basis = cost.basis
    and standing.valid_from < cost.gone
    and standing.valid_to > cost.seen
join operational.contracts on contracts.id = cost.contract_id
left join operational.contract_products on contract_products.contract_id = cost.contract_id
