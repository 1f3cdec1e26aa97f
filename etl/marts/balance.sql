-- balance: one row per contract, basis and interval between two things that happened to its amount, money, status or carer.
-- check: unique by contract, basis, valid_from; no two of a contract and basis overlap; received of today sums to mart.received.
with
    events as (
        select contract_id, basis, valid_from as day, 0::decimal(18, 2) as received, 0::decimal(18, 2) as cost, null::date as receipt_on
        from operational.contract_standing
        union all
        select contract_id, basis, seen, amount, 0, case when amount > 0 and gone is null then day end
        from operational.receipt_seen
        union all
        select contract_id, basis, gone, -amount, 0, null
        from operational.receipt_seen
        where gone is not null
        union all
        select contract_id, basis, seen, 0, amount, null
        from operational.cost_seen
        union all
        select contract_id, basis, gone, 0, -amount, null
        from operational.cost_seen
        where gone < date '9999-12-31'
        union all
        select contract_id, basis, min(seen), 0, 0, null
        from operational.plan_seen
        group by contract_id, basis
    ),

    days as (
        select
            contract_id, basis, day, sum(received)::decimal(18, 2) as received, sum(cost)::decimal(18, 2) as cost,
            max(receipt_on) as receipt_on
        from events
        group by contract_id, basis, day
    ),

    reached as (
        select
            contract_id, basis, day, lead(day, 1, date '9999-12-31') over money as until,
            sum(received) over money as received, sum(cost) over money as cost, max(receipt_on) over money as receipt_on
        from days
        window money as (partition by contract_id, basis order by day)
    ),

    -- receipts that were to be cancelled, on the days on which they counted
    fleeting as (
        select reached.contract_id, reached.basis, reached.day, max(receipt.day) as receipt_on
        from reached
        join operational.receipt_seen as receipt
            on receipt.contract_id = reached.contract_id
            and receipt.basis = reached.basis
            and receipt.seen <= reached.day
            and receipt.gone > reached.day
        where receipt.amount > 0
        group by reached.contract_id, reached.basis, reached.day
    ),

    planned as (
        select contract_id, basis, min(seen) as since
        from operational.plan_seen
        group by contract_id, basis
    )

select
    reached.contract_id, opportunity_id, reached.day as valid_from, least(reached.until, standing.valid_to) as valid_to, reached.basis,
    standing.status, standing.owner_id, standing.team_id, source_id, campaign_id, customer_id, coalesce(product_ids, []) as product_ids,
    coalesce(product_mask, 0) as product_mask, signed_on, standing.amount, reached.received, reached.cost,
    greatest(standing.amount - reached.received, 0) as outstanding, greatest(reached.received - standing.amount, 0) as prepaid,
    greatest(reached.receipt_on, fleeting.receipt_on) as last_receipt_on, coalesce(planned.since <= reached.day, false) as has_plan
from reached
join operational.contract_standing as standing
    on standing.contract_id = reached.contract_id
    and standing.basis = reached.basis
    and standing.valid_from <= reached.day
    and standing.valid_to > reached.day
join operational.contracts on contracts.id = reached.contract_id
left join operational.contract_products on contract_products.contract_id = reached.contract_id
left join fleeting on fleeting.contract_id = reached.contract_id and fleeting.basis = reached.basis and fleeting.day = reached.day
left join planned on planned.contract_id = reached.contract_id and planned.basis = reached.basis
