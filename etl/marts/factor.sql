-- factor: one row per factor that a competition is decided by.
select id as factor_id, name, name_key, active
from operational.competition_factors
