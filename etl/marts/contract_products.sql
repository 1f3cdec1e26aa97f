-- contract_products: one row per contract that states lines.
select
    contract_id,
    list(product_id order by product_id) as product_ids,
    bit_or(mask) as product_mask
from operational.contract_lines
join operational.product_bit using (product_id)
group by contract_id
