"""What was planned to come in and what of it did, told from the books: instalment by instalment, at the contract's carer."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from crm.vocabulary import ContractStatus, Kind
from tests.reports.oracle import facts, standing
from tests.reports.oracle.books import Books, Row
from tests.reports.oracle.coins import ZERO, Planned, replay
from tests.reports.oracle.facts import Fact
from tests.reports.oracle.windows import Window


def instalments(books: Books, at: Window) -> Iterator[Fact]:
    """The instalments of all contracts that stand; what is late or still to come, of those in progress."""
    for row in books.contracts:
        stood = standing.contract(books, row, at)
        if not stood or not stood.valid:
            continue
        place = facts.contract_place(row) | {"team": stood.team, "rep": stood.carer}
        products = facts.products_of(books.contract_lines[row.id])
        running = stood.status is ContractStatus.IN_PROGRESS
        full = full_since(books, row, at) if running else {}
        for planned, met in met_by(books, row, at):
            adds, most, least = planned_amounts(planned, met, at), {}, {}
            if running:
                # What is overdue, and for how long, is told with the contract's account (facts.in_progress).
                adds["not_yet_due"] = planned.amount - met if planned.due_on >= at.state else ZERO
                least = {"next_due_on": planned.due_on} if awaits(planned, met, at) else {}
                late = (full.get(planned.no, at.state) - planned.due_on).days
                most = {"days_late": Decimal(late)} if late > 0 else {}
            where = place | {"month": planned.due_on.replace(day=1)}
            yield Fact(Kind.PAYMENT_PLAN, where, adds, products, most=most, least=least)


def receipts(books: Books, at: Window) -> Iterator[Fact]:
    """What came in during the period and what went back, at the contract's signer."""
    for row in books.contracts:
        place = facts.contract_place(row) | {"team": row.signer_team_id, "rep": row.signer_id}
        for coin in standing.coins(books, row.id, at):
            if at.holds(coin.day):
                where = place | {"month": coin.day.replace(day=1)}
                yield Fact(Kind.RECEIPT, where, {"received_amount": coin.amount}, facts.products_of(books.contract_lines[row.id]))


def met_by(books: Books, row: Row, at: Window) -> list[tuple[Planned, Decimal]]:
    """Each instalment of the plan in force, and what receipts have met of it."""
    plan = standing.plan(books, row.id, at)
    purse = replay(plan, standing.coins(books, row.id, at))
    return [(planned, planned.amount - purse.open(planned)) for planned in plan]


def planned_amounts(planned: Planned, met: Decimal, at: Window) -> dict[str, Decimal]:
    """What was due in the period, and what of it has come."""
    inside = at.first <= planned.due_on <= at.last
    return {"due_in_period": planned.amount, "met_in_period": met} if inside else {}


def awaits(planned: Planned, met: Decimal, at: Window) -> bool:
    """Whether an instalment is still to come."""
    return planned.due_on >= at.state and met < planned.amount


def full_since(books: Books, row: Row, at: Window) -> dict[int, date]:
    """Since when nothing is missing of each instalment, by its number; those of which something is missing are not there.

    By the days on which plans began and money came in, as far as that was known: as the page said it on that day.
    """
    plans = [plan for plan in books.plans[row.id] if not plan.proposed and at.sees(plan.day, plan.recorded_on)]
    coins = standing.coins(books, row.id, at)
    full: dict[int, date] = {}
    for day in sorted({*(plan.day for plan in plans), *(coin.day for coin in coins)}):
        in_force = max((plan for plan in plans if plan.day <= day), key=lambda plan: plan.revision, default=None)
        asked = [Planned(line.no, line.due_on, line.amount) for line in books.instalments[in_force.id]] if in_force else []
        purse = replay(asked, [coin for coin in coins if coin.day <= day])
        full = {line.no: full.get(line.no, day) for line in asked if purse.open(line) <= ZERO}
    return full
