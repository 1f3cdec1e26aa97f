-- competitor: one row per competitor.
select id as competitor_id, name, name_key
from operational.competitors
