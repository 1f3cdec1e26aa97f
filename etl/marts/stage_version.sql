-- stage_version: one row per stage and stretch of days in which it was called and weighed so.
select
    stage_id, valid_from,
    lead(valid_from, 1, date '9999-12-31') over (partition by stage_id order by valid_from) as valid_to,
    name, position, (probability_bp * 0.0001)::decimal(5, 4) as probability
from operational.stage_versions
