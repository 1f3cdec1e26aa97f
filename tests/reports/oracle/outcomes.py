"""How opportunities ended, told from the books: the last closing that stands, a win by its contract; and what is still followed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm.vocabulary import Kind, OpportunityStatus
from tests.reports.oracle import facts, standing
from tests.reports.oracle.books import Books, Row
from tests.reports.oracle.coins import ZERO
from tests.reports.oracle.facts import ONE, Fact
from tests.reports.oracle.standing import Closing
from tests.reports.oracle.windows import Window


@dataclass(frozen=True)
class Ending:
    """On which day an opportunity ended, and how much was at stake or won."""

    day: date
    amount: Decimal


def ending(books: Books, row: Row, closed: Closing, at: Window) -> Ending:
    """A win has its valid contract's date and amount; what has no contract, the closing's own."""
    if closed.act.status is OpportunityStatus.WON:
        for contract in books.contracts_of[row.id]:
            stood = standing.contract(books, contract, at)
            if stood and stood.valid:
                return Ending(contract.signed_on, stood.amount)
    return Ending(closed.act.day, closed.act.amount or ZERO)


def endings(books: Books, at: Window) -> Iterator[Fact]:
    """Opportunities that ended in the period, at whose they were then."""
    for row in books.opportunities:
        closed = standing.closing(books, row, at)
        if not closed:
            continue
        ended, word = ending(books, row, closed, at), closed.act.status.value
        if not at.holds(ended.day):
            continue
        place = facts.opportunity_place(row, closed.act) | {"stage": closed.stage, "month": ended.day.replace(day=1)}
        adds, cycle = {f"{word}_count": ONE, f"{word}_amount": ended.amount}, ()
        if closed.act.status is OpportunityStatus.WON:
            cycle = ((ended.day - row.created_on).days,)
            adds["cycle_days"] = Decimal(cycle[0])
        yield Fact(Kind.OPPORTUNITY, place, adds, facts.contained(books, row, at), cycle)
