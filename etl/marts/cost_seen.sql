-- cost_seen: one row per cost and view, from when until when it counted there; as receipt_seen.
select
    contract_id, basis, id as cost_id, category_id, paid_on as day, amount,
    case basis when 2 then greatest(paid_on, recorded_on) else paid_on end as seen,
    coalesce(case basis when 2 then cancelled_on end, date '9999-12-31') as gone
from operational.costs
join operational.contract_view using (contract_id)
where cancelled_on is null or (basis = 2 and cancelled_on > greatest(paid_on, recorded_on))
