-- competition_factor: one row per factor that a competition record names as our strength or weakness.
select
    held.record_id, held.opportunity_id, held.competitor_id, factors.factor_id, factors.side, held.product_id, held.day, held.valid_from,
    date '9999-12-31' as valid_to, held.basis, held.owner_id, held.team_id, held.source_id, held.campaign_id, held.customer_id,
    held.product_ids, held.product_mask
from operational.competition_held as held
join operational.competition_record_factors as factors on factors.record_id = held.record_id
