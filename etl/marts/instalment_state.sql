-- instalment_state: one row per instalment, basis and interval in which what was due and met, carer and status stood.
-- What met it is the matching rule's (crm.rules.instalments), laid beside the tables as instalment_interval.
-- check: unique by contract, no, basis, valid_from; no two of these overlap; 0 <= met <= amount.
select
    met.contract_id, met.no, greatest(met.valid_from, standing.valid_from) as valid_from,
    least(met.valid_to, standing.valid_to) as valid_to, met.basis, standing.status, standing.owner_id, standing.team_id, source_id,
    campaign_id, customer_id, coalesce(product_ids, []) as product_ids, coalesce(product_mask, 0) as product_mask, due_on, met.amount,
    met, met.amount - met as open, met_on
from operational.instalment_interval as met
join operational.contract_standing as standing
    on standing.contract_id = met.contract_id
    and standing.basis = met.basis
    and standing.valid_from < met.valid_to
    and standing.valid_to > met.valid_from
join operational.contracts on contracts.id = met.contract_id
left join operational.contract_products on contract_products.contract_id = met.contract_id
