"""The reports' tables: facts that a person may see and that the filters let through, summed by cell.

What a person is not shown (marketing's small numbers, campaign costs against a few leads, a figure whose facts lack a filter's
dimension) is said here too, since it is a part of the answer.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from importlib import import_module
from statistics import median
from typing import Any

from crm.scope import Scope
from crm.vocabulary import Kind, Reach
from dashboard.queries.answers import Kept
from tests.reports.oracle import facts, outcomes, owed, pipeline, rivalry, selling
from tests.reports.oracle.aims import Aims
from tests.reports.oracle.books import Books
from tests.reports.oracle.facts import Fact
from tests.reports.oracle.sight import sees
from tests.reports.oracle.standing import half_up
from tests.reports.oracle.targets import targets
from tests.reports.oracle.windows import Window

Cell = tuple[Any, ...]
Figure = Decimal | None
ZERO = Decimal(0)
SIX = Decimal("0.000001")

Sources = tuple[Callable[[Books, Window], Iterable[Fact]], ...]

SOURCES: Mapping[str, Sources] = {
    "plan_completion": (facts.signings, facts.open_ones),
    "contracts_in_progress": (facts.in_progress,),
    "lead_conversion": (facts.leads, facts.conversions, facts.campaign_costs),
    "loss_analysis": (facts.closings,),
    "team_activity": (selling.begun, facts.signings, selling.receipts, selling.follow_ups),
    "signing_bulletin": (facts.signings,),
    "signing_bulletin by product": (selling.sold,),
    "sales_collections": (selling.receipts, selling.accounts),
    "rep_ranking": (facts.signings,),
    "loss_analysis by product": (facts.closing_lines,),
    "team_followup": (pipeline.standing_open, pipeline.follow_ups, pipeline.bridge),
    "competition": (rivalry.encounters, rivalry.records),
    "rep_outcomes": (outcomes.endings, facts.open_ones),
    "collection_progress": (facts.in_progress, owed.instalments, owed.receipts),
}


def sources(report: str) -> Sources:
    """What a report's figures are made of: as listed here, or as a later report's own test says it in `FACTS`."""
    if report in SOURCES:
        return SOURCES[report]
    found: Sources = import_module(f"tests.reports.test_{report}").FACTS
    return found


FOLDED = ("days_late", "next_due_on", "last_receipt_on")
"""Figures that are the largest or smallest of something: none over nothing."""

PLANNED = frozenset({"target_amount", "gap_amount", "completion_rate", "projected_completion"})
TARGETED = frozenset({"plan_completion", "signing_bulletin", "rep_ranking"})
"""Reports in which who has a target has a row."""
PAID = frozenset({"campaign_cost", "cost_per_lead", "cost_per_signing"})
BECAME = frozenset({"cohort_won_count", "cohort_signed_amount", "cohort_received_amount", "cost_per_signing"})
WON = frozenset({"won_count", "win_rate"})
STAGELESS = frozenset({"followup_count", "pulled_in_count", "pushed_out_count"})


def withheld(key: str, by: Collection[str], scope: Scope, chosen: Collection[str]) -> bool:
    """Whether a figure is "–": its facts lack the dimension of a filter, or it would reveal more than the person's scope."""
    if key in PLANNED and set(chosen) - {"team", "rep"}:
        return True
    if key in PAID and (scope.over(Kind.LEAD) is not Reach.COMPANY or set(chosen) - {"source", "campaign"}):
        return True
    if key in BECAME and Kind.CONTRACT in scope.aggregate and {*by, *chosen} - {"source", "campaign", "product", "month"}:
        return True
    if "stage" in chosen and (key.startswith("bridge_") or key in STAGELESS):
        return True
    return key in WON and not {"reason", "competitor", "status"}.isdisjoint(chosen)


@dataclass
class Sums:
    """What the facts of one cell come to."""

    adds: dict[str, Decimal] = field(default_factory=dict)
    days: list[int] = field(default_factory=list)
    most: dict[str, Any] = field(default_factory=dict)
    least: dict[str, Any] = field(default_factory=dict)

    def take(self, fact: Fact) -> None:
        """One more fact."""
        for key, amount in fact.adds.items():
            self.adds[key] = self[key] + amount
        self.days.extend(fact.days)
        for key, value in fact.most.items():
            self.most[key] = max(self.most.get(key, value), value)
        for key, value in fact.least.items():
            self.least[key] = min(self.least.get(key, value), value)

    def __getitem__(self, key: str) -> Decimal:
        return self.adds.get(key, ZERO)


class Figures(dict[str, Figure]):
    """The figures of one cell by measure; what nothing adds to is zero."""

    def __missing__(self, key: str) -> Figure:
        return ZERO


@dataclass
class Table:
    """Figures by cell, and of all cells together."""

    rows: dict[Cell, Figures]
    total: Figures


@dataclass
class Oracle:
    """The reports of a company, computed from its books."""

    books: Books
    today: date
    _kept: Kept = field(default_factory=lambda: Kept(32))
    """What one person asks of one report after the other table is of the same facts: so many lists of them, and targets."""

    def table(self, report: str, by: tuple[str, ...], scope: Scope, chosen: Mapping[str, tuple[int, ...]], at: Window) -> Table:
        """A report's figures by these dimensions."""
        by_product = "product" in by and f"{report} by product" in SOURCES
        cells, total = self._summed(f"{report} by product" if by_product else report, by, scope, chosen, at)
        if by_product and report == "loss_analysis":
            _, total = self._summed(report, (), scope, chosen, at)
        aims = Aims(self._kept.once(("targets", at), lambda: targets(self.books, at, self.today)), scope, chosen)
        if report in TARGETED and not by_product:
            for cell in aims.cells(by):
                cells.setdefault(cell, Sums())
        if report == "rep_ranking" and by:
            cells = {cell: sums for cell, sums in cells.items() if sums["signed_count"] or cell[-1] not in self.books.gone}
        rows = {cell: _figures(sums, aims.of(dict(zip(by, cell, strict=True)))) for cell, sums in cells.items()}
        return Table(rows, _figures(total, aims.of({})))

    def _summed(
        self, source: str, by: tuple[str, ...], scope: Scope, chosen: Mapping[str, tuple[int, ...]], at: Window
    ) -> tuple[dict[Cell, Sums], Sums]:
        cells: dict[Cell, Sums] = {}
        total, counted = Sums(), set[int | None]()
        asked = (source, at, scope, tuple(chosen.items()))
        for fact in self._kept.once(asked, lambda: self._let_through(source, scope, chosen, at)):
            cells.setdefault(tuple(fact.at.get(name) for name in by), Sums()).take(fact)
            if fact.once is None or fact.once not in counted:
                total.take(fact)
                counted.add(fact.once)
        return cells, total

    def _let_through(self, source: str, scope: Scope, chosen: Mapping[str, tuple[int, ...]], at: Window) -> list[Fact]:
        """The facts that this person sees under these filters."""
        known = self._kept.once((source, at), lambda: [fact for facts_of in sources(source) for fact in facts_of(self.books, at)])
        return [fact for fact in known if sees(scope, fact) and all(fact.narrowed(name, ids) for name, ids in chosen.items())]


def _figures(sums: Sums, target: Decimal) -> Figures:
    """Every sum, and what follows from the sums."""
    signed, received, cost = sums["signed_amount"], sums["received_to_date"], sums["cost_amount"]
    amount, spent, won, leads = sums["contract_amount"], sums["campaign_cost"], sums["won_count"], sums["leads"]
    derived = {
        "target_amount": target,
        "gap_amount": target - signed,
        "completion_rate": rate(signed, target),
        "projected_amount": signed + sums["weighted_inside_amount"],
        "projected_completion": rate(signed + sums["weighted_inside_amount"], target),
        "margin_amount": amount - cost,
        "margin_rate": rate(amount - cost, amount),
        "received_less_cost": received - cost,
        "conversion_rate": rate(sums["converted"], leads),
        "conversion_median_days": Decimal(str(median(sums.days))) if sums.days else None,
        "cost_per_lead": half_up(spent / leads) if leads else None,
        "cost_per_signing": half_up(spent / sums["cohort_won_count"]) if sums["cohort_won_count"] else None,
        "win_rate": rate(won, won + sums["lost_count"]),
        "win_rate_by_amount": rate(sums["won_amount"], sums["won_amount"] + sums["lost_amount"]),
        "cycle_median_days": Decimal(str(median(sums.days))) if sums.days else None,
        "cycle_mean_days": rate(sums["cycle_days"], won),
        "encounters_win_rate": rate(sums["encounters_won"], sums["encounters_won"] + sums["encounters_lost"]),
        "price_difference": half_up(sums["price_differences"] / sums["priced_records"]) if sums["priced_records"] else None,
        "met_rate": rate(sums["met_in_period"], sums["due_in_period"]),
    }
    return Figures(sums.adds | derived | dict.fromkeys(FOLDED) | sums.most | sums.least)


def rate(part: Decimal, whole: Decimal) -> Figure:
    """A ratio of two shown numbers, half-up to six places; none over nothing."""
    return (part / whole).quantize(SIX, ROUND_HALF_UP) if whole else None


NOTHING = _figures(Sums(), ZERO)
"""The figures of a cell without a fact."""
