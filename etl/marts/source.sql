-- source: one row per lead source.
select id as source_id, name, name_key, channel, active
from operational.lead_sources
