"""Ranking lists: who stands where by what they signed, and what of it those may see whose scope is not the company.

Ranks are competition ranks (1, 2, 2, 4), computed before team and rep filters, which only choose the rows shown. A person's rank in
the company goes by all that they signed, whichever team they were in; the one in a team by what they signed there.

Who does not see the whole company may still read a ranking list (the setting *ranking visible to all reps*): name, team, rank and signed
amount of everybody, for whole calendar months and without any filter but team and rep, since a list over one customer or one day gives a
single contract away. These rows come from a relation of their own, which knows nothing else; they are marked `beyond`, have no records
behind them and stand in no total. With the setting off there is the own rank number, and the rest is as far as one's scope.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any, ClassVar, NamedTuple

from crm.scope import Scope
from crm.vocabulary import Kind, Reach
from dashboard.i18n import _
from dashboard.queries.compose import Page
from dashboard.queries.dimensions import Names
from dashboard.queries.filters import Question
from dashboard.queries.measure import Measure, parts_of
from dashboard.queries.measures.signings import RANKED_AMOUNT, SIGNED_AMOUNT
from dashboard.queries.report import Table, View, gathered
from dashboard.queries.warehouse import Row, Warehouse, values_of

Cell = tuple[int | None, ...]

LEAGUE = Scope(0, reach={Kind.CONTRACT: Reach.COMPANY, Kind.TARGET: Reach.COMPANY})
"""Under which the relation `ranking` is read, and nothing else: it has names, teams and amounts, and no record."""

FREE = frozenset({"team", "rep"})
"""The filters under which everybody's ranking may still be read: they choose rows that are shown anyway."""


class Place(NamedTuple):
    """Where somebody stands; None where they have no rank, or it would tell of people whose rows are hidden."""

    in_team: int | None = None
    in_company: int | None = None


NOWHERE = Place()


# ── pure: from rows to ranks ─────────────────────────────────────────────────────────────────────────────────────────────────
def ranks(amounts: Mapping[Any, Decimal]) -> dict[Any, int]:
    """Competition ranks, the largest amount first: equal ones share a rank, and the next one counts them all."""
    found: dict[Any, int] = {}
    rank, last = 0, None
    for position, (key, amount) in enumerate(sorted(amounts.items(), key=itemgetter(1), reverse=True), 1):
        if amount != last:
            rank, last = position, amount
        found[key] = rank
    return found


def places(field: Mapping[Cell, Decimal]) -> dict[Cell, Place]:
    """The place of each team, or of each (team, rep), by the signed amounts of the whole field; who waits to be assigned has none."""
    if all(len(cell) == 1 for cell in field):
        found = ranks({cell: amount for cell, amount in field.items() if cell[0] is not None})
        return {cell: Place(None, found.get(cell)) for cell in field}
    people: dict[int, Decimal] = {}
    for (_team, rep), amount in field.items():
        if rep is not None:
            people[rep] = people.get(rep, Decimal(0)) + amount
    in_company = ranks(people)
    teams: dict[int, dict[Cell, Decimal]] = {}
    for cell, amount in field.items():
        if cell[0] is not None and cell[1] is not None:
            teams.setdefault(cell[0], {})[cell] = amount
    in_team = {cell: rank for members in teams.values() for cell, rank in ranks(members).items()}
    return {cell: Place(in_team.get(cell), in_company.get(cell[1] or 0)) for cell in field}


def moved(now: Place, before: Place | None) -> int | None:
    """By how many ranks somebody came up in the company since the compared period; below zero: went down."""
    if before is None or before.in_company is None or now.in_company is None:
        return None
    return before.in_company - now.in_company


def told(rows: Iterable[Row]) -> str:
    """That of others a ranking shows less, where it has some; else nothing."""
    if not any(row.get("beyond") for row in rows):
        return ""
    return _("Of those beyond your reach the ranking shows their places and what they signed, no other figure.")


def whole_months(question: Question) -> bool:
    """Whether only whole calendar months are asked about; the present one counts as whole, a past day only at a month's end."""
    period, until = question.period, min(question.period.last, question.today)
    if period.start.day != 1 or period.end.day != 1 or question.state < until:
        return False
    return not question.past or _ends_a_month(question.state)


def _ends_a_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Ranking(View):
    """A table of teams (`by` team) or of people (`by` team and rep), ranked by what they signed."""

    personal: ClassVar[bool] = True

    def run(
        self, scope: Scope, question: Question, warehouse: Warehouse, names: Names, page: Page | None = None, before: Question | None = None
    ) -> Table:
        """Its rows as this person may see them, with their ranks, and how far they moved since `before`."""
        standing = Standings(self.by, scope, warehouse, names)
        table = gathered(self, scope, question, warehouse, names, page)
        rows = standing.appearing(table.rows)
        by, others = table.by, standing.others(question)
        if others:
            own = dict(zip(values_of(rows, by), rows, strict=True)) if by == self.by else {}
            by = self.by
            rows = [*own.values(), *self._beyond([row for cell, row in zip(values_of(others, by), others, strict=True) if cell not in own])]
        now, then = standing.places(question, table), standing.places(before) if before else {}
        for cell, row in zip(values_of(rows, by), rows, strict=True):
            place = now.get(cell, NOWHERE)
            row["rank_in_team"], row["rank_in_company"] = place
            row["rank_movement"] = moved(place, then.get(cell))
            row["own"] = row.get("rep") == scope.user_id
        total = dict.fromkeys(table.total) if any("beyond" in row for row in rows) else table.total
        return replace(table, by=by, rows=standing.ordered(rows, by), total=total)

    def _beyond(self, rows: Sequence[Row]) -> list[Row]:
        """The rows of those out of reach: who, which team, how much, and no other figure."""
        unknown = dict.fromkeys(part.key for figure in self.figures for part in (figure, *parts_of(figure)))
        return [unknown | {name: row[name] for name in self.by} | {"signed_amount": row["ranked_amount"], "beyond": True} for row in rows]


@dataclass(frozen=True, slots=True)
class Standings:
    """Who stands where, as far as one person may know it."""

    by: tuple[str, ...]
    scope: Scope
    warehouse: Warehouse
    names: Names
    leagues: dict[Question, list[Row]] = field(default_factory=dict)
    """Everybody's rows, asked for once: places and the list itself are made of them."""

    @property
    def whole(self) -> bool:
        """Whether the person sees all signings anyway."""
        return self.scope.over(Kind.CONTRACT) is Reach.COMPANY

    def shared(self, question: Question) -> bool:
        """Whether everybody's name, team, rank and signed amount may be read."""
        return self._counted(question) and bool(self.names.settings.get("ranking_visible"))

    def _counted(self, question: Question) -> bool:
        """Whether one may know one's own rank among people whose rows are hidden."""
        if self.whole or self.scope.over(Kind.CONTRACT) is Reach.NOTHING:
            return False
        return whole_months(question) and set(question.chosen) <= FREE

    def places(self, question: Question, shown: Table | None = None) -> dict[Cell, Place]:
        """The places that the person may know; `shown` are the rows of the question, which may be the field already."""
        if self.whole and shown and shown.by == self.by and not FREE & question.chosen.keys():
            return places(_field(shown.rows, self.by, SIGNED_AMOUNT))
        if self.whole or self.shared(question):
            return places(self._everybody(question) if not self.whole else self._within(question))
        seen = {
            cell: Place(place.in_team) if cell[0] in self.scope.team_ids else NOWHERE
            for cell, place in places(self._within(question)).items()
        }
        if self._counted(question):
            seen |= {cell: place for cell, place in places(self._everybody(question)).items() if self._own(cell)}
        return seen

    def _own(self, cell: Cell) -> bool:
        """Whether a place is the person's own: theirs as a rep, or that of a team they lead."""
        return cell[1] == self.scope.user_id if len(cell) > 1 else cell[0] in self.scope.team_ids

    def _within(self, question: Question) -> dict[Cell, Decimal]:
        """What was signed within the person's scope, before team and rep filters."""
        within = View("field", SIGNED_AMOUNT.definition, self.by, (SIGNED_AMOUNT,), everyone=True)
        return _field(gathered(within, self.scope, unfiltered(question), self.warehouse, self.names).rows, self.by, SIGNED_AMOUNT)

    def _league(self, question: Question) -> list[Row]:
        asked = unfiltered(question)
        if asked not in self.leagues:
            league = View("league", RANKED_AMOUNT.definition, self.by, (RANKED_AMOUNT,), everyone=True)
            self.leagues[asked] = gathered(league, LEAGUE, asked, self.warehouse, self.names).rows
        return self.leagues[asked]

    def _everybody(self, question: Question) -> dict[Cell, Decimal]:
        return _field(self._league(question), self.by, RANKED_AMOUNT)

    def others(self, question: Question) -> list[Row]:
        """Everybody's rows that the team and rep filters let through; none where a filter speaks of parts of a row."""
        if not self.shared(question) or not set(question.chosen) <= set(self.by):
            return []
        return [row for row in self._league(question) if all(row[name] in ids for name, ids in question.chosen.items())]

    def appearing(self, rows: Sequence[Row]) -> list[Row]:
        """Who is listed: the active ones always, the others with what they signed."""
        return [row for row in rows if row["signed_amount"] or row.get("signed_count") or self.names.is_active(self.by, row)]

    def ordered(self, rows: list[Row], by: tuple[str, ...]) -> list[Row]:
        """The largest amount first, equal ones by name as it sounds; who waits to be assigned comes last."""
        self.names.label(rows, by, self.scope)
        keys = [f"{name}_key" for name in by]
        for key in keys:
            rows.sort(key=itemgetter(key))
        rows.sort(key=itemgetter("signed_amount"), reverse=True)
        assigned: list[Row] = []
        waiting: list[Row] = []
        for cell, row in zip(values_of(rows, by), rows, strict=True):
            (waiting if None in cell else assigned).append(row)
            for key in keys:
                del row[key]
            if "beyond" in row:
                row.pop("rep_login", None)
        return [*assigned, *waiting]


def _field(rows: Sequence[Row], by: Sequence[str], amount: Measure) -> dict[Cell, Decimal]:
    """What each signed, by who they are."""
    return dict(zip(values_of(rows, by), (row[amount.key] for row in rows), strict=True))


def unfiltered(question: Question) -> Question:
    """The same question about all teams and people."""
    return replace(question, chosen={name: ids for name, ids in question.chosen.items() if name not in FREE})
