-- reason: one row per reason for losing or stopping.
select id as reason_id, name, name_key, kind, names_competitor
from operational.loss_reasons
