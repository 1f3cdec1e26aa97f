-- record_line_then, for opportunities and for contracts: one row per line and stretch of the record's history (from the act since_seq until
-- the act until_seq) in which all its lines stood so; without a product where there was none. Lines that never changed stand throughout,
-- from 0 on.
with
    changed as (
        select record_id, since_seq as seq
        from operational.record_lines
        where since_seq > 1
        union
        select record_id, since_seq
        from operational.former_record_lines
        union
        select record_id, until_seq
        from operational.former_record_lines
    ),

    edges as (
        from changed
        union
        select record_id, 1
        from changed
    ),

    stretches as (
        select record_id, seq as since_seq, lead(seq, 1, 2147483647) over (partition by record_id order by seq) as until_seq
        from edges
    ),

    lines as (
        select record_id, product_id, amount, since_seq, 2147483647 as until_seq
        from operational.record_lines
        union all
        select record_id, product_id, amount, since_seq, until_seq
        from operational.former_record_lines
    )

select record_id, 0 as since_seq, 2147483647 as until_seq, product_id, amount
from operational.record_lines
anti join changed using (record_id)
union all
select stretches.record_id, stretches.since_seq, stretches.until_seq, product_id, amount
from stretches
left join lines
    on lines.record_id = stretches.record_id
    and lines.since_seq <= stretches.since_seq
    and lines.until_seq > stretches.since_seq
