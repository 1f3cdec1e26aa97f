"""What counts in a report, one by one: each fact with the unit it is credited to, and what it adds to which measure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from crm.vocabulary import ContractStatus, Kind, OpportunityStatus
from tests.reports.oracle import standing
from tests.reports.oracle.books import Books, Row
from tests.reports.oracle.coins import ZERO
from tests.reports.oracle.standing import half_up
from tests.reports.oracle.windows import Window

ONE = Decimal(1)
RECEIVABLES = ("due_amount", "overdue_amount", "ageing_1_30", "ageing_31_60", "ageing_61_90", "ageing_over_90")


@dataclass(frozen=True)
class Fact:
    """Something that counts: `at` has its dimensions (team and rep, whose it is), `adds` what it adds to each measure; of `most` the
    largest is the measure, of `least` the smallest."""

    kind: Kind
    at: dict[str, Any]
    adds: dict[str, Decimal]
    products: frozenset[int] = frozenset()
    days: tuple[int, ...] = field(default=())
    most: dict[str, Any] = field(default_factory=dict)
    least: dict[str, Any] = field(default_factory=dict)
    once: int | None = None
    """Of what stands in several rows, that which the total counts once."""

    def narrowed(self, name: str, chosen: tuple[int, ...]) -> bool:
        """Whether a filter lets it through; a fact with several products contains each of them."""
        return bool(self.products & set(chosen)) if name == "product" else self.at.get(name) in chosen


def contract_place(row: Row) -> dict[str, Any]:
    """Where a contract's facts belong, but for the person."""
    return {"source": row.source_id, "campaign": row.campaign_id, "customer": row.customer_id, "contract": row.id}


def products_of(lines: list[Row]) -> frozenset[int]:
    """The products that a record contains."""
    return frozenset(line.product_id for line in lines)


def contained(books: Books, row: Row, at: Window) -> frozenset[int]:
    """The products that an opportunity contained at the end of the state day: deeds are filtered by them too."""
    return products_of(standing.opportunity_lines(books, row.id, at))


def signings(books: Books, at: Window) -> Iterator[Fact]:
    """Valid contracts signed in the period, credited to the signer."""
    for row in books.contracts:
        stood = standing.contract(books, row, at)
        if stood and stood.valid and at.holds(row.signed_on):
            place = contract_place(row) | {"team": row.signer_team_id, "rep": row.signer_id, "month": row.signed_on.replace(day=1)}
            adds = {"signed_count": ONE, "signed_amount": stood.amount}
            yield Fact(Kind.CONTRACT, place, adds, products_of(books.contract_lines[row.id]))


def opportunity_place(row: Row, act: Row) -> dict[str, Any]:
    """Where an opportunity's facts belong: the holder after that act."""
    return {
        "team": act.team_id, "rep": act.owner_id, "source": row.source_id, "campaign": row.campaign_id, "customer": row.customer_id,
        "stage": act.stage_id,
    }  # fmt: skip


def open_ones(books: Books, at: Window) -> Iterator[Fact]:
    """Opportunities that were followed at the end of the state day."""
    for row in books.opportunities:
        act = standing.opportunity(books, row, at)
        if not act or act.status is not OpportunityStatus.FOLLOWING:
            continue
        amount = act.amount or ZERO
        weighted = half_up(amount * standing.probability(books, act.stage_id, at.state))
        expected: date | None = act.expected_close_on
        adds = {"open_count": ONE, "open_amount": amount, "weighted_amount": weighted}
        if expected and at.state < expected and at.first <= expected <= at.last:
            adds["weighted_inside_amount"] = weighted
        if expected and expected < at.state:
            adds |= {"slipped_count": ONE, "slipped_amount": amount}
        yield Fact(Kind.OPPORTUNITY, opportunity_place(row, act), adds, contained(books, row, at))


def closings(books: Books, at: Window) -> Iterator[Fact]:
    """Opportunities whose last closing stands at the end of the state day and lies in the period."""
    for row in books.opportunities:
        closed = standing.closing(books, row, at)
        if not closed or not at.holds(closed.act.day):
            continue
        act, amount = closed.act, closed.act.amount or ZERO
        place = opportunity_place(row, act) | {"stage": closed.stage, "month": act.day.replace(day=1), "opportunity": row.id}
        adds = {"won_count": ONE}
        if act.status is not OpportunityStatus.WON:
            word = act.status.value
            place |= {"reason": act.loss_reason_id, "competitor": act.loss_competitor_id, "status": ("lost", "stopped").index(word) + 1}
            adds = {f"{word}_count": ONE, f"{word}_amount": amount, "not_won_count": ONE, "not_won_amount": amount}
        yield Fact(Kind.OPPORTUNITY, place, adds, contained(books, row, at))


def closing_lines(books: Books, at: Window) -> Iterator[Fact]:
    """Lost and stopped ones by product: each counts in the row of every product it contains, its amount split by its lines."""
    for fact in closings(books, at):
        if "not_won_count" not in fact.adds:
            continue
        for product, part in split(standing.opportunity_lines(books, fact.at["opportunity"], at), fact.adds["not_won_amount"]):
            word = "lost" if "lost_count" in fact.adds else "stopped"
            adds = {"not_won_count": ONE, "not_won_amount": part, f"{word}_amount": part}
            yield Fact(fact.kind, fact.at | {"product": product}, adds, fact.products)


def split(lines: list[Row], amount: Decimal) -> Iterator[tuple[int | None, Decimal]]:
    """An amount by product: in proportion to the lines, the cents left over on the largest; alike where no line has an amount."""
    weights = {line.product_id: line.amount or ZERO for line in lines}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, ONE)
    total = sum(weights.values())
    parts = {product: (amount * weight / total).quantize(standing.CENT, ROUND_DOWN) for product, weight in weights.items()}
    if parts:
        largest = min(parts, key=lambda product: (-weights[product], product))
        parts[largest] += amount - sum(parts.values())
    yield from parts.items() if parts else [(None, amount)]


def lead_place(row: Row) -> dict[str, Any]:
    """Where a lead's facts belong: whom it came to."""
    return {
        "team": row.arrival_team_id, "rep": row.arrival_owner_id, "source": row.source_id, "campaign": row.campaign_id,
        "product": row.product_id, "month": row.arrived_on.replace(day=1), "customer": row.customer_id,
    }  # fmt: skip


def interest(row: Row) -> frozenset[int]:
    """The product that a lead or campaign is about."""
    return frozenset({row.product_id}) if row.product_id else frozenset()


def conversions(books: Books, at: Window) -> Iterator[Fact]:
    """Leads converted in the period, whenever they arrived."""
    for row in books.leads:
        if row.converted_on and at.holds(row.converted_on):
            yield Fact(Kind.LEAD, lead_place(row), {"conversions": ONE}, interest(row))


def leads(books: Books, at: Window) -> Iterator[Fact]:
    """Leads that arrived in the period, with what became of each, credited to whom they came to."""
    for row in books.leads:
        if not at.holds(row.arrived_on):
            continue
        place, products = lead_place(row), interest(row)
        state, days = lead_state(row, at.state)
        yield Fact(Kind.LEAD, place, {"leads": ONE, state: ONE}, products, days)
        became = cohort(books, row.id, at)
        if any(became.values()):
            yield Fact(Kind.CONTRACT, place, became, products)


def lead_state(row: Row, day: date) -> tuple[str, tuple[int, ...]]:
    """A lead's state at the end of a day; of a converted one, the days from arrival to conversion."""
    if row.converted_on and row.converted_on <= day:
        return "converted", ((row.converted_on - row.arrived_on).days,)
    if row.failed_on and row.failed_on <= day:
        return "failed", ()
    if row.first_handled_on and row.first_handled_on <= day:
        return "working", ()
    return "unprocessed", ()


def cohort(books: Books, lead_id: int, at: Window) -> dict[str, Decimal]:
    """What became of the opportunity that the lead itself created, up to the state day."""
    won, signed, received = Decimal(0), ZERO, ZERO
    for opportunity in books.created_by_lead[lead_id]:
        closed = standing.closing(books, opportunity, at)
        won += closed is not None and closed.act.status is OpportunityStatus.WON
        for row in books.contracts_of[opportunity.id]:
            stood = standing.contract(books, row, at)
            if stood and stood.valid:
                signed += stood.amount
                received += standing.received(books, row.id, at)
    return {"cohort_won_count": won, "cohort_signed_amount": signed, "cohort_received_amount": received}


def campaign_costs(books: Books, at: Window) -> Iterator[Fact]:
    """What campaigns cost, for those of their days that lie in the period and not after the state day."""
    for row in books.campaigns:
        last = min(row.until_on, at.last, at.state)
        days = (last - max(row.from_on, at.first)).days + 1
        if days > 0:
            cost = half_up(row.cost * days / ((row.until_on - row.from_on).days + 1))
            yield Fact(Kind.SOURCE, {"source": row.source_id, "campaign": row.id}, {"campaign_cost": cost}, interest(row))


def in_progress(books: Books, at: Window) -> Iterator[Fact]:
    """Contracts in progress at the end of the state day, with their money, at their carer's."""
    for row in books.contracts:
        stood = standing.contract(books, row, at)
        if not stood or stood.status is not ContractStatus.IN_PROGRESS:
            continue
        place = contract_place(row) | {"team": stood.team, "rep": stood.carer}
        products = products_of(books.contract_lines[row.id])
        received = standing.received(books, row.id, at)
        adds = {
            "contract_count": ONE, "contract_amount": stood.amount, "received_to_date": received,
            "outstanding_amount": max(stood.amount - received, ZERO), "prepaid_amount": max(received - stood.amount, ZERO),
            "without_plan": Decimal(not standing.plan(books, row.id, at)),
        }  # fmt: skip
        yield Fact(Kind.CONTRACT, place, adds, products)
        yield Fact(Kind.PAYMENT_PLAN, place, receivables(books, row.id, at), products)
        for category, amount in standing.spent(books, row.id, at).items():
            adds = {"cost_amount": amount, f"cost_amount_{category}": amount}
            yield Fact(Kind.COST, place | {"cost_category": category}, adds, products)


def receivables(books: Books, contract_id: int, at: Window) -> dict[str, Decimal]:
    """What is due, and what of it is overdue for how long."""
    found = dict.fromkeys(RECEIVABLES, ZERO)
    for _no, due_on, amount, open_part in standing.unpaid(books, contract_id, at):
        late = (at.state - due_on).days
        if late >= 0:
            found["due_amount"] += amount
        if late > 0:
            found["overdue_amount"] += open_part
            found[bucket(late)] += open_part
    return found


def bucket(days: int) -> str:
    """The ageing column for so many days past due."""
    for most, key in ((30, "ageing_1_30"), (60, "ageing_31_60"), (90, "ageing_61_90")):
        if days <= most:
            return key
    return "ageing_over_90"
