-- pipeline_change: one row per event that changed what stood open with somebody, and per move of the expected date; a move between
-- owners is two. Each at the open amount just before it (new, reopened: just after), of the holder whose open amount it changed. And of an
-- opportunity whose products changed there is a row for each stretch of days with the same.
-- check: per opportunity the deltas sum to its open amount.
with
    acts as materialized (
        select
            *, lag(seq) over earlier as was_seq, lag(status) over earlier = 'following' as was_open, status = 'following' as is_open,
            lag(amount) over earlier as was_amount, lag(stage_id) over earlier as was_stage_id, lag(owner_id) over earlier as was_owner_id,
            lag(team_id) over earlier as was_team_id, lag(expected_close_on) over earlier as was_close_on,
            (owner_id, team_id) is distinct from (lag(owner_id) over earlier, lag(team_id) over earlier) as moved
        from operational.opportunity_known
        window earlier as (partition by opportunity_id, basis, epoch order by seq)
    ),

    steps as (
        select
            opportunity_id, seq, case when is_open then 'given' else status end as step, day, known_from, known_to, basis,
            was_owner_id as owner_id, was_team_id as team_id, was_stage_id as stage_id, -was_amount as delta,
            null::date as close_before, null::date as close_after
        from acts
        where was_open and (not is_open or moved)
        union all
        select
            opportunity_id, seq, case when was_seq is null then 'new' when was_open then 'received' else 'reopened' end, day, known_from,
            known_to, basis, owner_id, team_id, stage_id, case when was_open then was_amount else amount end, null, null
        from acts
        where is_open and (was_seq is null or not was_open or moved)
        union all
        select
            opportunity_id, seq, case when amount > was_amount then 'grown' else 'shrunk' end, day, known_from, known_to, basis, owner_id,
            team_id, stage_id, amount - was_amount, null, null
        from acts
        where is_open and was_open and amount <> was_amount
        union all
        select
            opportunity_id, seq, case when expected_close_on < was_close_on then 'pulled_in' else 'pushed_out' end, day, known_from,
            known_to, basis, owner_id, team_id, stage_id, 0, was_close_on, expected_close_on
        from acts
        where is_open and was_open and expected_close_on <> was_close_on
    )

select
    steps.opportunity_id, seq, step, day, greatest(known_from, had.valid_from) as valid_from, least(known_to, had.valid_to) as valid_to,
    greatest(steps.basis, had.basis) as basis, steps.owner_id, steps.team_id, opportunities.source_id, opportunities.campaign_id,
    opportunities.customer_id, coalesce(product_ids, []) as product_ids, coalesce(product_mask, 0) as product_mask, steps.stage_id, delta,
    close_before, close_after
from steps
join operational.opportunities on opportunities.id = steps.opportunity_id
left join operational.opportunity_products as had
    on had.opportunity_id = steps.opportunity_id
    and had.valid_from < known_to
    and had.valid_to > known_from
    and had.basis <> 3 - steps.basis
