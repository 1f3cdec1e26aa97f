-- closing: one row per opportunity, basis and closing that stood for a while, from its day until it was reopened or voided.
with
    closed as (
        select
            *,
            valid_from is distinct from lag(valid_to) over (partition by opportunity_id, basis order by seq)
            or status is distinct from lag(status) over (partition by opportunity_id, basis order by seq) as begins
        from operational.opportunity_state
        where status <> 'following'
    ),

    numbered as (
        select *, count(*) filter (begins) over (partition by opportunity_id, basis order by seq) as number
        from closed
    )

select
    opportunity_id, basis, status,
    arg_min(day, seq) as day, min(valid_from) as valid_from, max(valid_to) as valid_to,
    first(owner_id order by seq) as owner_id, first(team_id order by seq) as team_id, arg_min(stage_before, seq) as stage_id,
    first(loss_reason_id order by seq) as reason_id, first(loss_competitor_id order by seq) as competitor_id,
    arg_min(amount, seq) as amount, arg_min(amount_known, seq) as amount_known
from numbered
group by opportunity_id, basis, number, status
