-- contract_state: one row per contract, basis and act that survives, with the days on which it was the last word; as opportunity_state.
with
    backdated as (
        select distinct contract_id
        from operational.contract_history
        where recorded_on > day
    ),

    told as (
        select history.*, 0::utinyint as basis, day as since
        from operational.contract_history as history
        anti join backdated using (contract_id)
        union all
        select history.*, 1::utinyint, day
        from operational.contract_history as history
        semi join backdated using (contract_id)
        union all
        select history.*, 2::utinyint, greatest(day, recorded_on)
        from operational.contract_history as history
        semi join backdated using (contract_id)
    ),

    outlived as (
        select
            told.*,
            coalesce(
                min(since) over (partition by contract_id, basis order by seq rows between 1 following and unbounded following),
                date '9999-12-31'
            ) as until
        from told
    )

select contract_id, basis, seq, since as valid_from, until as valid_to, status, amount, owner_id, team_id
from outlived
where since < until
