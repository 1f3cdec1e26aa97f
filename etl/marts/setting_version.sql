-- setting_version: one row per stretch of days with one limit of neglect.
select
    valid_from, lead(valid_from, 1, date '9999-12-31') over (order by valid_from) as valid_to, opportunity_neglected_days
from operational.setting_versions
