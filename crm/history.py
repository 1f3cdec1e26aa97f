"""What changed on an opportunity and on a contract, when, by whom: the lines that the as-of view reads. Every verb calls this.

A line keeps how the record stands after the act. `day` is the business date on which the change holds, `recorded_on` the one on
which it was written down: a report as of a day sees it from the later of the two on.
"""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm import clock
from crm.models import Contract, ContractHistory, Opportunity, OpportunityHistory
from crm.scope import Actor
from crm.vocabulary import ContractAct, OpportunityAct


def record(
    session: Session, opportunity: Opportunity, act: OpportunityAct, actor: Actor | None, day: date, recorded_on: date
) -> OpportunityHistory:
    """Keep how the opportunity stands now as the next line of its history."""
    session.flush()
    line = OpportunityHistory(
        opportunity_id=opportunity.id,
        seq=_next(session, OpportunityHistory.seq, OpportunityHistory.opportunity_id, opportunity.id),
        act=act,
        at=clock.now(),
        day=day,
        recorded_on=recorded_on,
        by_id=actor.user_id if actor else None,
        status=opportunity.status,
        stage_id=opportunity.stage_id,
        owner_id=opportunity.owner_id,
        team_id=opportunity.team_id,
        amount=opportunity.expected_amount,
        expected_close_on=opportunity.expected_close_on,
        loss_reason_id=opportunity.loss_reason_id,
        loss_competitor_id=opportunity.loss_competitor_id,
    )
    session.add(line)
    session.flush()
    return line


def record_contract(
    session: Session, contract: Contract, act: ContractAct, actor: Actor | None, day: date, recorded_on: date, reason: str = ""
) -> ContractHistory:
    """Keep how the contract stands now as the next line of its history."""
    session.flush()
    line = ContractHistory(
        contract_id=contract.id,
        seq=_next(session, ContractHistory.seq, ContractHistory.contract_id, contract.id),
        act=act,
        at=clock.now(),
        day=day,
        recorded_on=recorded_on,
        by_id=actor.user_id if actor else None,
        status=contract.status,
        amount=contract.amount,
        owner_id=contract.owner_id,
        team_id=contract.team_id,
        reason=reason,
    )
    session.add(line)
    session.flush()
    return line


def _next(session: Session, seq: InstrumentedAttribute[int], of: InstrumentedAttribute[int], record_id: int) -> int:
    return (session.scalar(select(func.max(seq)).where(of == record_id)) or 0) + 1
