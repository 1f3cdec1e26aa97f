-- plan_seen: one row per version of a contract's plan and view, with its own day and the one from which it was known; proposals are none.
select
    contract_id, basis, id as plan_id, revision, day, case basis when 2 then greatest(day, recorded_on) else day end as seen
from operational.payment_plans
join operational.contract_view using (contract_id)
where not proposed
