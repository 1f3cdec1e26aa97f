"""What changed on an opportunity and on a contract, when, by whom: the lines that the as-of view reads. Every verb calls this.

A line of history keeps how the record stands after the act. `day` is the business date on which the change holds, `recorded_on` the one
on which it was written down: a report as of a day sees it from the later of the two on. Product lines know the acts between which they
stood; so `set_lines` comes before the act by which they changed is recorded.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm import clock
from crm.models import (
    Contract,
    ContractHistory,
    ContractLine,
    FormerContractLine,
    FormerOpportunityLine,
    Opportunity,
    OpportunityHistory,
    OpportunityLine,
)
from crm.scope import Actor
from crm.vocabulary import ContractAct, OpportunityAct


class _Kept(NamedTuple):
    """Where a record's history and its product lines are kept, and the column that names the record there."""

    history: Any
    line: Any
    former: Any
    of: str


_OPPORTUNITY = _Kept(OpportunityHistory, OpportunityLine, FormerOpportunityLine, "opportunity_id")
_CONTRACT = _Kept(ContractHistory, ContractLine, FormerContractLine, "contract_id")


def record(
    session: Session, opportunity: Opportunity, act: OpportunityAct, actor: Actor | None, day: date, recorded_on: date
) -> OpportunityHistory:
    """Keep how the opportunity stands now as the next line of its history."""
    line: OpportunityHistory = _keep(
        session, opportunity, act=act, by_id=actor.user_id if actor else None, day=day, recorded_on=recorded_on,
        amount=opportunity.expected_amount, stage_id=opportunity.stage_id, expected_close_on=opportunity.expected_close_on,
        loss_reason_id=opportunity.loss_reason_id, loss_competitor_id=opportunity.loss_competitor_id,
    )  # fmt: skip
    return line


def record_contract(
    session: Session, contract: Contract, act: ContractAct, actor: Actor | None, day: date, recorded_on: date, reason: str = ""
) -> ContractHistory:
    """Keep how the contract stands now as the next line of its history."""
    line: ContractHistory = _keep(
        session, contract, act=act, by_id=actor.user_id if actor else None, day=day, recorded_on=recorded_on,
        amount=contract.amount, reason=reason,
    )  # fmt: skip
    return line


def set_lines(session: Session, record: Opportunity | Contract, wanted: Mapping[int, Decimal | None]) -> bool:
    """Give the record these lines (amounts by product) from the act on that is recorded next. Whether that changes anything.

    What a line said before is kept until that act. The record's lines must be loaded.
    """
    kept, lines = _kept(record), list[Any](record.lines)
    changed = [line for line in lines if line.product_id not in wanted or line.amount != wanted[line.product_id]]
    added = [product_id for product_id in wanted if product_id not in {line.product_id for line in lines}]
    if not changed and not added:
        return False
    seq = _next(session, record)
    for line in changed:
        before = {"product_id": line.product_id, "amount": line.amount, "since_seq": line.since_seq, "until_seq": seq}
        session.add(kept.former(**{kept.of: record.id}, **before))
        if line.product_id in wanted:
            line.amount, line.since_seq = wanted[line.product_id], seq
        else:
            record.lines.remove(line)
    record.lines.extend(kept.line(product_id=product_id, amount=wanted[product_id], since_seq=seq) for product_id in added)
    return True


def _kept(record: Opportunity | Contract) -> _Kept:
    return _OPPORTUNITY if isinstance(record, Opportunity) else _CONTRACT


def _keep(session: Session, record: Opportunity | Contract, **said: Any) -> Any:
    """The next line of the record's history: what both kinds of record have, and what was `said` of this act."""
    session.flush()
    kept = _kept(record)
    line = kept.history(
        seq=_next(session, record), at=clock.now(), status=record.status, owner_id=record.owner_id, team_id=record.team_id,
        **{kept.of: record.id}, **said,
    )  # fmt: skip
    session.add(line)
    session.flush()
    return line


def _next(session: Session, record: Opportunity | Contract) -> int:
    """The number of the act that is recorded next."""
    kept = _kept(record)
    with session.no_autoflush:  # a verb may be half way through its changes, which are saved together
        last = session.scalar(select(func.max(kept.history.seq)).where(getattr(kept.history, kept.of) == record.id))
    return (last or 0) + 1
