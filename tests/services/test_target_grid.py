"""The grid of sales targets: each person sees and sets their part of it, all cells of an act or none."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import Invalid, NotAllowed
from crm.models import CompanySettings, SalesTarget
from crm.services import target_grid
from crm.services.inputs import read
from crm.services.target_grid import CopyYear, SetMeanwhile
from tests.people import EAST, LIN, TODAY, WANG, ZHAO, a_target, actor

TOMORROW = TODAY + timedelta(days=1)
MARCH = "2026-03-01"


def cell(row: str, amount: str, month: str = MARCH) -> dict[str, str]:
    """One cell as a page sends it."""
    return {"row": row, "month": month, "amount": amount}


def placed(session: Session, login: str, *cells: dict[str, Any], year: int = 2026, today: date = TODAY) -> int:
    """How many of these cells somebody changed."""
    return target_grid.set_cells(session, actor(session, login), year, cells, today=today)


def seen(session: Session, login: str, year: int = 2026) -> dict[str, bool]:
    """The rows that somebody sees, and whether they set them."""
    return {row.key: row.may_set for row in target_grid.plan(session, actor(session, login), year).rows}


@pytest.mark.parametrize(
    ("login", "rows"),
    [
        ("chen", {"company": True, "team-1": True, "rep-2": True, "rep-3": True, "team-2": True, "rep-4": True, "rep-5": True}),
        ("fang", {"company": False, "team-1": False, "rep-2": False, "rep-3": False, "team-2": False, "rep-4": False, "rep-5": False}),
        ("lin", {"team-1": False, "rep-2": True, "rep-3": True}),
        ("wang", {"rep-3": False}),
    ],
)
def test_who_sees_and_sets_which_rows(engine: Engine, login: str, rows: dict[str, bool]) -> None:
    with transaction(engine) as session:
        assert seen(session, login) == rows


def test_cells_are_set_all_or_none(engine: Engine) -> None:
    with transaction(engine) as session:
        assert placed(session, "chen", cell("company", "1,000,000"), cell("team-1", "600000"), cell("rep-3", "0")) == 2
        assert placed(session, "chen", cell("company", "1000000")) == 0
        with pytest.raises(Invalid) as refused:
            placed(session, "chen", cell("team-2", "5"), cell("team-1", "-7"), cell("rep-3", "viel"))
        assert list(refused.value.faults) == ["team-1/2026-03-01", "rep-3/2026-03-01"]
        rows = session.execute(select(SalesTarget.team_id, SalesTarget.amount).order_by(SalesTarget.id)).all()
        assert [tuple(row) for row in rows] == [(None, Decimal("1000000.00")), (EAST, Decimal("600000.00"))]


@pytest.mark.parametrize(
    "forged",
    [
        cell("rep-5", "1"), cell("team-1", "1"), cell("company", "1"), cell("rep-99", "1"), cell("rep-3", "1", "2027-03-01"),
        cell("rep-3", "1", "yesterday"), {"row": None, "month": None, "amount": None},
    ],
)  # fmt: skip
def test_a_cell_that_is_not_in_ones_plan_is_refused(engine: Engine, forged: dict[str, str]) -> None:
    with transaction(engine) as session:
        with pytest.raises(Invalid):
            placed(session, "lin", cell("rep-3", "5"), forged)
        assert session.scalars(select(SalesTarget.id)).all() == []


def test_nobody_sets_over_what_another_set_meanwhile_unseen(engine: Engine) -> None:
    """Lin and Chen opened the plan when nothing stood there; Lin was first. Once Chen has been told, his own goes over hers."""
    with transaction(engine) as session:
        assert placed(session, "lin", cell("rep-3", "100") | {"was": ""}) == 1
        with pytest.raises(Invalid) as refused:
            placed(session, "chen", cell("company", "900") | {"was": ""}, cell("rep-3", "200") | {"was": ""})
        (fault,) = refused.value.faults.values()
        assert (type(fault), fault.values) == (SetMeanwhile, {"amount": Decimal("100.00")})
        assert placed(session, "chen", cell("rep-3", "100") | {"was": "0"}) == 0, "the same is no conflict"
        assert placed(session, "chen", cell("rep-3", "200") | {"was": "100.0"}) == 1


@pytest.mark.parametrize("login", ["wang", "fang", "mei", "ada", "xia"])
def test_who_sets_nothing(engine: Engine, login: str) -> None:
    with transaction(engine) as session, pytest.raises(NotAllowed):
        placed(session, login, cell("rep-3", "5"))


def test_what_was_set_earlier_stays_for_its_days(engine: Engine) -> None:
    with transaction(engine) as session:
        placed(session, "lin", cell("rep-3", "500"))
        placed(session, "lin", cell("rep-3", "600"), today=TOMORROW)
        rows = session.execute(select(SalesTarget.amount, SalesTarget.valid_from, SalesTarget.valid_to).order_by(SalesTarget.id)).all()
        assert [tuple(row) for row in rows] == [(Decimal("500.00"), TODAY, TOMORROW), (Decimal("600.00"), TOMORROW, None)]


def test_last_years_plan_and_ten_percent_more(engine: Engine) -> None:
    """Lin copies what is hers to set; the team's own target and the West stay as they are."""
    with transaction(engine) as session:
        a_target(session, date(2025, 3, 1), "1005", rep=WANG)
        a_target(session, date(2025, 4, 1), "200", rep=LIN)
        a_target(session, date(2025, 3, 1), "9000", team=EAST)
        a_target(session, date(2025, 3, 1), "800", rep=ZHAO)
        lin = actor(session, "lin")
        assert target_grid.copied(session, lin, 2026, read(CopyYear, {"percent": "10"}), today=TODAY) == 2
        amounts = {row.key: row.amounts[2:4] for row in target_grid.plan(session, actor(session, "chen"), 2026).rows}
        assert amounts["rep-3"] == (Decimal("1106.00"), None)
        assert amounts["rep-2"] == (None, Decimal("220.00"))
        assert amounts["team-1"] == amounts["rep-5"] == (None, None)
        with pytest.raises(Invalid):
            read(CopyYear, {"percent": "-101"})


def test_a_fiscal_year_begins_in_its_month(engine: Engine) -> None:
    with transaction(engine) as session:
        session.get_one(CompanySettings, 1).fiscal_year_first_month = 4
        session.flush()
        months = target_grid.months_of(session, 2026)
        assert (months[0], months[-1]) == (date(2026, 4, 1), date(2027, 3, 1))
        assert [target_grid.year_of(session, day) for day in (date(2026, 3, 31), date(2026, 4, 1))] == [2025, 2026]
