-- contract_record: one row per contract, as it stands today.
select
    id as contract_id, number, customer_id, opportunity_id, owner_id, team_id, status, amount, signed_on,
    exists (from operational.payment_plans where contract_id = contracts.id and not proposed) as has_plan
from operational.contracts
