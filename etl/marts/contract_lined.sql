-- contract_lined: of contracts whose lines changed, one row per basis and stretch of days with the same lines: those since the act since_seq.
-- What happened before the first of its days had the lines of that day.
with
    stretches as (
        select distinct contract_id, since_seq, until_seq
        from operational.contract_line_then
        where since_seq > 0
    ),

    stood as (
        select state.contract_id, basis, since_seq, min(valid_from) as valid_from, max(valid_to) as valid_to
        from operational.contract_state as state
        join stretches on stretches.contract_id = state.contract_id and lines_seq >= since_seq and lines_seq < until_seq
        group by all
    )

select
    contract_id, basis, since_seq,
    case when row_number() over (partition by contract_id, basis order by valid_from) = 1 then date '0001-01-01' else valid_from end as valid_from,
    valid_to
from stood
