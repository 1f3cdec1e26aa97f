-- cost_category: one row per category of costs.
select id as category_id, name, name_key
from operational.cost_categories
