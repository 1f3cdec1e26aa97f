-- target: one row per month, unit and validity.
select id as target_id, month, unit, team_id, user_id as owner_id, amount, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
from operational.sales_targets
