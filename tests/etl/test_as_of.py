"""A past day as it stood then: held against a replay that only reads what had been written down by the end of it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from crm.db import reading, transaction
from crm.models import Contract, ContractHistory, Cost, Instalment, OpportunityHistory, PaymentPlan, Receipt, ReceiptInstalment
from crm.money import cents, from_cents
from crm.rules import instalments as rule
from crm.vocabulary import ContractStatus, OpportunityStatus
from etl.store import Store
from tests import people
from tests.etl.deeds import ACTS, SPRING
from tests.etl.warehouse import at, built, rows

DAYS = [SPRING + timedelta(days=day) for day in range(0, 75, 5)]
AS_IT_STOOD = 2


@pytest.fixture(params=[11, 12])
def spring(request, sqlite_url, tmp_path):
    """A company after some hundred acts of that spring, and its warehouse."""
    engine = people.company(sqlite_url)
    chance = Random(request.param)
    for _ in range(150):
        with transaction(engine) as session:
            chance.choice(ACTS)(session, chance)
    with built(engine, tmp_path) as store, reading(engine) as session:
        yield session, store
    engine.dispose()


def known(facts: Iterable[Any], day: date, dated: str = "day") -> list[Any]:
    """The facts dated up to `day` and written down by then."""
    return [fact for fact in facts if max(getattr(fact, dated), fact.recorded_on) <= day]


def latest(lines: Iterable[Any], record: str) -> dict[int, Any]:
    """By record, the last line of its history."""
    return {getattr(line, record): line for line in sorted(lines, key=lambda line: line.seq)}


def then(store: Store, columns: str, relation: str, day: date) -> list[tuple[Any, ...]]:
    return rows(store, f"select {columns} from mart.{relation} where {at(day, AS_IT_STOOD)} order by all")


def test_open_opportunities(spring):
    session, store = spring
    history = session.scalars(select(OpportunityHistory)).all()
    for day in DAYS:
        replayed = latest(known(history, day), "opportunity_id")
        assert then(store, "opportunity_id, stage_id, owner_id, amount", "open_then", day) == sorted(
            (number, line.stage_id, line.owner_id, line.amount or 0)
            for number, line in replayed.items()
            if line.status is OpportunityStatus.FOLLOWING
        )


def test_signed_amounts_carers_and_money(spring):
    session, store = spring
    history = session.scalars(select(ContractHistory)).all()
    receipts, costs = session.scalars(select(Receipt)).all(), session.scalars(select(Cost)).all()
    for day in DAYS:
        standing = {
            number: line for number, line in latest(known(history, day), "contract_id").items() if line.status is not ContractStatus.VOIDED
        }
        received, spent = counting(known(receipts, day, "received_on"), day), counting(known(costs, day, "paid_on"), day)
        assert then(store, "contract_id, amount", "signed", day) == sorted((number, line.amount) for number, line in standing.items())
        assert then(store, "contract_id, amount, status, owner_id, received, cost", "balance", day) == sorted(
            (number, line.amount, line.status.value, line.owner_id, received[number], spent[number]) for number, line in standing.items()
        )


def counting(facts: Iterable[Any], day: date) -> defaultdict[int, Any]:
    """By contract, the sum of what is not cancelled by the end of `day`."""
    sums: defaultdict[int, Any] = defaultdict(int)
    for fact in facts:
        if fact.cancelled_on is None or fact.cancelled_on > day:
            sums[fact.contract_id] += fact.amount
    return sums


def test_instalments_by_the_rule_over_what_was_known(spring):
    session, store = spring
    contracts = {
        contract.id: (plans_of(session, contract), receipts_of(session, contract)) for contract in session.scalars(select(Contract))
    }
    for day in DAYS:
        standing = {number for (number,) in then(store, "contract_id", "balance", day)}
        assert then(store, "contract_id, no, amount, met", "instalment_state", day) == sorted(
            row for number in standing for row in replayed(number, *contracts[number], day)
        )


def replayed(number: int, plans: list[Any], receipts: list[Any], day: date) -> list[tuple[Any, ...]]:
    """The instalments of a contract, by the newest plan and the receipts known at the end of `day`, as if there were nothing else."""
    seen = sorted(known(plans, day), key=lambda plan: plan.revision)
    if not seen:
        return []
    parts = tuple(rule.Instalment(part.no, part.due_on, cents(part.amount)) for part in seen[-1].parts)
    money = [
        rule.Receipt(receipt.id, receipt.received_on, cents(receipt.amount), receipt.nos)
        for receipt in known(receipts, day, "received_on")
        if receipt.cancelled_on is None or receipt.cancelled_on > day
    ]
    met = rule.met_as_of(rule.allocate([rule.Plan(1, date.min, parts)], money), day)
    return [(number, part.no, from_cents(part.amount), from_cents(met.get(part.no, 0))) for part in parts]


def plans_of(session, contract: Contract) -> list[Any]:
    plans = session.scalars(select(PaymentPlan).where(PaymentPlan.contract_id == contract.id, ~PaymentPlan.proposed)).all()
    for plan in plans:
        plan.parts = session.scalars(select(Instalment).where(Instalment.plan_id == plan.id)).all()
    return list(plans)


def receipts_of(session, contract: Contract) -> list[Any]:
    receipts = session.scalars(select(Receipt).where(Receipt.contract_id == contract.id)).all()
    for receipt in receipts:
        receipt.nos = tuple(session.scalars(select(ReceiptInstalment.no).where(ReceiptInstalment.receipt_id == receipt.id)))
    return list(receipts)
