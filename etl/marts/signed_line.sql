-- signed_line: signed, split by product as its lines stood then; one row without a product where the contract states no lines.
-- check: sums to signed, per contract and basis, on each day.
with
    parts as (
        select
            contract_id, since_seq, product_id, amount, sum(amount) over (partition by contract_id, since_seq) as whole
        from operational.contract_line_then
        where product_id is not null
        union all
        select contract_id, since_seq, product_id, amount, whole
        from operational.apportioned
    ),

    lined as (
        select
            signed.* replace (
                greatest(signed.valid_from, stretch.valid_from) as valid_from, least(signed.valid_to, stretch.valid_to) as valid_to
            ),
            coalesce(stretch.since_seq, 0) as since_seq
        from mart.signed
        semi join operational.contracts on contracts.id = signed.contract_id
        left join operational.contract_lined as stretch
            on stretch.contract_id = signed.contract_id
            and stretch.valid_from < signed.valid_to
            and stretch.valid_to > signed.valid_from
            and stretch.basis = signed.basis
    )

select
    lined.contract_id, product_id, day, valid_from, valid_to, basis, owner_id, team_id, source_id, campaign_id, customer_id, product_ids,
    product_mask, coalesce(parts.amount, lined.amount) as amount
from lined
left join parts on parts.contract_id = lined.contract_id and parts.since_seq = lined.since_seq and parts.whole = lined.amount
