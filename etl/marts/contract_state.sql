-- contract_state: one row per contract, basis and stretch of days on which its status, amount and carer stood; seq: the last act, or by
-- business dates the one that gave it this amount.
-- Where something was written down after its day (a signing, an amendment), the two views differ; and by business dates an act then
-- says only what it changed: an amendment dated back before a hand-over gives the new amount to the days of the carer of that time.
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
        select history.*, 2::utinyint, greatest(day, recorded_on)
        from operational.contract_history as history
        semi join backdated using (contract_id)
    ),

    outlived as (
        select
            contract_id, basis, seq, since, status, amount, owner_id, team_id,
            coalesce(
                min(since) over (partition by contract_id, basis order by seq rows between 1 following and unbounded following),
                date '9999-12-31'
            ) as until
        from told
    ),

    acts as (
        select
            contract_id, seq, day as since, status, amount, {owner_id: owner_id, team_id: team_id} as carer,
            status is distinct from lag(status) over earlier as ends,
            recorded_on > day or amount is distinct from lag(amount) over earlier as amends,
            seq = 1 or (owner_id, team_id) is distinct from (lag(owner_id) over earlier, lag(team_id) over earlier) as hands_over
        from operational.contract_history
        semi join backdated using (contract_id)
        window earlier as (partition by contract_id order by seq)
    ),

    stood as (
        select
            days.contract_id, days.since,
            arg_max(status, seq) filter (ends) as status, arg_max(amount, seq) filter (amends) as amount,
            max(seq) filter (amends) as seq, arg_max(carer, seq) filter (hands_over) as carer
        from (select distinct contract_id, since from acts) as days
        join acts on acts.contract_id = days.contract_id and acts.since <= days.since
        group by days.contract_id, days.since
    )

select contract_id, basis, seq, since as valid_from, until as valid_to, status, amount, owner_id, team_id
from outlived
where since < until
union all
select
    contract_id, 1::utinyint, seq, since, lead(since, 1, date '9999-12-31') over days, status, amount, carer.owner_id, carer.team_id
from stood
window days as (partition by contract_id order by since)
