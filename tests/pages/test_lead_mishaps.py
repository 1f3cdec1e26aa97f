"""What goes wrong while leads are typed: each a clear sentence at the form, which stays as it was, and nothing half-written."""

import pytest
from sqlalchemy import Engine, func, select

from crm.db import reading, transaction
from crm.models import Lead, LeadSource, Opportunity, User
from tests.pages.visitor import Visitor
from tests.people import EXPO, WANG, ZHAO, a_lead


@pytest.fixture
def lead(engine: Engine) -> int:
    """An open lead of Wang's."""
    with transaction(engine) as session:
        return a_lead(session, contact="钱女士", owner=WANG).id


def number_of(engine: Engine, model: type[Lead] | type[Opportunity]) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def typed(**more: object) -> dict[str, object]:
    return {"contact_name": "孙先生", "phone": "13912345678", "source_id": EXPO, "owner_id": WANG, **more}


def test_a_second_conversion_changes_nothing_and_says_so(engine: Engine, wang: Visitor, lin: Visitor, lead: int) -> None:
    about = {"id": lead, "version": 1}
    first = [wang.save("convert-lead", {"title": "云盘"}, about, "k1") for _ in range(2)]
    assert first[0] == first[1]  # a double click
    assert number_of(engine, Opportunity) == 1
    with transaction(engine) as session:
        found = session.get_one(Lead, lead)
        found.owner_id, found.team_id = WANG, 1  # it is read with its customer, by now with Wang again
    assert "已" in lin.save("convert-lead", {"title": "又一次"}, about, "k2")
    assert number_of(engine, Opportunity) == 1


def test_a_source_that_was_retired_meanwhile_is_named_at_its_field(engine: Engine, wang: Visitor) -> None:
    with transaction(engine) as session:
        session.get_one(LeadSource, EXPO).active = False
    refused = wang.save("new-lead", typed(), {}, "k")
    assert "线索来源" in refused
    assert number_of(engine, Lead) == 0
    wang.save("new-lead", typed(source_id=1), {}, "k")  # the form's key still serves: what failed left nothing
    assert number_of(engine, Lead) == 1


def test_a_rep_who_left_meanwhile_gets_no_lead(engine: Engine, lin: Visitor, lead: int) -> None:
    with transaction(engine) as session:
        session.get_one(User, ZHAO).active = False
    for owner in (ZHAO, 999):
        assert "销售人员" in lin.save("edit-lead", typed(owner_id=owner), {"id": lead, "version": 1}, f"k{owner}")
    with reading(engine) as session:
        assert session.get_one(Lead, lead).owner_id == WANG


def test_who_was_deactivated_while_typing_saves_nothing(engine: Engine, wang: Visitor, lead: int) -> None:
    with transaction(engine) as session:
        leaver = session.get_one(User, WANG)
        leaver.active, leaver.session_epoch = False, leaver.session_epoch + 1
    answer = wang.client.get("/live")
    assert answer.status_code == 401  # the page says that the session is over; what was typed stays there
    assert number_of(engine, Lead) == 1


def test_the_same_new_lead_sent_twice_is_one(engine: Engine, wang: Visitor) -> None:
    sent = [wang.save("new-lead", typed(), {}, "once") for _ in range(2)]
    assert sent[0] == sent[1]
    assert number_of(engine, Lead) == 1
