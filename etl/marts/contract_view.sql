-- contract_view: one row per contract and view in which its money is reckoned: basis 0 where both views agree, else 1 and 2.
with
    differing as (
        select contract_id
        from operational.contract_history
        where recorded_on > day
        union
        select contract_id
        from operational.payment_plans
        where recorded_on > day and not proposed and contract_id is not null
        union
        select contract_id
        from operational.receipts
        where recorded_on > received_on or cancelled_on is not null
        union
        select contract_id
        from operational.costs
        where recorded_on > paid_on or cancelled_on is not null
    )

select id as contract_id, basis
from operational.contracts
left join differing on differing.contract_id = contracts.id
join (values (0::utinyint), (1::utinyint), (2::utinyint)) as views (basis) on (basis = 0) = (differing.contract_id is null)
