-- allocation: one row per day, receipt and instalment (no null: prepaid) on which the matching rule moved money.
-- check: per receipt and basis sums to what of it counts.
select allocated.*, received_on
from operational.allocated
join operational.receipts on receipts.id = allocated.receipt_id
