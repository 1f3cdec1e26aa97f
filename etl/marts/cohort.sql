-- cohort: one row per win, signing and receipt of an opportunity that a lead itself created, credited as the lead's arrival.
with
    steps as (
        select opportunity_id, contract_id, null::integer as receipt_id, 'won' as step, day, valid_from, valid_to, basis, amount
        from mart.closed
        where status = 'won'
        union all
        select opportunity_id, contract_id, null, 'signed', day, valid_from, valid_to, basis, amount
        from mart.signed
        union all
        select opportunity_id, contract_id, receipt_id, 'received', day, valid_from, valid_to, basis, amount
        from mart.received
    )

select
    lead.lead_id, steps.opportunity_id, contract_id, receipt_id, step, lead.day, steps.day as step_day, valid_from, valid_to, basis,
    lead.owner_id, lead.team_id, lead.source_id, lead.campaign_id, lead.customer_id, lead.product_ids, lead.product_mask, amount
from operational.opportunities
join steps on steps.opportunity_id = opportunities.id
join mart.lead on lead.lead_id = opportunities.lead_id
