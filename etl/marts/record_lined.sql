-- record_lined, for opportunities and for contracts: of those whose lines changed, one row per basis and stretch of days with the same
-- lines, which stand since the act since_seq. What happened before the first of its days had the lines of that day.
with
    stretches as (
        select distinct record_id, since_seq, until_seq
        from operational.record_line_then
        where since_seq > 0
    ),

    stood as (
        select state.record_id, basis, since_seq, min(valid_from) as valid_from, max(valid_to) as valid_to
        from operational.record_state as state
        join stretches on stretches.record_id = state.record_id and seq >= since_seq and seq < until_seq
        group by all
    )

select
    record_id, basis, since_seq,
    case row_number() over (partition by record_id, basis order by valid_from) when 1 then date '0001-01-01' else valid_from end
        as valid_from,
    valid_to
from stood
