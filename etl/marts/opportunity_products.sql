-- opportunity_products: one row per opportunity that has or had lines, basis and stretch of days with the same products; varied: whether it
-- has several. Where the products never changed (though amounts may have), one row says so for all days.
with
    listed as (
        select
            opportunity_id, since_seq, coalesce(list(product_id order by product_id) filter (product_id is not null), []) as product_ids,
            coalesce(bit_or(mask), 0) as product_mask
        from operational.opportunity_line_then
        left join operational.product_bit using (product_id)
        group by opportunity_id, since_seq
    ),

    stood as (
        select
            *, product_ids is distinct from lag(product_ids) over (partition by opportunity_id, basis order by valid_from) as begins,
            count(distinct product_ids) over (partition by opportunity_id) > 1 as varied
        from operational.opportunity_lined
        join listed using (opportunity_id, since_seq)
    ),

    numbered as (
        select *, count(*) filter (begins) over (partition by opportunity_id, basis order by valid_from) as number
        from stood
        where varied
    )

select
    opportunity_id, 0::utinyint as basis, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to, product_ids, product_mask,
    false as varied
from listed
where since_seq = 0
union all
select opportunity_id, 0::utinyint, date '0001-01-01', date '9999-12-31', any_value(product_ids), any_value(product_mask), false
from stood
where not varied
group by opportunity_id
union all
select opportunity_id, basis, min(valid_from), max(valid_to), any_value(product_ids), any_value(product_mask), true
from numbered
group by opportunity_id, basis, number
