-- opportunity_products: one row per opportunity that has lines.
select
    opportunity_id,
    list(product_id order by product_id) as product_ids,
    bit_or(mask) as product_mask
from operational.opportunity_lines
join operational.product_bit using (product_id)
group by opportunity_id
