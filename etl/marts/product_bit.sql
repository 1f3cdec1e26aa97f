-- product_bit: one row per product: its place among all, by id, so that a new one never moves another.
select
    id as product_id,
    (row_number() over (order by id) - 1)::integer as bit,
    1::ubigint << ((row_number() over (order by id) - 1) % 64)::ubigint as mask
from operational.products
