-- opportunity_line_then: one row per line of an opportunity and stretch of its history (from the act since_seq until the act until_seq) in which all
-- its lines stood so; without a product where there was none. Lines that never changed stand throughout, from 0 on.
with
    changed as (
        select opportunity_id, since_seq as seq
        from operational.opportunity_lines
        where since_seq > 1
        union
        select opportunity_id, since_seq
        from operational.former_opportunity_lines
        union
        select opportunity_id, until_seq
        from operational.former_opportunity_lines
    ),

    edges as (
        from changed
        union
        select opportunity_id, 1
        from changed
    ),

    stretches as (
        select opportunity_id, seq as since_seq, lead(seq, 1, 2147483647) over (partition by opportunity_id order by seq) as until_seq
        from edges
    ),

    lines as (
        select opportunity_id, product_id, amount, since_seq, 2147483647 as until_seq
        from operational.opportunity_lines
        union all
        select opportunity_id, product_id, amount, since_seq, until_seq
        from operational.former_opportunity_lines
    )

select opportunity_id, 0 as since_seq, 2147483647 as until_seq, product_id, amount
from operational.opportunity_lines
anti join changed using (opportunity_id)
union all
select stretches.opportunity_id, stretches.since_seq, stretches.until_seq, product_id, amount
from stretches
left join lines
    on lines.opportunity_id = stretches.opportunity_id
    and lines.since_seq <= stretches.since_seq
    and lines.until_seq > stretches.since_seq
