-- open_then: one row per opportunity, basis and change that left it following, with the days on which it stood so.
select
    state.opportunity_id, state.valid_from, state.valid_to, state.basis, state.owner_id, state.team_id, opportunities.source_id,
    opportunities.campaign_id, opportunities.customer_id, coalesce(product_ids, []) as product_ids,
    coalesce(product_mask, 0) as product_mask, coalesce(varied, false) as products_varied, state.stage_id, state.amount,
    state.amount_known, state.expected_close_on, opportunities.created_on, state.assigned_on
from operational.opportunity_state as state
join operational.opportunities on opportunities.id = state.opportunity_id
left join operational.opportunity_products as had
    on had.opportunity_id = state.opportunity_id
    and had.valid_from < state.valid_to
    and had.valid_to > state.valid_from
    and had.basis <> 3 - state.basis
where state.status = 'following'
