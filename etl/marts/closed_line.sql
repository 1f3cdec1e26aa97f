-- closed_line: closed, split by product: a won contract by its lines, all else in proportion to the opportunity's lines of those days,
-- the cents left over on the largest line. A line without an amount weighs nothing beside one that has; where none has, they weigh alike.
-- check: sums to closed, per opportunity and contract, on each day.
with
    lines as (
        select
            opportunity_id, since_seq, product_id,
            case when sum(amount) over told > 0 then (100 * coalesce(amount, 0))::hugeint else 1 end as weight,
            row_number() over (partition by opportunity_id, since_seq order by amount desc nulls last, product_id) as place
        from operational.opportunity_line_then
        where product_id is not null
        window told as (partition by opportunity_id, since_seq)
    ),

    others as (
        select
            closed.* replace (
                greatest(closed.valid_from, stretch.valid_from) as valid_from, least(closed.valid_to, stretch.valid_to) as valid_to,
                greatest(closed.basis, stretch.basis) as basis
            ),
            coalesce(stretch.since_seq, 0) as since_seq
        from mart.closed
        semi join operational.opportunities on opportunities.id = closed.opportunity_id
        left join operational.opportunity_lined as stretch
            on stretch.opportunity_id = closed.opportunity_id
            and stretch.valid_from < closed.valid_to
            and stretch.valid_to > closed.valid_from
            and stretch.basis <> 3 - closed.basis
        where contract_id is null
    ),

    parts as (
        select
            others.* exclude (amount), product_id, place, (100 * others.amount)::hugeint as whole,
            (100 * others.amount)::hugeint * weight // sum(weight) over split as part
        from others
        join lines using (opportunity_id, since_seq)
        window split as (partition by opportunity_id, basis, valid_from)
    ),

    shares as (
        select
            * exclude (since_seq, place, whole, part),
            ((part + case place when 1 then whole - sum(part) over split else 0 end)::bigint * 0.01::decimal(3, 2))::decimal(18, 2)
                as amount
        from parts
        window split as (partition by opportunity_id, basis, valid_from)
    ),

    -- what their contracts sold, picked out before it is joined: else all lines ever signed are laid out for the join
    sold as (
        select signed_line.*
        from mart.signed_line
        semi join (
            select contract_id
            from mart.closed
            semi join operational.opportunities on opportunities.id = closed.opportunity_id
        ) as won on won.contract_id = signed_line.contract_id
    )

select
    closed.* replace (
        greatest(closed.valid_from, sold.valid_from) as valid_from, least(closed.valid_to, sold.valid_to) as valid_to,
        sold.amount as amount
    ),
    sold.product_id
from mart.closed
semi join operational.opportunities on opportunities.id = closed.opportunity_id
join sold
    on sold.contract_id = closed.contract_id
    and sold.valid_from < closed.valid_to
    and sold.valid_to > closed.valid_from
    and sold.basis <> 3 - closed.basis
union all by name
from shares
union all by name
select * exclude (since_seq), null::integer as product_id
from others
anti join lines using (opportunity_id, since_seq)
