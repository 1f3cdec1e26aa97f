"""Sales targets 销售计划 as a grid: a fiscal year's months × the company, its teams and their reps, each cell a target or none.

What a person may set, and what they see, is the server's word: the executive all, a lead their team's and its reps' (to set: the
reps'), a rep their own, finance all (to read). Cells are set many at once, as they are typed, pasted or copied from last year.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError, Invalid, NotFound
from crm.models import CompanySettings, SalesTarget, Team, User, UserRole
from crm.money import ZERO
from crm.scope import Actor
from crm.services import targets
from crm.services.input_types import Growth, an_amount
from crm.services.inputs import Faults, Input, field
from crm.services.reach import reaches_company, require
from crm.services.targets import SetTarget
from crm.services.users import IN_A_TEAM
from crm.vocabulary import N_, Kind, Permission, Reach, TargetUnit

MOST_CELLS = 20_000
"""Cells of one act: a year of more people than any company plans by hand."""


class TooManyCells(CrmError):
    """More cells than one act takes."""

    message = N_("At most {most} cells can be set at once.")


class NotACell(CrmError):
    """A cell that the grid does not show to this person."""

    message = N_("This cell is not part of your plan.")


class SetMeanwhile(CrmError):
    """Somebody else set the cell after this person saw it."""

    message = N_("Somebody set {amount} here meanwhile. Save once more to set yours.")


@dataclass(frozen=True, slots=True)
class Row:
    """The company, a team or a rep, and their targets by month (None: none set). `may_set`: whether this person sets them."""

    key: str
    unit: TargetUnit
    name: str
    team_id: int | None
    user_id: int | None
    amounts: tuple[Decimal | None, ...]
    may_set: bool

    @property
    def total(self) -> Decimal:
        """The year."""
        return sum((amount for amount in self.amounts if amount is not None), ZERO)


@dataclass(frozen=True, slots=True)
class Plan:
    """A year's grid: its months (first days), and its rows, each team followed by its reps."""

    year: int
    months: tuple[date, ...]
    rows: tuple[Row, ...]

    def reps_of(self, team_id: int) -> list[Row]:
        """The reps' rows of a team: what they sum to stands beside the team's own target."""
        return [row for row in self.rows if row.unit is TargetUnit.REP and row.team_id == team_id]

    def teams(self) -> list[Row]:
        """The teams' rows: what they sum to stands beside the company's target."""
        return [row for row in self.rows if row.unit is TargetUnit.TEAM]


def months_of(session: Session, year: int) -> tuple[date, ...]:
    """The twelve months of the company's fiscal year that begins in `year`."""
    first = session.scalar(select(CompanySettings.fiscal_year_first_month)) or 1
    return tuple(date(year + (first - 1 + step) // 12, (first - 1 + step) % 12 + 1, 1) for step in range(12))


def year_of(session: Session, day: date) -> int:
    """The fiscal year (by the year in which it begins) that holds a day."""
    first = session.scalar(select(CompanySettings.fiscal_year_first_month)) or 1
    return day.year if day.month >= first else day.year - 1


def plan(session: Session, actor: Actor, year: int) -> Plan:
    """The grid of a fiscal year, as far as this person reads targets."""
    require(actor, Permission.READ, Kind.TARGET)
    if not 1990 <= year < 2100:
        raise NotFound()
    months = months_of(session, year)
    set_amounts = _amounts(session, months)
    rows: list[Row] = []
    if actor.scope.over(Kind.TARGET) is Reach.COMPANY:
        rows.append(_row(actor, TargetUnit.COMPANY, "", None, None, months, set_amounts))
    for team in _teams(session, actor):
        if actor.scope.over(Kind.TARGET) is not Reach.OWN:
            rows.append(_row(actor, TargetUnit.TEAM, team.name, team.id, None, months, set_amounts))
        rows += [
            _row(actor, TargetUnit.REP, user.name, team.id, user.id, months, set_amounts) for user in _reps(session, actor, team, months)
        ]
    return Plan(year, months, tuple(rows))


def key_of(unit: TargetUnit, team_id: int | None, user_id: int | None) -> str:
    """How the grid calls a row: "company", "team-1", "rep-3"."""
    return {TargetUnit.COMPANY: "company", TargetUnit.TEAM: f"team-{team_id}", TargetUnit.REP: f"rep-{user_id}"}[unit]


Cells = Sequence[Mapping[str, Any]]
"""Cells as a page sends them: {"row": key, "month": "2026-03-01", "amount": text}, and what stood there as the person saw it in "was"."""


def set_cells(session: Session, actor: Actor, year: int, cells: Cells, *, today: date) -> int:
    """Set these cells, all or none; how many were changed. Empty means zero: a plan says what it wants."""
    require(actor, Permission.UPDATE, Kind.TARGET)
    if len(cells) > MOST_CELLS:
        raise TooManyCells(most=MOST_CELLS)
    rows = {row.key: row for row in plan(session, actor, year).rows}
    months = {month.isoformat(): place for place, month in enumerate(months_of(session, year))}
    faults, wanted = Faults(), []
    for place, cell in enumerate(cells):
        row, month = rows.get(str(cell.get("row"))), months.get(str(cell.get("month")))
        if row is None or month is None or not row.may_set:
            raise Invalid({str(place): NotACell()})
        with faults.against(f"{row.key}/{cell.get('month')}"):
            amount = an_amount(_said(cell.get("amount")))
            _check_seen(cell, row.amounts[month] or ZERO, amount)
            wanted.append((row, date.fromisoformat(str(cell["month"])), amount))
    faults.raise_any()
    return sum(_set(session, actor, row, month, amount, months, today) for row, month, amount in wanted)


class CopyYear(Input):
    """Last year's plan as this year's, so much higher or lower."""

    percent: Annotated[Growth, field(N_("Change in %"), hint=N_("Negative for less."))] = ZERO


def copied(session: Session, actor: Actor, year: int, values: CopyYear, *, today: date) -> int:
    """Set each cell that this person sets and that had a target a year before to that target and so many percent more, in whole yuan."""
    before = {row.key: row for row in plan(session, actor, year - 1).rows}
    months = months_of(session, year)
    cells = [
        {"row": row.key, "month": month.isoformat(), "amount": str(_grown(amount, values.percent))}
        for row in plan(session, actor, year).rows
        if row.may_set and row.key in before
        for month, amount in zip(months, before[row.key].amounts, strict=True)
        if amount is not None
    ]
    return set_cells(session, actor, year, cells, today=today)


def _grown(amount: Decimal, percent: Decimal) -> Decimal:
    return (amount * (100 + percent) / 100).quantize(Decimal(1), ROUND_HALF_UP)


def _check_seen(cell: Mapping[str, Any], standing: Decimal, amount: Decimal) -> None:
    """Refuse to set over what somebody else set since the person saw the cell, unless it is the same."""
    if "was" in cell and standing not in (an_amount(_said(cell["was"])), amount):
        raise SetMeanwhile(amount=standing)


def _said(value: Any) -> str:
    text = "" if value is None else str(value).strip()
    return text or "0"


def _set(session: Session, actor: Actor, row: Row, month: date, amount: Decimal, places: Mapping[str, int], today: date) -> int:
    """Set one cell by its verb, unless it says so already; how many were changed."""
    standing = row.amounts[places[month.isoformat()]]
    if standing == amount or (standing is None and not amount):
        return 0
    team_id = None if row.unit is TargetUnit.REP else row.team_id
    targets.set_target(session, actor, SetTarget(month=month, amount=amount, team_id=team_id, user_id=row.user_id), today=today)
    return 1


# ── what the grid holds ──────────────────────────────────────────────────────────────────────────────────────────────────────
Amounts = Mapping[tuple[str, date], Decimal]


def _amounts(session: Session, months: Sequence[date]) -> Amounts:
    """The targets that hold now, by row and month."""
    rows = select(SalesTarget).where(SalesTarget.month >= months[0], SalesTarget.month <= months[-1], SalesTarget.valid_to.is_(None))
    return {(key_of(row.unit, row.team_id, row.user_id), row.month): row.amount for row in session.scalars(rows)}


def _row(
    actor: Actor, unit: TargetUnit, name: str, team_id: int | None, user_id: int | None, months: Sequence[date], set_amounts: Amounts
) -> Row:
    key = key_of(unit, team_id, user_id)
    return Row(key, unit, name, team_id, user_id, tuple(set_amounts.get((key, month)) for month in months), _may_set(actor, unit, team_id))


def _may_set(actor: Actor, unit: TargetUnit, team_id: int | None) -> bool:
    if not actor.may(Permission.UPDATE, Kind.TARGET):
        return False
    return reaches_company(actor, Permission.UPDATE, Kind.TARGET) or (unit is TargetUnit.REP and team_id in actor.scope.team_ids)


def _teams(session: Session, actor: Actor) -> Sequence[Team]:
    """The teams of which this person sees targets."""
    teams = select(Team).where(Team.active).order_by(Team.id)
    match actor.scope.over(Kind.TARGET):
        case Reach.COMPANY:
            return session.scalars(teams).all()
        case Reach.TEAMS:
            return session.scalars(teams.where(Team.id.in_(sorted(actor.scope.team_ids)))).all()
    return session.scalars(teams.where(Team.id == actor.team_id)).all()


def _reps(session: Session, actor: Actor, team: Team, months: Sequence[date]) -> Sequence[User]:
    """Who sells in the team; who left too, where this year plans for them."""
    selling = select(UserRole.user_id).where(UserRole.role.in_(sorted(IN_A_TEAM)))
    planned = select(SalesTarget.user_id).where(SalesTarget.month.in_(months), SalesTarget.valid_to.is_(None))
    people = select(User).where(User.team_id == team.id, User.id.in_(selling), User.active | User.id.in_(planned)).order_by(User.id)
    if actor.scope.over(Kind.TARGET) is Reach.OWN:
        people = people.where(User.id == actor.user_id)
    return session.scalars(people).all()
