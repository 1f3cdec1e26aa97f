"""A lead is edited: by whom, what the first edit makes of it, and what nobody may slip into it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from crm import clock
from crm.db import transaction
from crm.errors import ChangedMeanwhile, Invalid, NotAllowed, NotFound
from crm.models import AuditEntry, Lead
from crm.rules.leads import LeadIsClosed
from crm.services import contacts_taken, leads
from crm.services.contacts_taken import TooManyLooks
from crm.services.inputs import read
from crm.services.leads import AlreadyTakenCareOf, EditLead
from crm.vocabulary import LeadStatus
from tests.people import EAST, LIN, TODAY, WANG, WEB, WEST, ZHAO, a_lead, actor
from tests.services.stories import audited, told


def edited(session: Session, login: str, lead: Lead, **values: Any) -> Lead:
    """The lead after somebody saved it; as it was, but for `values`."""
    as_it_is = {name: getattr(lead, name) for name in EditLead.model_fields}
    form = read(EditLead, as_it_is | {"phone": "13912345678"} | values)
    return leads.edit(session, actor(session, login), lead.id, form, version=lead.version, today=TODAY)


def test_the_first_edit_by_its_rep_makes_it_working(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session, arrived=TODAY - timedelta(days=3))
        assert edited(session, "lin", lead, intent="高").status is LeadStatus.UNPROCESSED
        assert edited(session, "wang", lead, intent="很高").status is LeadStatus.WORKING
        assert (lead.first_handled_on, lead.intent, lead.phone_key) == (TODAY, "很高", "+8613912345678")
        act, subject, before, after = audited(session)[-1][1:]
        assert (act, subject, before["intent"], after["intent"]) == ("changed", "leads", "高", "很高")


def test_the_rep_is_changed_by_who_may_assign(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session)
        with pytest.raises(NotAllowed):
            edited(session, "wang", lead, owner_id=ZHAO)
        with pytest.raises(Invalid):
            edited(session, "lin", lead, owner_id=ZHAO)  # not in her team
        assert edited(session, "lin", lead, owner_id=LIN).owner_id == LIN
        edited(session, "chen", lead, owner_id=ZHAO)
        assert (lead.owner_id, lead.team_id, lead.arrival_owner_id) == (ZHAO, WEST, WANG)
        assert [who for who, _message, _values in told(session)] == [ZHAO]
        with pytest.raises(NotFound):
            edited(session, "wang", lead, intent="高")


@pytest.mark.parametrize("fields", [{"source_id": None}, {"owner_id": None}, {"phone": "", "email": ""}, {"contact_name": " "}])
def test_what_is_required_stays_required(engine: Engine, fields: dict[str, Any]) -> None:
    with transaction(engine) as session:
        lead = a_lead(session)
        with pytest.raises(Invalid):
            edited(session, "wang", lead, **fields)


def test_nobody_edits_over_another_or_after_the_end(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session)
        form = read(EditLead, {"contact_name": "李", "phone": "13912345678", "source_id": WEB, "owner_id": WANG})
        edited(session, "lin", lead, intent="高")
        with pytest.raises(ChangedMeanwhile):
            leads.edit(session, actor(session, "wang"), lead.id, form, version=1, today=TODAY)
        done = a_lead(session, status=LeadStatus.FAILED)
        with pytest.raises(LeadIsClosed):
            edited(session, "wang", done, intent="高")


def test_a_contact_of_somebody_else_cannot_be_slipped_in(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session)
        theirs = a_lead(session, owner=ZHAO)
        edited(session, "zhao", theirs, phone="13700000001")
        with pytest.raises(AlreadyTakenCareOf) as refused:
            edited(session, "wang", lead, phone="+86 137 0000 0001")
        (hit,) = refused.value.values["hits"]
        assert (hit.team, hit.record_id, hit.name) == ("华西", None, "")
        assert edited(session, "wang", lead, phone="13700000002").team_id == EAST


def test_a_look_needs_a_whole_number_is_kept_and_has_an_end(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts_taken, "MOST_LOOKS", 2)
    with transaction(engine) as session:
        theirs = a_lead(session, owner=ZHAO)
        edited(session, "zhao", theirs, phone="13700000001", company="天府软件园")
        wang = actor(session, "wang")
        for part in ({"phone": "1370000"}, {"email": "li@"}, {"company": "天府"}, {}):
            assert contacts_taken.look(session, wang, **part) == []
        (hit,) = contacts_taken.look(session, wang, phone="137 0000 0001")
        assert (hit.team, hit.record_id, hit.name) == ("华西", None, "")
        assert len(contacts_taken.look(session, wang, company="天府软件园有限公司")) == 1
        with pytest.raises(TooManyLooks):
            contacts_taken.look(session, wang, phone="13700000001")
        assert len(contacts_taken.look(session, actor(session, "lin"), phone="13700000001")) == 1
        with clock.at(clock.now() + timedelta(minutes=61)):
            assert len(contacts_taken.look(session, wang, phone="13700000001")) == 1
        looks = select(func.count()).select_from(AuditEntry).where(AuditEntry.subject == contacts_taken.LOOKS)
        assert session.scalar(looks.where(AuditEntry.by_id == WANG)) == 3
        with pytest.raises(NotAllowed):
            contacts_taken.look(session, actor(session, "fang"), phone="13700000001")
