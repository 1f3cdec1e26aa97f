-- closed_line: closed, split by product: a won contract by its lines, all else in proportion to the opportunity's lines, the cents left
-- over on the largest line. A line without an amount weighs nothing beside one that has; where no line has one, they weigh alike.
-- check: sums to closed, per opportunity, contract, basis and valid_from.
with
    lines as (
        select
            opportunity_id, product_id,
            case when sum(amount) over told > 0 then (100 * coalesce(amount, 0))::hugeint else 1 end as weight,
            row_number() over (partition by opportunity_id order by amount desc nulls last, product_id) as place
        from operational.opportunity_lines
        window told as (partition by opportunity_id)
    ),

    others as (
        select closed.*
        from mart.closed
        semi join operational.opportunities on opportunities.id = closed.opportunity_id
        where contract_id is null
    ),

    parts as (
        select
            others.* exclude (amount), product_id, place, (100 * others.amount)::hugeint as whole,
            (100 * others.amount)::hugeint * weight // sum(weight) over split as part
        from others
        join lines using (opportunity_id)
        window split as (partition by opportunity_id, basis, valid_from)
    ),

    shares as (
        select
            * exclude (place, whole, part),
            ((part + case place when 1 then whole - sum(part) over split else 0 end)::bigint * 0.01::decimal(3, 2))::decimal(18, 2)
                as amount
        from parts
        window split as (partition by opportunity_id, basis, valid_from)
    )

select closed.* exclude (amount), signed_line.product_id, signed_line.amount
from mart.closed
semi join operational.opportunities on opportunities.id = closed.opportunity_id
join mart.signed_line
    on signed_line.contract_id = closed.contract_id
    and signed_line.basis = closed.basis
    and signed_line.valid_from = closed.valid_from
union all by name
from shares
union all by name
select *, null::integer as product_id
from others
anti join lines using (opportunity_id)
