-- closed: one row per closing that stood for a while, and stretch of it in which the opportunity's products stood; a won one per amount of
-- its contract, for as long as that stood.
-- check: rows won by contract are the signings with an opportunity.
with
    -- who held it when it was won: the closing that the signing made
    winner as (
        select
            signed.contract_id, signed.basis, signed.valid_from,
            arg_min({owner: closing.owner_id, team: closing.team_id, stage: closing.stage_id}, closing.valid_from) as was
        from mart.signed
        join operational.closing on closing.opportunity_id = signed.opportunity_id
        where
            closing.status = 'won' and closing.basis in (0, greatest(signed.basis, 1))
            and closing.valid_from < signed.valid_to and closing.valid_to > signed.valid_from
        group by signed.contract_id, signed.basis, signed.valid_from
    ),

    won as (
        select
            signed.opportunity_id, signed.contract_id, signed.day, signed.valid_from, signed.valid_to, signed.basis, 'won' as status,
            case when was is null then signed.owner_id else was.owner end as owner_id,
            case when was is null then signed.team_id else was.team end as team_id,
            coalesce(was.stage, opportunities.stage_id) as stage_id, signed.amount
        from mart.signed
        join operational.opportunities on opportunities.id = signed.opportunity_id
        left join winner
            on winner.contract_id = signed.contract_id and winner.basis = signed.basis and winner.valid_from = signed.valid_from
    ),

    closings as (
        select
            opportunity_id, contract_id, day, valid_from, valid_to, basis, status, owner_id, team_id, stage_id,
            null::integer as reason_id, null::integer as competitor_id, amount, true as amount_known
        from won
        union all by name
        select *, null::integer as contract_id
        from operational.closing
        where status <> 'won'
        union all by name
        select *, null::integer as contract_id
        from operational.closing
        anti join mart.signed using (opportunity_id)
        where status = 'won'
    )

select
    closings.opportunity_id, contract_id, closings.day, greatest(closings.valid_from, had.valid_from) as valid_from,
    least(closings.valid_to, had.valid_to) as valid_to, greatest(closings.basis, had.basis) as basis, closings.status,
    closings.owner_id, closings.team_id, opportunities.source_id, opportunities.campaign_id, opportunities.customer_id,
    coalesce(product_ids, []) as product_ids, coalesce(product_mask, 0) as product_mask, closings.stage_id, reason_id, competitor_id,
    closings.amount, closings.amount_known, closings.day - opportunities.created_on as cycle_days
from closings
join operational.opportunities on opportunities.id = closings.opportunity_id
left join operational.opportunity_products as had
    on had.opportunity_id = closings.opportunity_id
    and had.valid_from < closings.valid_to
    and had.valid_to > closings.valid_from
    and had.basis <> 3 - closings.basis
