"""How long a commit takes to be in the reports: many small changes through the verbs, each followed until the warehouse has it."""

import time
from datetime import timedelta

from sqlalchemy import Engine, select

from crm import clock
from crm.db import reading, transaction
from crm.models import Opportunity
from crm.scope import Actor
from crm.services import opportunities
from crm.vocabulary import OpportunityStatus
from dashboard.live import Live
from etl.changes import latest
from scripts.bench.bars import Bars, median, p95

COMMITS = 60


def measure(engine: Engine, live: Live, actor: Actor, bars: Bars) -> None:
    """Follow `COMMITS` changes, one at a time."""
    with reading(engine) as session:
        open_ones = select(Opportunity.id).where(Opportunity.status == OpportunityStatus.FOLLOWING, Opportunity.owner_id.is_not(None))
        ids = list(session.scalars(open_ones.order_by(Opportunity.id.desc()).limit(COMMITS)))
    waits = [_followed(engine, live, actor, id) for id in ids]
    bars.add("commit to warehouse, p50", median(waits), 250, "ms")
    bars.add("commit to warehouse, p95", p95(waits), 250, "ms")


def _followed(engine: Engine, live: Live, actor: Actor, opportunity_id: int) -> float:
    """Milliseconds from the end of a commit until the warehouse has applied it."""
    today = clock.today("Asia/Shanghai")
    with transaction(engine) as session:
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
    start = time.perf_counter()
    live.committed()
    live.follows(latest(engine), timeout=30)
    return (time.perf_counter() - start) * 1000
