-- signed: one row per contract and amount, a deed of the signer on the day of signing, until the amendment or the void.
-- check: unique by contract, basis, valid_from; the amounts that hold today sum to those of the valid contracts, to the cent.
with
    stood as (
        select
            *,
            valid_from is distinct from lag(valid_to) over (partition by contract_id, basis order by valid_from)
            or amount is distinct from lag(amount) over (partition by contract_id, basis order by valid_from) as begins
        from operational.contract_state
        where status <> 'voided'
    ),

    numbered as (
        select *, count(*) filter (begins) over (partition by contract_id, basis order by valid_from) as number
        from stood
    ),

    amounts as (
        select contract_id, basis, amount, min(valid_from) as valid_from, max(valid_to) as valid_to
        from numbered
        group by contract_id, basis, number, amount
    )

select
    amounts.contract_id, opportunity_id, signed_on as day, valid_from, valid_to, basis, signer_id as owner_id, signer_team_id as team_id,
    source_id, campaign_id, customer_id, coalesce(product_ids, []) as product_ids, coalesce(product_mask, 0) as product_mask,
    amounts.amount
from amounts
join operational.contracts on contracts.id = amounts.contract_id
left join operational.contract_products on contract_products.contract_id = amounts.contract_id
