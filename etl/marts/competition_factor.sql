-- competition_factor: one row per factor that a competition record names as our strength or weakness, and stretch of days on which its
-- opportunity had the same products.
select
    held.record_id, held.opportunity_id, held.competitor_id, factors.factor_id, factors.side, held.product_id, held.day,
    greatest(held.valid_from, had.valid_from) as valid_from, coalesce(had.valid_to, date '9999-12-31') as valid_to,
    greatest(held.basis, had.basis) as basis, held.owner_id, held.team_id, held.source_id, held.campaign_id, held.customer_id,
    coalesce(product_ids, []) as product_ids, coalesce(product_mask, 0) as product_mask
from operational.competition_held as held
join operational.competition_record_factors as factors on factors.record_id = held.record_id
left join operational.opportunity_products as had
    on had.opportunity_id = held.opportunity_id
    and had.valid_to > held.valid_from
    and had.basis <> 3 - held.basis
