-- signed_line: signed, split by product; one row without a product where the contract states no lines.
-- check: sums to signed, per contract, basis and valid_from.
with
    parts as (
        select contract_id, product_id, contract_lines.amount, total as whole
        from operational.contract_lines
        join operational.contract_products using (contract_id)
        union all
        select contract_id, product_id, amount, whole
        from operational.apportioned
    )

select
    signed.contract_id, product_id, day, valid_from, valid_to, basis, owner_id, team_id, source_id, campaign_id, customer_id, product_ids,
    product_mask, coalesce(parts.amount, signed.amount) as amount
from mart.signed
semi join operational.contracts on contracts.id = signed.contract_id
left join parts on parts.contract_id = signed.contract_id and parts.whole = signed.amount
