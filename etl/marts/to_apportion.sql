-- to_apportion: one row per line of a contract and amount it once had that its lines of that time do not sum to: it was amended before
-- lines kept history, or by hand.
with
    stated as (
        select *, sum(amount) over (partition by contract_id, since_seq) as total
        from operational.contract_line_then
        where product_id is not null
    )

select distinct stated.contract_id, since_seq, state.amount, product_id, stated.amount as weight
from operational.contract_state as state
join stated on stated.contract_id = state.contract_id and state.seq >= since_seq and state.seq < until_seq
where status <> 'voided' and state.amount <> total
