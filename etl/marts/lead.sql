-- lead: one row per lead, a deed of the day it arrived.
-- check: as many as there are leads.
select
    id as lead_id, arrived_on as day, arrival_owner_id as owner_id, arrival_team_id as team_id, source_id, campaign_id, customer_id,
    case when mask is null then [] else [leads.product_id] end as product_ids, coalesce(mask, 0) as product_mask, first_handled_on,
    converted_on, failed_on, contact_name, company, owner_id as holder_id, team_id as holder_team_id
from operational.leads
left join operational.product_bit on product_bit.product_id = leads.product_id
