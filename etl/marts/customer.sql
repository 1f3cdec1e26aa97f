-- customer: one row per customer, as it is held today.
select id as customer_id, name, owner_id, team_id, industry, region
from operational.customers
