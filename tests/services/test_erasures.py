"""A person's data are erased by an executive and an administrator together; nothing names them afterwards, and figures stay."""

import json

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm import audit
from crm.db import transaction
from crm.errors import NotAllowed, NotFound
from crm.models import AuditEntry, Base, Contact, Customer, Erasure, ImportedRecord, ImportRun, Lead
from crm.services import erasures, follow_ups, leads
from crm.services.audit_log import AUDIT
from crm.services.erasures import AnotherHasToErase, AskErasure, AskForPerson, ErasedAlready, NobodyKnown, StillALead
from crm.services.follow_ups import WriteFollowUp
from crm.services.inputs import read
from crm.services.leads import ConvertLead, WriteNote
from crm.vocabulary import AuditAct, ImportStatus, LeadStatus
from tests.people import ADA, CALL, CHEN, TODAY, WANG, a_contract, a_customer, a_lead, a_receipt, actor, an_opportunity, noon
from tests.services.stories import told

WHY = read(AskErasure, {"reason": "钱小姐来电要求"})
PHONE = "+8613900000001"


def a_person(session: Session) -> Contact:
    """钱小姐 at a customer of Wang's, who was a lead once, with an opportunity and a follow-up that names her."""
    lead = a_lead(session, contact="钱小姐", company="长江", phone=PHONE, owner=WANG)
    leads.note(session, actor(session, "wang"), lead.id, read(WriteNote, {"content": f"钱小姐回电 {PHONE}"}), today=TODAY)
    customer = a_customer(session, "长江", owner=WANG, phone=PHONE)
    contact = session.scalars(select(Contact).where(Contact.customer_id == customer.id)).one()
    contact.name = "钱小姐"
    session.flush()
    leads.convert(session, actor(session, "wang"), lead.id, ConvertLead(title="云盘", customer_id=customer.id), today=TODAY)
    opportunity = an_opportunity(session, customer=customer)
    contract = a_contract(session, opportunity=an_opportunity(session, customer=customer))
    a_receipt(session, contract, "9", TODAY).note = "钱小姐代付"
    said = read(WriteFollowUp, {"method_id": CALL, "content": "钱小姐想便宜 5%"})
    follow_ups.write(session, actor(session, "wang"), opportunity.id, said, today=TODAY)
    return contact


def everything(session: Session) -> str:
    """All that is kept, but accounts."""
    tables = [table for table in Base.metadata.sorted_tables if table.name != "users"]
    return str([session.execute(select(table)).all() for table in tables])


def test_an_executive_asks_and_an_administrator_erases(engine: Engine) -> None:
    with transaction(engine) as session:
        contact = a_person(session)
        request = erasures.ask(session, actor(session, "chen"), contact.id, WHY)
        assert (ADA, "{by} asks you to erase a person's data with them.", {"by": "陈"}) in told(session)
        (seen,) = erasures.waiting(session, actor(session, "ada"))
        assert (seen.contact, seen.customer, seen.mine) == ("", "", True)
        with pytest.raises(AnotherHasToErase):
            erasures.erase(session, actor(session, "chen"), request.id)
        erasures.erase(session, actor(session, "ada"), request.id)
        assert (contact.name, contact.phone, contact.phone_key) == ("—", "", "")
        lead = session.scalars(select(Lead)).one()
        assert (lead.contact_name, lead.phone, lead.company, lead.status) == ("—", "", "长江", LeadStatus.CONVERTED)
        left = everything(session)
        assert not any(secret in left for secret in ("钱小姐", PHONE))
        assert "—想便宜 5%" in left
        assert (request.asked_by_id, request.done_by_id) == (CHEN, ADA)
        with pytest.raises(ErasedAlready):
            erasures.erase(session, actor(session, "ada"), request.id)


def test_the_audit_log_tells_that_it_happened_and_shows_the_data_to_nobody(engine: Engine) -> None:
    with transaction(engine) as session:
        contact = a_person(session)
        request = erasures.ask(session, actor(session, "chen"), contact.id, WHY)
        erasures.erase(session, actor(session, "ada"), request.id)
        session.flush()
        lines = AUDIT.page(session, actor(session, "chen"), AUDIT.asked({}))
        of_them = [line for line in lines if line.subject in ("contacts", "leads")]
        assert of_them
        assert all(line.before is None and line.after is None for line in of_them)
        (kept,) = session.scalars(select(AuditEntry).where(AuditEntry.subject == "contacts", AuditEntry.subject_id == contact.id)).all()
        assert (kept.by_id, json.loads(kept.after), kept.before) == (ADA, {"erased": True}, "")


def test_nothing_of_the_person_is_left_in_the_log_and_its_seals_hold(engine: Engine) -> None:
    with transaction(engine) as session:
        contact = a_person(session)
        request = erasures.ask(session, actor(session, "chen"), contact.id, WHY)
        kept = len(session.scalars(select(AuditEntry)).all())
    with transaction(engine) as session:
        assert audit.seal(session) is not None
    with transaction(engine) as session:
        erasures.erase(session, actor(session, "ada"), request.id)
        lines = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        emptied = [(line.act, line.subject) for line in lines[:kept] if line.after == '{"erased":true}']
        assert emptied == [
            (AuditAct.CREATED, "lead_notes"), (AuditAct.CHANGED, "leads"), (AuditAct.CHANGED, "leads"), (AuditAct.CREATED, "follow_ups"),
            (AuditAct.CREATED, "erasures"),
        ]  # fmt: skip
        assert {line.by_id for line in lines[:kept]} == {WANG, CHEN}
    with transaction(engine) as session:
        assert audit.seal(session) is not None
        assert audit.broken(session) is None
        assert not any(secret in everything(session) for secret in ("钱小姐", PHONE))


def test_who_tampers_with_a_line_is_not_covered_by_an_erasure(engine: Engine) -> None:
    with transaction(engine) as session:
        contact = a_person(session)
        request = erasures.ask(session, actor(session, "chen"), contact.id, WHY)
    with transaction(engine) as session:
        audit.seal(session)
    with transaction(engine) as session:
        line = session.scalars(select(AuditEntry).where(AuditEntry.subject == "opportunities")).first()
        assert line
        line.before, line.after = "", '{"erased":true}'  # all that the database lets through
    with transaction(engine) as session:
        assert audit.broken(session) is not None
        erasures.erase(session, actor(session, "ada"), request.id)
        assert audit.broken(session) is not None


def test_the_undo_of_an_import_brings_nobody_back(engine: Engine) -> None:
    with transaction(engine) as session:
        contact = a_person(session)
        lead = session.scalars(select(Lead)).one()
        run = ImportRun(
            kind="leads", file_name="a.csv", sha256="x", layout="", created_count=0, changed_count=1, faulty_count=0, at=noon(TODAY),
            by_id=ADA, status=ImportStatus.DONE,
        )  # fmt: skip
        session.add(run)
        session.flush()
        before = {"columns": {"contact_name": "钱小姐", "phone": "13911112222", "note": f"找钱小姐 {PHONE}", "region": "武汉"}}
        kept = ImportedRecord(run_id=run.id, subject="leads", subject_id=lead.id, version=1, before=json.dumps(before))
        session.add(kept)
        request = erasures.ask(session, actor(session, "chen"), contact.id, WHY)
        erasures.erase(session, actor(session, "ada"), request.id)
        assert json.loads(kept.before)["columns"] == {"contact_name": "—", "phone": "", "note": "找— —", "region": "武汉"}


def test_an_administrator_asks_by_a_number_and_an_executive_erases(engine: Engine) -> None:
    with transaction(engine) as session:
        contact = a_person(session)
        ada = actor(session, "ada")
        request = erasures.ask_for(session, ada, read(AskForPerson, {"phone": "139 0000 0001", "reason": "来信"}))
        assert request.contact_id == contact.id
        assert erasures.ask(session, actor(session, "chen"), contact.id, WHY) is request
        with pytest.raises(NobodyKnown):
            erasures.ask_for(session, ada, read(AskForPerson, {"phone": "13900", "reason": "来信"}))
        assert erasures.erase(session, actor(session, "chen"), request.id).done_by_id == CHEN
        assert erasures.waiting(session, ada) == []


def test_a_private_person_s_customer_goes_too_and_an_open_lead_stands_in_the_way(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, "钱小姐", owner=WANG, phone=PHONE)
        contact = session.scalars(select(Contact).where(Contact.customer_id == customer.id)).one()
        contact.name = "钱小姐"
        gone = a_customer(session, "钱小姐 ", owner=None)
        gone.merged_into_id, gone.pooled_on, gone.note = customer.id, None, "找钱小姐"
        lead = a_lead(session, contact="钱小姐", phone=PHONE)
        request = erasures.ask(session, actor(session, "chen"), contact.id, WHY)
        with pytest.raises(StillALead):
            erasures.erase(session, actor(session, "ada"), request.id)
        leads.convert(session, actor(session, "wang"), lead.id, ConvertLead(title="云盘", customer_id=customer.id), today=TODAY)
        erasures.erase(session, actor(session, "ada"), request.id)
        assert [(one.name, one.note) for one in session.scalars(select(Customer))] == [("—", ""), ("—", "找—")]


@pytest.mark.parametrize(
    ("login", "refusal"),
    [("wang", NotAllowed), ("lin", NotAllowed), ("zhao", NotFound), ("fang", NotAllowed), ("mei", NotFound), ("ada", NotFound)],
)
def test_who_may_not(engine: Engine, login: str, refusal: type[Exception]) -> None:
    with transaction(engine) as session:
        contact = a_person(session)
        with pytest.raises(refusal):
            erasures.ask(session, actor(session, login), contact.id, WHY)
        request = erasures.ask(session, actor(session, "chen"), contact.id, WHY)
        if login != "ada":
            for verb in (erasures.erase, erasures.withdraw):
                with pytest.raises(NotAllowed):
                    verb(session, actor(session, login), request.id)
        erasures.withdraw(session, actor(session, "chen"), request.id)
        assert session.get_one(Erasure, request.id).done_at is None
        assert contact.name == "钱小姐"
