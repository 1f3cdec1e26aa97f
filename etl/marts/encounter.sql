-- encounter: one row per opportunity and competitor, from the first record on, and stretch of days on which the opportunity's status and
-- amount stood; a deed of who held it on the day of that record.
-- check: as many as there are pairs of opportunity and competitor.
with
    ordered as (
        select
            *, {day: day, id: record_id} as this,
            min({day: day, id: record_id}) over (
                partition by opportunity_id, competitor_id, basis order by valid_from, record_id
            ) as earliest
        from operational.competition_held
    ),

    first_met as (
        select
            *,
            lead(valid_from, 1, date '9999-12-31') over (partition by opportunity_id, competitor_id, basis order by valid_from, record_id)
                as valid_to
        from ordered
        where this = earliest
    )

select
    met.opportunity_id, competitor_id, met.day, greatest(met.valid_from, state.valid_from) as valid_from,
    least(met.valid_to, state.valid_to) as valid_to, met.basis, met.owner_id, met.team_id, source_id, campaign_id, customer_id,
    coalesce(product_ids, []) as product_ids, coalesce(product_mask, 0) as product_mask, state.status,
    case state.status when 'following' then state.amount else 0 end as amount
from first_met as met
join operational.opportunity_state as state
    on state.opportunity_id = met.opportunity_id
    and state.basis = met.state_basis
    and state.valid_from < met.valid_to
    and state.valid_to > met.valid_from
-- a state has the products of one act
left join operational.opportunity_products as had
    on had.opportunity_id = state.opportunity_id
    and had.valid_from <= state.valid_from
    and had.valid_to > state.valid_from
    and had.basis <> 3 - state.basis
where met.valid_from < met.valid_to
