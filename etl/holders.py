"""Whose rows of a record may be anywhere in the warehouse: everybody to whom an operational row of it was ever credited.

A step makes only those relations of a record anew that a change can alter; who has rows of it in the others would else stay unknown.
Whatever the marts credit, they take from one of these columns (tests/etl/test_catalog.py holds them to it).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Connection, bindparam, select, union

from crm.models import Contract, ContractHistory, FollowUp, Lead, Opportunity, OpportunityHistory
from etl.operational import IDS_AT_A_TIME


class Held(NamedTuple):
    """A record, by what relations call its id, and a person and team that had to do with it."""

    key: str
    id: int
    owner_id: int | None
    team_id: int | None


def of(connection: Connection, touched: Mapping[str, Sequence[int]]) -> Iterator[Held]:
    """Everybody of the touched opportunities and contracts."""
    for key, statement, ids in (
        ("opportunity_id", _of_opportunities(), touched.get("deal", ())),
        ("contract_id", _of_contracts(), touched.get("contract", ())),
    ):
        for start in range(0, len(ids), IDS_AT_A_TIME):
            for row in connection.execute(statement, {"ids": ids[start : start + IDS_AT_A_TIME]}):
                yield Held(key, *row)


@cache
def _of_opportunities() -> CompoundSelect[Any]:
    """Its holders, its writers, who signed its contract, at whom its lead arrived."""
    ids = bindparam("ids", expanding=True)
    credited = (
        select(Opportunity.id, Opportunity.owner_id, Opportunity.team_id),
        select(Opportunity.id, Opportunity.first_owner_id, Opportunity.first_team_id),
        select(Opportunity.id, Lead.arrival_owner_id, Lead.arrival_team_id).join(Lead, Lead.id == Opportunity.lead_id),
        select(Opportunity.id, OpportunityHistory.owner_id, OpportunityHistory.team_id).join(
            OpportunityHistory, OpportunityHistory.opportunity_id == Opportunity.id
        ),
        select(Opportunity.id, FollowUp.by_id, FollowUp.team_id).join(FollowUp, FollowUp.opportunity_id == Opportunity.id),
        select(Opportunity.id, Contract.signer_id, Contract.signer_team_id).join(Contract, Contract.opportunity_id == Opportunity.id),
    )
    return union(*(each.where(Opportunity.id.in_(ids)) for each in credited))


@cache
def _of_contracts() -> CompoundSelect[Any]:
    """Its signer and everybody who cared for it."""
    ids = bindparam("ids", expanding=True)
    credited = (
        select(Contract.id, Contract.owner_id, Contract.team_id),
        select(Contract.id, Contract.signer_id, Contract.signer_team_id),
        select(Contract.id, ContractHistory.owner_id, ContractHistory.team_id).join(
            ContractHistory, ContractHistory.contract_id == Contract.id
        ),
    )
    return union(*(each.where(Contract.id.in_(ids)) for each in credited))
