-- contract_line_then: one row per line of a contract and stretch of its history (from the act since_seq until the act until_seq) in which all
-- its lines stood so; without a product where there was none. Lines that never changed stand throughout, from 0 on.
with
    changed as (
        select contract_id, since_seq as seq
        from operational.contract_lines
        where since_seq > 1
        union
        select contract_id, since_seq
        from operational.former_contract_lines
        union
        select contract_id, until_seq
        from operational.former_contract_lines
    ),

    edges as (
        from changed
        union
        select contract_id, 1
        from changed
    ),

    stretches as (
        select contract_id, seq as since_seq, lead(seq, 1, 2147483647) over (partition by contract_id order by seq) as until_seq
        from edges
    ),

    lines as (
        select contract_id, product_id, amount, since_seq, 2147483647 as until_seq
        from operational.contract_lines
        union all
        select contract_id, product_id, amount, since_seq, until_seq
        from operational.former_contract_lines
    )

select contract_id, 0 as since_seq, 2147483647 as until_seq, product_id, amount
from operational.contract_lines
anti join changed using (contract_id)
union all
select stretches.contract_id, stretches.since_seq, stretches.until_seq, product_id, amount
from stretches
left join lines
    on lines.contract_id = stretches.contract_id
    and lines.since_seq <= stretches.since_seq
    and lines.until_seq > stretches.since_seq
