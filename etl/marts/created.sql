-- created: one row per new opportunity, credited to the first team and first rep that it was assigned to. Where it waited for them,
-- the view of a past day (basis 2) has a row for each stretch of waiting: without both, with the team, with both.
-- And of one whose products changed there is a row for each stretch of days with the same.
-- check: the rows that hold today are as many as there are opportunities.
with
    begun as (
        select
            opportunity_id, coalesce(amount, 0) as amount, amount is not null as amount_known, recorded_on,
            history.owner_id is not distinct from first_owner_id and history.team_id is not distinct from first_team_id as at_once
        from operational.opportunity_history as history
        join operational.opportunities on opportunities.id = opportunity_id
        where seq = 1
    ),

    assigned as (
        select
            opportunity_id,
            min(greatest(day, history.recorded_on)) filter (team_id is not null) as team_since,
            min(greatest(day, history.recorded_on)) filter (owner_id is not null) as owner_since
        from operational.opportunity_history as history
        semi join (from begun where not at_once) as waited using (opportunity_id)
        group by opportunity_id
    ),

    known as (
        select
            opportunities.id as opportunity_id, created_on as day, at_once, amount, amount_known, first_owner_id, first_team_id,
            greatest(created_on, recorded_on) as seen,
            greatest(created_on, recorded_on, team_since) as team_since,
            greatest(created_on, recorded_on, team_since, owner_since) as owner_since
        from operational.opportunities
        join begun on begun.opportunity_id = opportunities.id
        left join assigned on assigned.opportunity_id = opportunities.id
    ),

    credited as (
        select *, 0::utinyint as basis, day as valid_from, date '9999-12-31' as valid_to, first_owner_id as owner_id,
            first_team_id as team_id
        from known
        where at_once and seen = day
        union all
        select *, 1::utinyint, day, date '9999-12-31', first_owner_id, first_team_id
        from known
        where not (at_once and seen = day)
        union all
        select *, 2::utinyint, owner_since, date '9999-12-31', first_owner_id, first_team_id
        from known
        where not (at_once and seen = day)
        union all
        select *, 2::utinyint, team_since, owner_since, null, first_team_id
        from known
        where team_since < owner_since
        union all
        select *, 2::utinyint, seen, team_since, null, null
        from known
        where seen < team_since
    )

select
    credited.opportunity_id, credited.day, greatest(credited.valid_from, had.valid_from) as valid_from,
    least(credited.valid_to, had.valid_to) as valid_to, greatest(credited.basis, had.basis) as basis, credited.owner_id, credited.team_id,
    opportunities.source_id, opportunities.campaign_id, opportunities.customer_id, coalesce(product_ids, []) as product_ids,
    coalesce(product_mask, 0) as product_mask, credited.amount, credited.amount_known
from credited
join operational.opportunities on opportunities.id = credited.opportunity_id
left join operational.opportunity_products as had
    on had.opportunity_id = credited.opportunity_id
    and had.valid_from < credited.valid_to
    and had.valid_to > credited.valid_from
    and had.basis <> 3 - credited.basis
