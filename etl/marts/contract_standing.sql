-- contract_standing: contract_state in the views in which money is reckoned, without voided time.
select
    contract_id, contract_view.basis, valid_from, valid_to, contract_state.status, contract_state.amount, contract_state.owner_id,
    contract_state.team_id
from operational.contract_view
join operational.contract_state using (contract_id)
where contract_state.basis in (0, contract_view.basis) and contract_state.status <> 'voided'
