"""Competitors told from the books: opportunities that first met one in the period, and how they stood at the end of the state day."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from crm.vocabulary import CompetitionSide, Kind, OpportunityStatus
from tests.reports.oracle import facts, standing
from tests.reports.oracle.books import Books, Row
from tests.reports.oracle.coins import ZERO
from tests.reports.oracle.facts import ONE, Fact
from tests.reports.oracle.standing import half_up
from tests.reports.oracle.windows import Window

PART = {
    OpportunityStatus.WON: "encounters_won", OpportunityStatus.LOST: "encounters_lost", OpportunityStatus.STOPPED: "encounters_stopped",
    OpportunityStatus.FOLLOWING: "encounters_open",
}  # fmt: skip


def encounters(books: Books, at: Window) -> Iterator[Fact]:
    """Each opportunity once per competitor, on the day of the first record against it, at whose it was then."""
    for row in books.opportunities:
        stood = standing.opportunity(books, row, at)
        for competitor, day in first_met(books, row, at).items():
            if not stood or not at.holds(day):
                continue
            place = facts.opportunity_place(row, holder(books, row, day, at)) | {"competitor": competitor, "stage": stood.stage_id}
            adds = {"encounters": ONE, PART[stood.status]: ONE}
            if stood.status is OpportunityStatus.FOLLOWING:
                adds["at_stake_amount"] = stood.amount or ZERO
            yield Fact(Kind.OPPORTUNITY, place, adds, facts.contained(books, row, at), once=row.id)


def first_met(books: Books, row: Row, at: Window) -> dict[int, date]:
    """The day of the first record against each competitor, of those that are there."""
    days: dict[int, date] = {}
    for record in books.competition[row.id]:
        if at.sees(record.day, record.recorded_on):
            days[record.competitor_id] = min(days.get(record.competitor_id, record.day), record.day)
    return days


def holder(books: Books, row: Row, day: date, at: Window) -> Row:
    """Whose an opportunity was at the end of a day; before its first act, of that one."""
    acts = [act for act in books.opportunity_acts[row.id] if at.sees(act.day, act.recorded_on)]
    return ([act for act in acts if act.day <= day] or acts[:1])[-1]


def records(books: Books, at: Window) -> Iterator[Fact]:
    """The competition records of the period: against whom and which of our products, what they name, and their price beside ours."""
    for row in books.opportunities:
        for record in books.competition[row.id]:
            if not at.holds(record.day) or not at.sees(record.day, record.recorded_on):
                continue
            place = facts.opportunity_place(row, holder(books, row, record.day, at))
            place |= {"competitor": record.competitor_id, "product": record.our_product_id}
            products = facts.contained(books, row, at)
            adds = {"competition_records": ONE}
            ours = our_price(books, row, record, at)
            if record.their_unit_price is not None and ours is not None:
                adds |= {"priced_records": ONE, "price_differences": record.their_unit_price - ours}
            yield Fact(Kind.OPPORTUNITY, place, adds, products)
            for factor in books.factors[record.id]:
                key = "strength_count" if factor.side is CompetitionSide.STRENGTH else "weakness_count"
                yield Fact(Kind.OPPORTUNITY, place | {"factor": factor.factor_id}, {key: ONE}, products)


def our_price(books: Books, row: Row, record: Row, at: Window) -> Decimal | None:
    """Our unit price, after discount, of the product in the latest quote that was put forward by the state day: a draft is no offer yet."""
    quotes = [quote for quote in books.quotes[row.id] if quote.submitted_on and quote.submitted_on <= at.state]
    if not quotes:
        return None
    latest = max(quotes, key=lambda quote: quote.revision)
    for line in books.quote_lines[latest.id]:
        if line.product_id == record.our_product_id:
            return half_up(line.unit_price * (10_000 - line.discount_bp) / 10_000)
    return None
