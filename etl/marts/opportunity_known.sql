-- opportunity_known: one row per opportunity, basis, stretch of knowledge and act that later ones did not take back, by business dates.
-- Where something was written down after its day, the view of a past day (basis 2) has the acts anew from each day on which more of them
-- were known, so that it shows a period's events as they were told then. An act that others of its day outdid is one still.
with
    backdated as (
        select distinct opportunity_id
        from operational.opportunity_history
        where recorded_on > day
    ),

    learnt as (
        select distinct opportunity_id, greatest(day, recorded_on) as known_from
        from operational.opportunity_history
        semi join backdated using (opportunity_id)
    ),

    knowledge as (
        select
            opportunity_id, known_from,
            lead(known_from, 1, date '9999-12-31') over (partition by opportunity_id order by known_from) as known_to
        from learnt
    ),

    told as (
        select history.*, 0::utinyint as basis, day as known_from, date '9999-12-31' as known_to, null::date as epoch
        from operational.opportunity_history as history
        anti join backdated using (opportunity_id)
        union all
        select history.*, 1::utinyint, day, date '9999-12-31', null
        from operational.opportunity_history as history
        semi join backdated using (opportunity_id)
        union all
        select history.*, 2::utinyint, known_from, known_to, known_from
        from operational.opportunity_history as history
        join knowledge using (opportunity_id)
        where greatest(day, recorded_on) <= known_from
    ),

    outlived as (
        select
            *,
            coalesce(
                min(day) over (
                    partition by opportunity_id, basis, epoch order by seq rows between 1 following and unbounded following
                ),
                date '9999-12-31'
            ) as until,
            lag(owner_id) over (partition by opportunity_id, basis, epoch order by seq) as owner_before,
            lag(team_id) over (partition by opportunity_id, basis, epoch order by seq) as team_before
        from told
    )

select
    opportunity_id, basis, known_from, known_to, epoch, seq, day, until, status, stage_id, owner_id, team_id, coalesce(amount, 0) as amount,
    amount is not null as amount_known, expected_close_on,
    max(case when (owner_id, team_id) is distinct from (owner_before, team_before) then day end) over (
        partition by opportunity_id, basis, epoch order by seq
    ) as assigned_on
from outlived
where day <= until
