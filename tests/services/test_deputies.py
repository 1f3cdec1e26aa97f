"""A lead or an executive names who stands in for them between two dates, and ends it; nobody passes on what is not their own."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import NotAllowed, NotFound
from crm.models import Deputy, Opportunity, User
from crm.services import deputies
from crm.services.deputies import NameDeputy
from crm.services.inputs import read
from tests.people import ADA, CHEN, FANG, LIN, SUN, TODAY, WANG, ZHAO, actor, an_opportunity
from tests.services.stories import audited, refused, told

YESTERDAY, TOMORROW, NEXT_WEEK = TODAY - timedelta(days=1), TODAY + timedelta(days=1), TODAY + timedelta(days=7)


def named(session: Session, login: str, who: int, start: date = TOMORROW, end: date = NEXT_WEEK, today: date = TODAY) -> Deputy:
    values = read(NameDeputy, {"deputy_id": who, "from_on": start, "until_on": end})
    return deputies.name(session, actor(session, login, today), values, today=today)


def seen(session: Session, login: str, today: date) -> list[str]:
    found = actor(session, login, today).scope.narrow(select(Opportunity.title), Opportunity)
    return list(session.scalars(found))


def test_zhao_stands_in_for_lin_from_the_first_day_to_the_last(engine: Engine) -> None:
    with transaction(engine) as session:
        an_opportunity(session, "王的", owner=WANG)
        named(session, "lin", ZHAO)
        assert [seen(session, "zhao", day) for day in (TODAY, TOMORROW, NEXT_WEEK, NEXT_WEEK + timedelta(days=1))] == [
            [], ["王的"], ["王的"], [],
        ]  # fmt: skip
        said = {"by": "林", "start": TOMORROW.isoformat(), "end": NEXT_WEEK.isoformat()}
        assert told(session) == [(ZHAO, "{by} names you as deputy from {start} to {end}.", said)]
        assert [line[:3] for line in audited(session)] == [(LIN, "created", "deputies")]
        assert [one.person for one in deputies.of(session, actor(session, "lin"), TODAY)] == ["赵"]
        assert [one.person for one in deputies.stands_in_for(session, actor(session, "zhao"), TODAY)] == ["林"]
        assert deputies.of(session, actor(session, "sun"), TODAY) == []


def test_it_ends_at_once_and_the_days_before_stay(engine: Engine) -> None:
    with transaction(engine) as session:
        an_opportunity(session, "王的", owner=WANG)
        id = named(session, "lin", ZHAO, TODAY).id
        deputies.end(session, actor(session, "lin"), id, today=TOMORROW)
        assert [seen(session, "zhao", day) for day in (TODAY, TOMORROW)] == [["王的"], []]
        assert (session.get_one(Deputy, id).from_on, session.get_one(Deputy, id).until_on) == (TODAY, TODAY)
        with pytest.raises(NotFound):  # it is over
            deputies.end(session, actor(session, "lin"), id, today=TOMORROW)
        later = named(session, "lin", SUN).id
        deputies.end(session, actor(session, "lin"), later, today=TODAY)  # before it began
        assert session.get(Deputy, later) is None
        assert [line[1:3] for line in audited(session)][-1] == ("deleted", "deputies")


@pytest.mark.parametrize(
    ("who", "start", "end", "faults"),
    [
        (LIN, TODAY, TODAY, {"deputy_id": "NotAChoice"}),
        (FANG, TODAY, TODAY, {"deputy_id": "NotAChoice"}),
        (999, TODAY, TODAY, {"deputy_id": "NotAChoice"}),
        (ZHAO, YESTERDAY, TODAY, {"from_on": "DayIsPast"}),
        (ZHAO, TOMORROW, TODAY, {"until_on": "DatesReversed"}),
        (SUN, NEXT_WEEK, NEXT_WEEK, {"from_on": "StandsInAlready"}),
    ],
    ids=["oneself", "who neither sells nor leads", "nobody", "a day that is past", "the wrong way round", "days that have one"],
)  # fmt: skip
def test_what_can_not_be(engine: Engine, who: int, start: date, end: date, faults: dict[str, str]) -> None:
    with transaction(engine) as session:
        named(session, "lin", WANG, NEXT_WEEK, NEXT_WEEK)
        assert refused(lambda: named(session, "lin", who, start, end)) == faults


def test_who_has_left_is_no_deputy(engine: Engine) -> None:
    with transaction(engine) as session:
        session.get_one(User, ZHAO).active = False
        session.flush()
        assert refused(lambda: named(session, "chen", ZHAO)) == {"deputy_id": "NotAChoice"}
        assert ZHAO not in {id for id, _name in deputies.candidates(session, actor(session, "chen"))}


def test_who_only_stands_in_passes_nothing_on(engine: Engine) -> None:
    with transaction(engine) as session:
        id = named(session, "lin", ZHAO, TODAY).id
        assert not deputies.may_name(session, actor(session, "zhao"))
        with pytest.raises(NotAllowed):
            named(session, "zhao", WANG)
        with pytest.raises(NotAllowed):
            deputies.end(session, actor(session, "zhao"), id, today=TODAY)
        for login in ("chen", "sun"):  # theirs to name, and not Lin's deputy
            with pytest.raises(NotFound):
                deputies.end(session, actor(session, login), id, today=TODAY)


@pytest.mark.parametrize("login", ["wang", "fang", "mei", "xia", "ada"])
def test_others_name_nobody(engine: Engine, login: str) -> None:
    with transaction(engine) as session, pytest.raises(NotAllowed):
        named(session, login, CHEN if login != "ada" else ADA)
