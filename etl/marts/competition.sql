-- competition: one row per competition record and stretch of days on which the same quote was the latest and its opportunity had the same
-- products; our price is that quote's, for the product that the record names, after discount, half-up to the cent.
-- check: the rows that hold today are as many as there are competition records.
with
    offers as (
        select
            id as quote_id, opportunity_id, submitted_on as since,
            lead(submitted_on, 1, date '9999-12-31') over (partition by opportunity_id order by revision) as until
        from operational.quotes
        where submitted_on is not null
    ),

    prices as (
        select
            quote_id, product_id,
            arg_min(round(unit_price * (10000 - discount_bp) * 0.0001::decimal(5, 4), 2), position)::decimal(18, 2) as our_unit_price
        from operational.quote_lines
        group by quote_id, product_id
    ),

    begun as (
        select opportunity_id, min(since) as since
        from offers
        group by opportunity_id
    ),

    stretches as (
        select held.*, null::integer as quote_id, coalesce(begun.since, date '9999-12-31') as valid_to
        from operational.competition_held as held
        left join begun on begun.opportunity_id = held.opportunity_id
        where coalesce(begun.since, date '9999-12-31') > held.valid_from
        union all
        select held.* replace (greatest(held.valid_from, offers.since) as valid_from), offers.quote_id, offers.until
        from operational.competition_held as held
        join offers on offers.opportunity_id = held.opportunity_id and offers.until > held.valid_from and offers.since < offers.until
    )

select
    record_id, stretches.opportunity_id, competitor_id, stretches.product_id, day,
    greatest(stretches.valid_from, had.valid_from) as valid_from, least(stretches.valid_to, had.valid_to) as valid_to,
    greatest(stretches.basis, had.basis) as basis, owner_id, team_id, source_id, campaign_id, customer_id,
    coalesce(product_ids, []) as product_ids, coalesce(product_mask, 0) as product_mask, their_unit_price, our_unit_price
from stretches
left join prices on prices.quote_id = stretches.quote_id and prices.product_id = stretches.product_id
left join operational.opportunity_products as had
    on had.opportunity_id = stretches.opportunity_id
    and had.valid_from < stretches.valid_to
    and had.valid_to > stretches.valid_from
    and had.basis <> 3 - stretches.basis
