-- follow_up: one row per follow-up and stretch of days on which its opportunity's products stood, a deed of its writer; one written down
-- later than it happened is seen later in the view of a past day.
-- check: the rows that hold today are as many as there are follow-ups.
with
    seen as (
        select
            follow_ups.*, basis, case basis when 2 then greatest(day, recorded_on) else day end as valid_from,
            date '9999-12-31' as valid_to
        from operational.follow_ups
        join (values (0::utinyint), (1::utinyint), (2::utinyint)) as views (basis) on (basis = 0) = (recorded_on <= day)
    )

select
    seen.id as follow_up_id, seen.opportunity_id, seen.day, greatest(seen.valid_from, had.valid_from) as valid_from,
    least(seen.valid_to, had.valid_to) as valid_to, greatest(seen.basis, had.basis) as basis, seen.by_id as owner_id, seen.team_id,
    source_id, campaign_id, customer_id, coalesce(product_ids, []) as product_ids, coalesce(product_mask, 0) as product_mask
from seen
join operational.opportunities on opportunities.id = seen.opportunity_id
left join operational.opportunity_products as had
    on had.opportunity_id = seen.opportunity_id
    and had.valid_from < seen.valid_to
    and had.valid_to > seen.valid_from
    and had.basis <> 3 - seen.basis
