-- open_known: one row per opportunity, stretch of knowledge and business days on which it then seemed to have stood open, with the products
-- that it had in the eyes of the former. Only of those that have something written down after its day (basis 2), or whose products changed;
-- of all others open_then says it.
-- check: no two rows overlap in both.
select
    known.opportunity_id, known.day as valid_from, known.until as valid_to, greatest(known.basis, had.basis) as basis,
    greatest(known.known_from, had.valid_from) as known_from, least(known.known_to, had.valid_to) as known_to, known.owner_id,
    known.team_id, opportunities.source_id, opportunities.campaign_id, opportunities.customer_id, coalesce(product_ids, []) as product_ids,
    coalesce(product_mask, 0) as product_mask, coalesce(varied, false) as products_varied, known.stage_id, known.amount,
    known.amount_known, known.expected_close_on, opportunities.created_on, known.assigned_on
from operational.opportunity_known as known
join operational.opportunities on opportunities.id = known.opportunity_id
left join operational.opportunity_products as had
    on had.opportunity_id = known.opportunity_id
    and had.valid_from < known.known_to
    and had.valid_to > known.known_from
    and had.basis <> 3 - known.basis
where (known.basis = 2 or varied) and known.status = 'following' and known.day < known.until
