-- product: one row per product, with its place in the masks.
select product_id, code, name, name_key, category, bit, active
from operational.products
join operational.product_bit on product_id = id
