"""How long a commit takes to be in the reports: many small acts through the verbs, each followed until the warehouse has it."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm import clock
from crm.db import reading, transaction
from crm.models import Contract, Opportunity
from crm.scope import Actor
from crm.services import opportunities, receipts
from crm.vocabulary import ContractStatus, OpportunityStatus
from dashboard.live import Live
from etl.changes import latest
from scripts.bench.bars import Bars, median, p95

COMMITS = 60
"""Edited opportunities, and as many receipts."""


def measure(engine: Engine, live: Live, head: Actor, finance: Actor, bars: Bars) -> None:
    """Follow the acts, one at a time."""
    today = clock.today("Asia/Shanghai")
    with reading(engine) as session:
        open_ones = select(Opportunity.id).where(Opportunity.status == OpportunityStatus.FOLLOWING, Opportunity.owner_id.is_not(None))
        edited = list(session.scalars(open_ones.order_by(Opportunity.id.desc()).limit(COMMITS)))
        standing = select(Contract.id).where(Contract.status == ContractStatus.IN_PROGRESS, Contract.amount > 1000)
        paid = list(session.scalars(standing.order_by(Contract.id.desc()).limit(COMMITS)))
    edits = [_followed(engine, live, lambda session, id=id: _edit(session, head, id, today)) for id in edited]
    receipts = [_followed(engine, live, lambda session, id=id: _receive(session, finance, id, today)) for id in paid]
    for what, waits in (("an opportunity edited", edits), ("a receipt", receipts)):
        bars.add(f"commit to warehouse, p50: {what}", median(waits), 250, "ms")
        bars.add(f"commit to warehouse, p95: {what}", p95(waits), 250, "ms")


def _followed(engine: Engine, live: Live, act: Callable[[Session], None]) -> float:
    """Milliseconds from the end of a commit until the warehouse has applied it."""
    with transaction(engine) as session:
        act(session)
    start = time.perf_counter()
    live.committed()
    live.follows(latest(engine), timeout=30)
    return (time.perf_counter() - start) * 1000


def _edit(session: Session, actor: Actor, opportunity_id: int, today: date) -> None:
    found = opportunities.find(session, actor, opportunity_id)
    values = opportunities.EditOpportunity(
        title=found.title,
        contact_id=found.contact_id,
        stage_id=found.stage_id,
        expected_amount=found.expected_amount,
        expected_close_on=(found.expected_close_on or today) + timedelta(days=1),
        lines=[{"product_id": line.product_id, "amount": line.amount} for line in found.lines],
    )
    opportunities.edit(session, actor, opportunity_id, values, version=found.version, today=today)


def _receive(session: Session, actor: Actor, contract_id: int, today: date) -> None:
    values = receipts.Receive(amount=Decimal("1.00"), received_on=today, is_prepayment=True)
    receipts.receive(session, actor, contract_id, values, today=today)
