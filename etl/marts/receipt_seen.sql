-- receipt_seen: one row per receipt and view, from when until when it counted there. A cancelled one only ever counted for those who
-- looked between its recording and its cancelling.
select
    contract_id, basis, id as receipt_id, received_on as day, amount,
    case basis when 2 then greatest(received_on, recorded_on) else received_on end as seen,
    case basis when 2 then cancelled_on end as gone
from operational.receipts
join operational.contract_view using (contract_id)
where cancelled_on is null or (basis = 2 and cancelled_on > greatest(received_on, recorded_on))
