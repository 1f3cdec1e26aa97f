-- campaign: one row per campaign.
select id as campaign_id, name, source_id, product_id, from_on, until_on, cost
from operational.campaigns
