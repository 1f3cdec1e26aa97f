-- follow_up: one row per follow-up, a deed of its writer; one written down later than it happened is seen later in the view of a past day.
-- check: the rows that hold today are as many as there are follow-ups.
select
    follow_ups.id as follow_up_id, follow_ups.opportunity_id, day,
    case basis when 2 then greatest(day, recorded_on) else day end as valid_from, date '9999-12-31' as valid_to, basis, by_id as owner_id,
    follow_ups.team_id, source_id, campaign_id, customer_id, coalesce(product_ids, []) as product_ids,
    coalesce(product_mask, 0) as product_mask
from operational.follow_ups
join (values (0::utinyint), (1::utinyint), (2::utinyint)) as views (basis) on (basis = 0) = (recorded_on <= day)
join operational.opportunities on opportunities.id = follow_ups.opportunity_id
left join operational.opportunity_products on opportunity_products.opportunity_id = follow_ups.opportunity_id
