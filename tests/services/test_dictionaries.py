"""Dictionaries: values are added, renamed, retired and brought back by who may; old records keep what they chose."""

from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, Invalid, NotAllowed, NotFound
from crm.models import Competitor, CompetitorAlias, LeadSource, Product, Team
from crm.services import dictionaries, offers
from crm.services.dictionaries import DICTIONARIES, LastOne, TeamInUse
from crm.services.inputs import read
from crm.vocabulary import OpportunityStatus
from tests.people import ADA, CHEN, EAST, EXPO, LIN, MEI, REFERRAL, RIVAL, WANG, WEB, actor, an_opportunity
from tests.services.stories import audited

SOURCES, COMPETITORS, TEAMS = (DICTIONARIES[key] for key in ("lead-sources", "competitors", "teams"))
VALUES: dict[str, dict[str, Any]] = {
    "lead-sources": {"name": "短视频", "channel": "online"},
    "campaigns": {"name": "秋季展", "source_id": EXPO, "from_on": "2026-10-01", "until_on": "2026-10-03", "cost": "30000"},
    "loss-reasons": {"name": "选型推迟", "kind": "stopped", "names_competitor": False},
    "products": {"code": "P-9", "name": "客服系统", "list_price": "9800", "floor_price": "7000"},
    "competitors": {"name": "新对手", "aliases": "新对\nXDS", "price_level": "lower"},
}
"""What a new value of a dictionary says; of one that is but a name, the name."""


def added(session: Session, login: str, key: str, **values: Any) -> Any:
    """A new value, by whose account it says."""
    dictionary = DICTIONARIES[key]
    form = VALUES.get(key, {"name": "全新"}) | values
    return dictionaries.add(session, actor(session, login), dictionary, read(dictionary.form, form))


@pytest.mark.parametrize("key", DICTIONARIES)
def test_the_administrator_keeps_every_list(engine: Engine, key: str) -> None:
    with transaction(engine) as session:
        made = added(session, "ada", key)
        dictionary, ada = DICTIONARIES[key], actor(session, "ada")
        label = dictionary.unique
        form = {name: value for name, value in dictionaries.values_of(dictionary, made).items() if value is not None} | {label: "改了名"}
        if key == "products":
            form["tax_rate_bp"] = "13"
        edited = dictionaries.edit(session, ada, dictionary, made.id, read(dictionary.form, form), version=made.version)
        assert getattr(edited, label) == "改了名"
        assert not dictionaries.retire(session, ada, dictionary, made.id, version=made.version).active
        assert dictionaries.bring_back(session, ada, dictionary, made.id).active
        assert [(line[0], line[1]) for line in audited(session)] == [(ADA, "created"), *[(ADA, "changed")] * 3]


@pytest.mark.parametrize("login", ["chen", "lin", "wang", "fang", "mei", "xia"])
def test_who_else_may(engine: Engine, login: str) -> None:
    """Marketing keeps sources and campaigns; reps add competitors, leads and the executive edit them too. All else is refused."""
    creates = {"mei": {"lead-sources", "campaigns"}, "wang": {"competitors"}, "lin": {"competitors"}, "chen": {"competitors"}}
    edits = {"mei": {"lead-sources", "campaigns"}, "lin": {"competitors"}, "chen": {"competitors"}}
    with transaction(engine) as session:
        who = actor(session, login)
        for key, dictionary in DICTIONARIES.items():
            first = session.scalars(select(dictionary.model)).first()
            assert first is not None, key
            if key in creates.get(login, set()):
                assert added(session, login, key).active
            else:
                with pytest.raises(NotAllowed):
                    added(session, login, key)
            if key not in edits.get(login, set()):
                for act in (dictionaries.retire, dictionaries.edit):
                    more = () if act is dictionaries.retire else (read(dictionary.form, VALUES.get(key, {"name": "x"})),)
                    with pytest.raises(NotAllowed):
                        act(session, who, dictionary, first.id, *more, version=1)
                with pytest.raises(NotAllowed):
                    dictionaries.bring_back(session, who, dictionary, first.id)


def test_a_list_that_a_person_may_not_read_does_not_exist(engine: Engine) -> None:
    with transaction(engine) as session:
        for login, key in (("wang", "products"), ("fang", "lead-sources"), ("xia", "competitors"), ("ada", "nothing")):
            with pytest.raises(NotFound):
                dictionaries.by_key(actor(session, login), key)
        assert dictionaries.by_key(actor(session, "wang"), "lead-sources") is SOURCES


def test_two_spellings_of_a_source_are_one(engine: Engine) -> None:
    with transaction(engine) as session:
        added(session, "mei", "lead-sources", name="Tik Tok")
        with pytest.raises(Invalid) as refused:
            added(session, "mei", "lead-sources", name="ｔｉｋ  tok")
        assert list(refused.value.faults) == ["name"]


def test_what_is_retired_is_offered_no_more_and_stays_on_its_records(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        opportunity.source_id = EXPO
        mei = actor(session, "mei")
        dictionaries.retire(session, mei, SOURCES, EXPO, version=1)
        assert EXPO not in [id for id, _name in offers.sources(session)]
        assert opportunity.source_id == EXPO
        dictionaries.retire(session, mei, SOURCES, WEB, version=1)
        with pytest.raises(LastOne):
            dictionaries.retire(session, mei, SOURCES, REFERRAL, version=1)
        assert session.get_one(LeadSource, REFERRAL).active


def test_nobody_overwrites_another_unseen(engine: Engine) -> None:
    with transaction(engine) as session:
        form = read(COMPETITORS.form, {"name": "对手甲", "price_level": "lower"})
        dictionaries.edit(session, actor(session, "lin"), COMPETITORS, RIVAL, form, version=1)
        with pytest.raises(ChangedMeanwhile):
            dictionaries.edit(session, actor(session, "chen"), COMPETITORS, RIVAL, form, version=1)
        named = read(COMPETITORS.form, {"name": "对手甲", "price_level": "lower", "aliases": "甲"})
        dictionaries.edit(session, actor(session, "lin"), COMPETITORS, RIVAL, named, version=2)
        with pytest.raises(ChangedMeanwhile):  # of the other names alone, too
            dictionaries.edit(session, actor(session, "chen"), COMPETITORS, RIVAL, form, version=2)


def test_a_name_means_one_competitor(engine: Engine) -> None:
    with transaction(engine) as session:
        made = added(session, "wang", "competitors", name="金算盘", aliases="JSP，金算\nJSP")
        assert sorted(alias.name for alias in made.aliases) == ["JSP", "金算"]
        for values, fault in (({"name": "jsp", "aliases": ""}, "name"), ({"name": "另一家", "aliases": "金算盘"}, "aliases")):
            with pytest.raises(Invalid) as refused:
                added(session, "wang", "competitors", **values)
            assert list(refused.value.faults) == [fault]
        form = read(COMPETITORS.form, {"name": "金算盘", "aliases": "JSP"})
        dictionaries.edit(session, actor(session, "lin"), COMPETITORS, made.id, form, version=1)
        assert session.scalars(select(CompetitorAlias.name).where(CompetitorAlias.competitor_id == made.id)).all() == ["JSP"]
        assert session.get_one(Competitor, made.id).name == "金算盘"


@pytest.mark.parametrize(
    ("key", "values", "fault"),
    [
        ("products", {"floor_price": "9800.01"}, "floor_price"), ("campaigns", {"until_on": "2026-09-30"}, "until_on"),
        ("campaigns", {"source_id": 99}, "source_id"), ("teams", {"leader_id": WANG}, "leader_id"), ("teams", {"name": "华东"}, "name"),
        ("products", {"tax_rate_bp": "101"}, "tax_rate_bp"), ("lead-sources", {"channel": "smoke"}, "channel"),
    ],
)  # fmt: skip
def test_a_value_that_can_not_be(engine: Engine, key: str, values: dict[str, Any], fault: str) -> None:
    with transaction(engine) as session:
        with pytest.raises(Invalid) as refused:
            added(session, "ada", key, **values)
        assert list(refused.value.faults) == [fault]


def test_a_team_with_people_or_open_records_stays(engine: Engine) -> None:
    with transaction(engine) as session:
        ada = actor(session, "ada")
        with pytest.raises(TeamInUse) as refused:
            dictionaries.retire(session, ada, TEAMS, EAST, version=session.get_one(Team, EAST).version)
        assert refused.value.values == {"team": "华东", "people": 2, "records": 0}
        empty = added(session, "ada", "teams", name="华南", leader_id=LIN)
        an_opportunity(session, owner=WANG, status=OpportunityStatus.FOLLOWING).team_id = empty.id
        session.flush()
        with pytest.raises(TeamInUse):
            dictionaries.retire(session, ada, TEAMS, empty.id, version=1)
        assert session.get_one(Team, empty.id).active


def test_a_lead_of_a_new_team_reaches_it(engine: Engine) -> None:
    with transaction(engine) as session:
        made = added(session, "ada", "teams", name="华南", leader_id=LIN)
        assert made.id in actor(session, "lin").scope.team_ids
        assert session.scalars(select(Product.id)).first()
        assert {CHEN, MEI}.isdisjoint({id for id, _name in offers.leaders(session)})
