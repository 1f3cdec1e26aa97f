-- open_known: one row per opportunity, stretch of knowledge and business days on which it then seemed to have stood open.
-- Only of those that have something written down after its day; of all others open_then says it.
-- check: no two rows overlap in both.
select
    known.opportunity_id, known.day as valid_from, known.until as valid_to, known.basis, known.known_from, known.known_to, known.owner_id,
    known.team_id, opportunities.source_id, opportunities.campaign_id, opportunities.customer_id, coalesce(product_ids, []) as product_ids,
    coalesce(product_mask, 0) as product_mask, known.stage_id, known.amount, known.amount_known, known.expected_close_on,
    opportunities.created_on, known.assigned_on
from operational.opportunity_known as known
join operational.opportunities on opportunities.id = known.opportunity_id
left join operational.opportunity_products on opportunity_products.opportunity_id = known.opportunity_id
where known.basis = 2 and known.status = 'following' and known.day < known.until
