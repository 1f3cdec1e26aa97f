-- received: one row per receipt or refund, a deed of the contract's signer on the day of the money.
-- check: the amounts that hold today sum to the receipts that are not cancelled, to the cent.
with
    views as (
        select *, 0::utinyint as basis, received_on as valid_from, date '9999-12-31' as valid_to
        from operational.receipts
        where cancelled_on is null and recorded_on <= received_on
        union all
        select *, 1::utinyint, received_on, date '9999-12-31'
        from operational.receipts
        where cancelled_on is null and recorded_on > received_on
        union all
        select *, 2::utinyint, greatest(received_on, recorded_on), coalesce(cancelled_on, date '9999-12-31')
        from operational.receipts
        where cancelled_on > greatest(received_on, recorded_on) or (cancelled_on is null and recorded_on > received_on)
    )

select
    views.id as receipt_id, views.contract_id, opportunity_id, received_on as day, valid_from, valid_to, basis, signer_id as owner_id,
    signer_team_id as team_id, source_id, campaign_id, customer_id, coalesce(product_ids, []) as product_ids,
    coalesce(product_mask, 0) as product_mask, views.amount
from views
join operational.contracts on contracts.id = views.contract_id
left join operational.contract_products on contract_products.contract_id = views.contract_id
