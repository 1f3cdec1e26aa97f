-- stage: one row per stage, as it is called today.
select id as stage_id, name, position, (probability_bp * 0.0001)::decimal(5, 4) as probability, meaning, active
from operational.stages
