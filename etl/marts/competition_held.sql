-- competition_held: one row per competition record and view, a deed of who held its opportunity on the record's day; in the view of a
-- past day (basis 2) seen from when it was written down. Of an opportunity or record that has anything dated back both views are told.
with
    backdated as (
        select distinct opportunity_id
        from operational.opportunity_history
        where recorded_on > day
    ),

    differing as (
        select opportunity_id
        from backdated
        union
        select opportunity_id
        from operational.competition_records
        where recorded_on > day
    ),

    seen as (
        select
            records.id as record_id, records.opportunity_id, competitor_id, day, basis, their_unit_price, our_product_id,
            case basis when 2 then greatest(day, recorded_on) else day end as valid_from,
            case when backdated.opportunity_id is null then 0::utinyint else basis end as state_basis
        from operational.competition_records as records
        left join backdated on backdated.opportunity_id = records.opportunity_id
        left join differing on differing.opportunity_id = records.opportunity_id
        join (values (0::utinyint), (1::utinyint), (2::utinyint)) as views (basis) on (basis = 0) = (differing.opportunity_id is null)
    )

select
    seen.record_id, seen.opportunity_id, seen.competitor_id, seen.day, seen.valid_from, seen.basis, seen.state_basis,
    state.owner_id, state.team_id, source_id, campaign_id, customer_id, seen.our_product_id as product_id, their_unit_price
from seen
left join operational.opportunity_state as state
    on state.opportunity_id = seen.opportunity_id
    and state.basis = seen.state_basis
    and state.valid_from <= seen.valid_from
    and state.valid_to > seen.valid_from
join operational.opportunities on opportunities.id = seen.opportunity_id
