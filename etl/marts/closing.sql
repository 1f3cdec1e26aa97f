-- closing: one row per opportunity, basis and closing that stood for a while, from its day until it was reopened or voided; as the act
-- says that closed it, whoever got the opportunity on the same day.
with
    stood as (
        select opportunity_id, basis, begun_by, status, min(valid_from) as valid_from, max(valid_to) as valid_to
        from operational.opportunity_state
        where status <> 'following'
        group by all
    )

select
    stood.opportunity_id, basis, stood.status, act.day, valid_from, valid_to, act.owner_id, act.team_id,
    coalesce(before.stage_id, act.stage_id) as stage_id, act.loss_reason_id as reason_id, act.loss_competitor_id as competitor_id,
    coalesce(act.amount, 0) as amount, act.amount is not null as amount_known
from stood
join operational.opportunity_history as act on act.opportunity_id = stood.opportunity_id and act.seq = begun_by
left join operational.opportunity_history as before on before.opportunity_id = stood.opportunity_id and before.seq = begun_by - 1
