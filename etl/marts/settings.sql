-- settings: the one row of what the company decides about itself.
select company_name, zone, currency, fiscal_year_first_month, opportunity_neglected_days, ranking_visible, is_demo
from operational.settings
