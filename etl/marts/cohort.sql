-- cohort: one row per win, signing and receipt of an opportunity that a lead itself created, credited as the lead's arrival.
with
    born as (
        select
            opportunities.id as opportunity_id, lead.lead_id, lead.day, lead.owner_id, lead.team_id, lead.source_id, lead.campaign_id,
            lead.customer_id, lead.product_ids, lead.product_mask
        from operational.opportunities
        join mart.lead on lead.lead_id = opportunities.lead_id
    ),

    steps as (
        select opportunity_id, contract_id, null::integer as receipt_id, 'won' as step, day, valid_from, valid_to, basis, amount
        from mart.closed
        semi join born using (opportunity_id)
        where status = 'won'
        union all
        select opportunity_id, contract_id, null, 'signed', day, valid_from, valid_to, basis, amount
        from mart.signed
        semi join born using (opportunity_id)
        union all
        select opportunity_id, contract_id, receipt_id, 'received', day, valid_from, valid_to, basis, amount
        from mart.received
        semi join born using (opportunity_id)
    )

select
    born.lead_id, steps.opportunity_id, contract_id, receipt_id, step, born.day, steps.day as step_day, valid_from, valid_to, basis,
    born.owner_id, born.team_id, born.source_id, born.campaign_id, born.customer_id, born.product_ids, born.product_mask, amount
from steps
join born on born.opportunity_id = steps.opportunity_id
