-- opportunity_state: one row per opportunity, basis and change that survives, with the days on which it was the last word.
-- A change replaces what earlier ones said from its day on, so it holds until the first day on which a later one takes effect
-- (crm.rules.history says it in Python). Only where something was written down after its day do the two views differ.
with
    backdated as (
        select distinct opportunity_id
        from operational.opportunity_history
        where recorded_on > day
    ),

    told as (
        select history.*, 0::utinyint as basis, day as since
        from operational.opportunity_history as history
        anti join backdated using (opportunity_id)
        union all
        select history.*, 1::utinyint, day
        from operational.opportunity_history as history
        semi join backdated using (opportunity_id)
        union all
        select history.*, 2::utinyint, greatest(day, recorded_on)
        from operational.opportunity_history as history
        semi join backdated using (opportunity_id)
    ),

    compared as (
        select
            *,
            status <> lag(status, 1, '') over (partition by opportunity_id, basis order by seq) as begins,
            lag(owner_id) over (partition by opportunity_id, basis order by seq) as owner_before,
            lag(team_id) over (partition by opportunity_id, basis order by seq) as team_before
        from told
    ),

    outlived as (
        select
            *,
            coalesce(
                min(since) over (partition by opportunity_id, basis order by seq rows between 1 following and unbounded following),
                date '9999-12-31'
            ) as until,
            -- the act by which it got its status: also where another act of the same day had the last word
            max(seq) filter (begins) over (partition by opportunity_id, basis order by seq) as begun_by,
            max(case when (owner_id, team_id) is distinct from (owner_before, team_before) then day end) over (
                partition by opportunity_id, basis order by seq
            ) as assigned_on
        from compared
    )

select
    opportunity_id, basis, seq, begun_by, since as valid_from, until as valid_to, status, stage_id, owner_id, team_id,
    coalesce(amount, 0) as amount, amount is not null as amount_known, expected_close_on, assigned_on
from outlived
where since < until
