"""The pages of leads: entered, noted, ended; what is out of reach is not there, and a contact is not entered twice unseen."""

import pytest
from dash import Dash
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.errors import NotAllowed, NotFound
from crm.models import AuditEntry, Claim, Lead, LeadNote, LeadSource, Opportunity
from crm.services.contacts_taken import LOOKS
from crm.vocabulary import LeadStatus
from dashboard.i18n import explain, use_language
from tests.pages.visitor import Visitor
from tests.people import EXPO, WANG, WEB, ZHAO, a_customer, a_lead

with use_language("zh"):
    NOT_THERE, NOT_ALLOWED = explain(NotFound()), explain(NotAllowed())

REQUEST = {"startRow": 0, "endRow": 100, "sortModel": []}
TYPED = {"contact_name": "周女士", "phone": "137 0000 0001", "email": "", "company": "", "source_id": EXPO, "owner_id": WANG}


@pytest.fixture
def leads(engine: Engine) -> dict[str, int]:
    """A lead of Wang's, one of Zhao's."""
    with transaction(engine) as session:
        mine = a_lead(session, contact="王的线索", company="恒力机械", phone="13700000008")
        theirs = a_lead(session, contact="赵的线索", company="天府软件园", owner=ZHAO)
        theirs.phone, theirs.phone_key = "13700000009", "+8613700000009"
        return {"wang": mine.id, "zhao": theirs.id}


def lead(engine: Engine, id: int) -> Lead:
    with reading(engine) as session:
        return session.get_one(Lead, id)


def test_another_teams_lead_looks_like_none(wang: Visitor, leads: dict[str, int]) -> None:
    nothing = wang.page("/leads/999999")
    assert NOT_THERE in nothing
    for path in ("", "/edit", "/convert", "/fail"):
        assert wang.page(f"/leads/{leads['zhao']}{path}") == nothing
    assert wang.page("/leads/abc") == nothing


def test_a_forged_form_changes_nothing_of_anothers(engine: Engine, wang: Visitor, leads: dict[str, int]) -> None:
    about, absent = {"id": leads["zhao"], "version": 2}, {"id": 999999, "version": 2}
    for form, typed in (
        ("edit-lead", TYPED),
        ("convert-lead", {"title": "偷来的"}),
        ("fail-lead", {"reason": "偷来的"}),
        ("lead-note", {"content": "偷来的"}),
    ):
        forged = wang.save(form, typed, about, "key")
        assert forged == wang.save(form, typed, absent, "key"), form
        assert NOT_THERE in forged, form
    kept = lead(engine, leads["zhao"])
    assert (kept.contact_name, kept.status, kept.version) == ("赵的线索", LeadStatus.UNPROCESSED, 2)


def test_the_list_and_its_file_hold_what_is_within_reach(wang: Visitor, lin: Visitor, leads: dict[str, int]) -> None:
    for wished in ({}, {"rep": [ZHAO]}, {"q": "天府"}, {"q": "13700000009"}):
        for visitor in (wang, lin):
            assert "赵的线索" not in str(visitor.call("leads-table-main.getRowsResponse", [REQUEST], [wished, {}]).json)
    assert "王的线索" in str(wang.call("leads-table-main.getRowsResponse", [REQUEST], [{"q": "恒力"}, {}]).json)
    assert wang.get("/leads/export.csv").status_code == 403
    with lin.get("/leads/export.csv") as file:
        carried = file.get_data(as_text=True)
    assert "王的线索" in carried
    assert "赵的线索" not in carried


def test_a_lead_is_entered_noted_and_fails(engine: Engine, wang: Visitor) -> None:
    answer = wang.save("new-lead", TYPED, {}, "key")
    with reading(engine) as session:
        made = session.scalars(select(Lead).where(Lead.contact_name == "周女士")).one()
    assert f"/leads/{made.id}" in answer
    about = {"id": made.id, "version": 1}
    for _time in range(2):
        assert "约了周五" in wang.save("lead-note", {"content": "约了周五"}, about, "the same key")
    with reading(engine) as session:
        assert len(session.scalars(select(LeadNote)).all()) == 1
    assert lead(engine, made.id).status is LeadStatus.WORKING
    wang.save("fail-lead", {"reason": "空号"}, {"id": made.id, "version": 2}, "k2")
    assert lead(engine, made.id).failure_reason == "空号"
    assert "/convert" not in wang.page(f"/leads/{made.id}")


def test_a_contact_of_another_team_shows_a_team_and_a_way_to_claim_it(engine: Engine, wang: Visitor, leads: dict[str, int]) -> None:
    theirs = {"phone": "137-0000-0009", "email": "", "company": ""}
    seen = str(wang.call("lead-form-taken.children", [theirs], [{}]).json)
    saved = wang.save("new-lead", TYPED | {"phone": theirs["phone"]}, {}, "key")
    for shown in (seen, saved):
        assert "华西" in shown
        assert "赵的线索" not in shown
        assert "天府" not in shown
    with reading(engine) as session:
        assert session.scalars(select(Lead).where(Lead.contact_name == "周女士")).first() is None
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.subject == LOOKS)).all()) == 2
    wang.save("claim-contact", {"reason": "老客户介绍"}, theirs, "key")
    with reading(engine) as session:
        (claim,) = session.scalars(select(Claim)).all()
    assert (claim.claimant_id, claim.lead_id) == (WANG, leads["zhao"])


def test_half_a_number_asks_nobody(engine: Engine, wang: Visitor, leads: dict[str, int]) -> None:
    assert "华西" not in str(wang.call("lead-form-taken.children", [{"phone": "1370000", "email": "", "company": "天府"}], [{}]).json)
    with reading(engine) as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.subject == LOOKS)).first() is None


def test_a_claim_is_settled_on_its_page_by_who_has_a_say(engine: Engine, wang: Visitor, lin: Visitor, leads: dict[str, int]) -> None:
    wang.save("claim-contact", {"reason": "老客户介绍"}, {"phone": "13700000009", "email": "", "company": ""}, "key")
    assert NOT_THERE in wang.page("/claims")
    shown = lin.page("/claims")
    assert "老客户介绍" in shown
    assert "赵的线索" not in shown


def test_a_missing_source_is_added_in_place_by_who_may(engine: Engine, app: Dash, wang: Visitor, leads: dict[str, int]) -> None:
    mei = Visitor(app).sign_in("mei")
    assert "new-lead-source" in mei.page("/leads/new")
    assert "edit-lead-source" in mei.page(f"/leads/{leads['wang']}/edit")
    assert "new-lead-source" not in wang.page("/leads/new")
    assert NOT_ALLOWED in wang.save("new-lead-source", {"name": "抖音", "channel": "online"})
    shown = mei.save("new-lead-source", {"name": "抖音", "channel": "online"})
    with reading(engine) as session:
        made = session.scalars(select(LeadSource).where(LeadSource.name == "抖音")).one()
    assert f'"value": {made.id}' in shown


def test_the_second_saver_sees_the_first_and_chooses(engine: Engine, wang: Visitor, lin: Visitor, leads: dict[str, int]) -> None:
    """Lin changes the intent while Wang has the form open; his own change goes over hers, and what he did not touch stays hers."""
    about = {"id": leads["wang"], "version": 1}
    as_it_was = {"contact_name": "王的线索", "company": "恒力机械", "phone": "13700000008", "email": "", "source_id": WEB, "owner_id": WANG}
    lin.save("edit-lead", as_it_was | {"intent": "很高", "source_id": EXPO}, about, "lin's")
    shown = wang.save("edit-lead", as_it_was | {"region": "上海", "intent": ""}, about, "wang's")
    assert all(said in shown for said in ("林", "很高", "展会"))
    assert lead(engine, leads["wang"]).region == ""
    wang.save("edit-lead", as_it_was | {"region": "上海", "intent": ""}, about, "wang's", 2, press="keep")
    kept = lead(engine, leads["wang"])
    assert (kept.region, kept.intent, kept.source_id) == ("上海", "很高", EXPO)


def test_what_a_lead_said_is_read_on_its_customer_and_opportunity(engine: Engine, wang: Visitor, app: Dash) -> None:
    with transaction(engine) as session:
        mine = a_customer(session, "长江造船", owner=WANG)
        lead = a_lead(session, contact="钱女士", company="长江造船", owner=WANG)
    wang.save("lead-note", {"content": "约了周五"}, {"id": lead.id, "version": 1}, "k1")
    wang.save("convert-lead", {"title": "造船云盘"}, {"id": lead.id, "version": 2}, "k2")
    with reading(engine) as session:
        grown = session.scalars(select(Opportunity).where(Opportunity.lead_id == lead.id)).one()
    for path in (f"/customers/{mine.id}", f"/opportunities/{grown.id}"):
        shown = wang.page(path)
        assert all(said in shown for said in ("约了周五", "钱女士", f"/leads/{lead.id}", "王")), path
    assert "约了周五" not in Visitor(app).sign_in("fang").page(f"/customers/{mine.id}")
