-- balance: one row per contract, basis and interval between two things that happened to its amount, money, status or carer.
-- check: unique by contract, basis, valid_from; no two of a contract and basis overlap; received of today sums to mart.received.
with
    points as (
        select contract_id, basis, valid_from as day
        from operational.contract_standing
        union
        select contract_id, basis, unnest([seen, gone])
        from operational.receipt_seen
        union
        select contract_id, basis, unnest([seen, gone])
        from operational.cost_seen
        union
        select contract_id, basis, min(seen)
        from operational.plan_seen
        group by contract_id, basis
    ),

    stood as (
        select
            points.contract_id, points.basis, points.day, status, amount, owner_id, team_id,
            least(lead(points.day) over (partition by points.contract_id, points.basis order by points.day), valid_to) as until
        from points
        join operational.contract_standing as standing
            on standing.contract_id = points.contract_id
            and standing.basis = points.basis
            and standing.valid_from <= points.day
            and standing.valid_to > points.day
    ),

    money as (
        select
            stood.contract_id, stood.basis, stood.day, sum(receipt.amount) as received,
            max(receipt.day) filter (receipt.amount > 0) as last_receipt_on
        from stood
        join operational.receipt_seen as receipt
            on receipt.contract_id = stood.contract_id
            and receipt.basis = stood.basis
            and receipt.seen <= stood.day
            and coalesce(receipt.gone > stood.day, true)
        group by stood.contract_id, stood.basis, stood.day
    ),

    spent as (
        select stood.contract_id, stood.basis, stood.day, sum(cost.amount) as cost
        from stood
        join operational.cost_seen as cost
            on cost.contract_id = stood.contract_id
            and cost.basis = stood.basis
            and cost.seen <= stood.day
            and cost.gone > stood.day
        group by stood.contract_id, stood.basis, stood.day
    ),

    planned as (
        select contract_id, basis, min(seen) as since
        from operational.plan_seen
        group by contract_id, basis
    )

select
    stood.contract_id, opportunity_id, stood.day as valid_from, stood.until as valid_to, stood.basis, stood.status, stood.owner_id,
    stood.team_id, source_id, campaign_id, customer_id, coalesce(product_ids, []) as product_ids,
    coalesce(product_mask, 0) as product_mask, signed_on, stood.amount, coalesce(received, 0) as received, coalesce(cost, 0) as cost,
    greatest(stood.amount - coalesce(received, 0), 0) as outstanding, greatest(coalesce(received, 0) - stood.amount, 0) as prepaid,
    last_receipt_on, coalesce(planned.since <= stood.day, false) as has_plan
from stood
join operational.contracts on contracts.id = stood.contract_id
left join operational.contract_products on contract_products.contract_id = stood.contract_id
left join money on money.contract_id = stood.contract_id and money.basis = stood.basis and money.day = stood.day
left join spent on spent.contract_id = stood.contract_id and spent.basis = stood.basis and spent.day = stood.day
left join planned on planned.contract_id = stood.contract_id and planned.basis = stood.basis
