"""The verbs of a lead 线索: create, edit, note, assign, fail, convert."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from crm import audit, clock, history
from crm.errors import CrmError
from crm.models import Campaign, Customer, Lead, LeadNote, LeadSource, Opportunity, OpportunityLine, Product, User
from crm.rules import leads as rules
from crm.rules.duplicates import company_key
from crm.scope import Actor
from crm.services import customers, notices
from crm.services.contacts_taken import Hit, Keys, customer_of, hits
from crm.services.customers import CreateCustomer
from crm.services.input_faults import NotAChoice
from crm.services.input_types import Email, Line, OptionalLine, OptionalParagraph, Phone, Reference
from crm.services.inputs import Control, Faults, Input, Reasoned, Said, field
from crm.services.opportunities import first_stage
from crm.services.reach import chosen, find_to, reaches_company, require
from crm.services.reach import find as find_within
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, Kind, LeadStatus, Message, OpportunityAct, OpportunityStatus, Permission

MOST_AT_ONCE = 500
"""So many leads are given in one act."""


class NoWayToReach(CrmError):
    """A lead that nobody can call or write to."""

    message = N_("Please give a phone number or an e-mail address.")


class AlreadyTakenCareOf(CrmError):
    """Somebody in the company has this contact. `hits` says what this person may know of whom."""

    message = N_("This contact is taken care of already, since {since} by {team}.")


class LeadAlreadyConverted(CrmError):
    """A lead is converted once."""

    message = N_("This lead was converted already, on {day}.")


class CreateLead(Input):
    """Who might buy, how to reach them, and where they came from."""

    contact_name: Annotated[Line, field(N_("Contact"))]
    company: Annotated[OptionalLine, field(N_("Company"))] = ""
    phone: Annotated[Phone, field(N_("Phone"), hint=N_("A phone number or an e-mail address is needed."))] = ""
    email: Annotated[Email, field(N_("E-mail"))] = ""
    wechat: Annotated[OptionalLine, field(N_("WeChat"))] = ""
    region: Annotated[OptionalLine, field(N_("Region"))] = ""
    source_id: Annotated[Reference, field(N_("Lead source"), Control.CHOICE, offers="sources")]
    campaign_id: Annotated[Reference | None, field(N_("Campaign"), Control.CHOICE, offers="campaigns")] = None
    owner_id: Annotated[Reference, field(N_("Sales rep"), Control.CHOICE, offers="reps")]
    product_id: Annotated[Reference | None, field(N_("Product interest"), Control.CHOICE, offers="products")] = None
    intent: Annotated[OptionalLine, field(N_("Intent"))] = ""
    note: Annotated[OptionalParagraph, field(N_("Note"), Control.AREA)] = ""


class EditLead(CreateLead):
    """The same of a lead that is there. Another rep is for who may assign."""


class WriteNote(Said):
    """What was said or done."""


class FailLead(Reasoned):
    """Why nothing came of it."""


class AssignLead(Input):
    """Who takes care of it from now on."""

    owner_id: Annotated[Reference, field(N_("Sales rep"), Control.CHOICE, offers="reps")]


class ConvertLead(Input):
    """What the opportunity is called, and whose it is where the customer exists already."""

    title: Annotated[Line, field(N_("Title"))]
    customer_name: Annotated[OptionalLine, field(N_("Customer's name"), hint=N_("Left out: the company, or else the contact."))] = ""
    customer_id: Annotated[Reference | None, field(N_("Existing customer"), Control.CHOICE, offers="customers")] = None


def find(session: Session, actor: Actor, lead_id: int) -> Lead:
    """The lead with source, campaign, people and notes, if this person may see it."""
    return find_within(
        session, actor, Lead, lead_id,
        selectinload(Lead.source), selectinload(Lead.campaign), selectinload(Lead.owner), selectinload(Lead.team), selectinload(Lead.notes),
    )  # fmt: skip


def create(session: Session, actor: Actor, values: CreateLead, *, today: date, knowingly: bool = False) -> Lead:
    """Enter a lead for a rep. `AlreadyTakenCareOf` where the company has the contact.

    `knowingly`: enter it though this person's own reach holds the same contact; what others hold is claimed, not entered twice.
    """
    require(actor, Permission.CREATE, Kind.LEAD)
    faults = _faults(session, values)
    with faults.against("owner_id"):
        owner = _rep(session, actor, values.owner_id)
    faults.raise_any()
    keys = Keys.of(values.phone, values.email, values.company)
    _refuse_taken(hits(session, actor, keys), knowingly)
    lead = Lead(
        **values.model_dump(), company_key=keys.company, phone_key=keys.phone, email_key=keys.email, status=LeadStatus.UNPROCESSED,
        team_id=owner.team_id, arrival_owner_id=owner.id, arrival_team_id=owner.team_id, arrived_on=today, created_at=clock.now(),
        created_by_id=actor.user_id,
    )  # fmt: skip
    session.add(lead)
    audit.created(session, actor, lead)
    _tell_owner(session, actor, lead)
    return lead


def edit(session: Session, actor: Actor, lead_id: int, values: EditLead, *, version: int, today: date, knowingly: bool = False) -> Lead:
    """Save what was changed on an open lead; the first edit by its own rep makes it *working*.

    A contact that was changed into one that the company has is refused, as for a new lead.
    """
    lead = find_to(session, actor, Permission.UPDATE, Kind.LEAD, Lead, lead_id)
    check_unchanged(session, lead, version)
    rules.check_open(lead.status)
    faults, owner = _faults(session, values, lead), None
    if values.owner_id != lead.owner_id:
        find_to(session, actor, Permission.ASSIGN, Kind.LEAD, Lead, lead_id)
        with faults.against("owner_id"):
            owner = _rep(session, actor, values.owner_id)
    faults.raise_any()
    keys = Keys.of(values.phone, values.email, values.company)
    if keys != Keys(lead.phone_key, lead.email_key, lead.company_key):
        others = [hit for hit in hits(session, actor, keys) if (hit.subject, hit.record_id) != (Lead.__tablename__, lead.id)]
        _refuse_taken(others, knowingly)
    with audit.changing(session, actor, lead):
        if lead.status is LeadStatus.UNPROCESSED and actor.user_id == lead.owner_id:
            lead.status, lead.first_handled_on = LeadStatus.WORKING, today
        for name, value in values.model_dump().items():
            setattr(lead, name, value)
        lead.phone_key, lead.email_key, lead.company_key = keys.phone, keys.email, keys.company
        if owner:
            lead.team_id = owner.team_id
    if owner:
        _tell_owner(session, actor, lead)
    return lead


def note(session: Session, actor: Actor, lead_id: int, values: WriteNote, *, today: date) -> LeadNote:
    """Keep what was done about a lead; the first note of its own rep makes it *working*."""
    lead = find_to(session, actor, Permission.UPDATE, Kind.LEAD, Lead, lead_id)
    rules.check_open(lead.status)
    written = LeadNote(lead_id=lead.id, by_id=actor.user_id, at=clock.now(), content=values.content)
    session.add(written)
    audit.created(session, actor, written)
    if lead.status is LeadStatus.UNPROCESSED and actor.user_id == lead.owner_id:
        with audit.changing(session, actor, lead):
            lead.status, lead.first_handled_on = LeadStatus.WORKING, today
    return written


def assign(session: Session, actor: Actor, lead_id: int, values: AssignLead, *, version: int, quietly: bool = False) -> Lead:
    """Give an open lead to another rep; whose it was when it arrived keeps the credit. `quietly`: they are not told."""
    lead = find_to(session, actor, Permission.ASSIGN, Kind.LEAD, Lead, lead_id)
    check_unchanged(session, lead, version)
    rules.check_open(lead.status)
    faults = Faults()
    with faults.against("owner_id"):
        owner = _rep(session, actor, values.owner_id)
    faults.raise_any()
    with audit.changing(session, actor, lead):
        lead.owner_id, lead.team_id = owner.id, owner.team_id
    if not quietly:
        _tell_owner(session, actor, lead)
    return lead


def assign_many(session: Session, actor: Actor, opened: Sequence[tuple[int, int]], values: AssignLead) -> list[Lead]:
    """The same for several leads, each with the version at which the person saw it: all of them, or none."""
    if not opened or len(opened) > MOST_AT_ONCE:
        raise NotAChoice()
    return [assign(session, actor, id, values, version=version) for id, version in opened]


def fail(session: Session, actor: Actor, lead_id: int, values: FailLead, *, version: int, today: date) -> Lead:
    """Close a lead of which nothing came. That is final."""
    lead = find_to(session, actor, Permission.CONVERT, Kind.LEAD, Lead, lead_id)
    check_unchanged(session, lead, version)
    rules.check_move(lead.status, LeadStatus.FAILED)
    with audit.changing(session, actor, lead):
        lead.status, lead.failed_on, lead.failure_reason = LeadStatus.FAILED, today, values.reason
        lead.first_handled_on = lead.first_handled_on or today
    return lead


def convert(session: Session, actor: Actor, lead_id: int, values: ConvertLead, *, today: date) -> Opportunity:
    """Turn a lead into an opportunity with its customer; new ones wait in the company's pool, also when the lead had a rep.

    A customer that the company has already stays with its owner: the lead joins its open opportunity, or opens one for that
    owner. Afterwards the lead is read with its customer.
    """
    lead = find_to(session, actor, Permission.CONVERT, Kind.LEAD, Lead, lead_id)
    if lead.status is LeadStatus.CONVERTED:
        raise LeadAlreadyConverted(day=lead.converted_on)
    rules.check_move(lead.status, LeadStatus.CONVERTED)
    customer = _customer(session, actor, lead, values, today)
    opportunity = _open_opportunity(session, customer) or _new_opportunity(session, actor, lead, customer, values.title, today)
    with audit.changing(session, actor, lead):
        lead.status, lead.converted_on, lead.converted_by_id = LeadStatus.CONVERTED, today, actor.user_id
        lead.converted_owner_id = lead.owner_id
        lead.first_handled_on = lead.first_handled_on or today
        lead.customer_id, lead.owner_id, lead.team_id = customer.id, customer.owner_id, customer.team_id
    notices.tell(
        session, customer.owner_id, N_("{by} converted a lead for your customer “{name}”."), opportunity, opportunity.id,
        by=actor, name=customer.name,
    )  # fmt: skip
    return opportunity


def _faults(session: Session, values: CreateLead, standing: Lead | None = None) -> Faults:
    """What is wrong with a lead's fields; a retired value may stay where it stands already."""
    faults = Faults()
    if not values.phone and not values.email:
        faults.add("phone", NoWayToReach())
    kept = (standing.source_id, standing.campaign_id, standing.product_id) if standing else (None, None, None)
    chosen(session, LeadSource, values.source_id, faults, "source_id", keep=kept[0])
    chosen(session, Campaign, values.campaign_id, faults, "campaign_id", keep=kept[1])
    chosen(session, Product, values.product_id, faults, "product_id", keep=kept[2])
    return faults


def _refuse_taken(found: list[Hit], knowingly: bool) -> None:
    """Refuse what others take care of; what is within the person's own reach, unless they know."""
    foreign = [hit for hit in found if hit.record_id is None]
    taken = foreign or ([] if knowingly else found)
    if taken:
        raise AlreadyTakenCareOf(since=taken[0].since, team=taken[0].team or Message(N_("the company's pool")), hits=tuple(found))


def _rep(session: Session, actor: Actor, owner_id: int) -> User:
    """Who may be given a lead: an active seller, oneself, or whom the person may assign to."""
    owner = customers.check_seller(session, owner_id)
    assigns = actor.may(Permission.ASSIGN, Kind.LEAD)
    in_reach = reaches_company(actor, Permission.ASSIGN, Kind.LEAD) or (assigns and owner.team_id in actor.scope.team_ids)
    if not (in_reach or owner.id == actor.user_id):
        raise NotAChoice()
    return owner


def _customer(session: Session, actor: Actor, lead: Lead, values: ConvertLead, today: date) -> Customer:
    """The customer that was chosen, else the one the company has with these contacts, else a new one."""
    if values.customer_id is not None:
        return find_within(session, actor, Customer, values.customer_id)
    name = values.customer_name or lead.company or lead.contact_name
    known = customer_of(session, Keys(lead.phone_key, lead.email_key, company_key(name) if values.customer_name or lead.company else ""))
    if known:
        return known
    entered = CreateCustomer(
        name=name, region=lead.region, contact_name=lead.contact_name, phone=lead.phone, email=lead.email, note=lead.note
    )
    return customers.enter(session, actor, entered, today=today, source_lead_id=lead.id)


def _open_opportunity(session: Session, customer: Customer) -> Opportunity | None:
    """The latest open opportunity of a customer that somebody owns: a further lead of theirs joins it."""
    if customer.owner_id is None:
        return None
    opened = select(Opportunity).where(Opportunity.customer_id == customer.id, Opportunity.status == OpportunityStatus.FOLLOWING)
    return session.scalar(opened.order_by(Opportunity.id.desc()).limit(1))


def _new_opportunity(session: Session, actor: Actor, lead: Lead, customer: Customer, title: str, today: date) -> Opportunity:
    """What a lead becomes: it carries source, campaign, product and who converted it."""
    opportunity = Opportunity(
        title=title, customer_id=customer.id, lead_id=lead.id, source_id=lead.source_id, campaign_id=lead.campaign_id,
        stage_id=first_stage(session), status=OpportunityStatus.FOLLOWING, owner_id=customer.owner_id, team_id=customer.team_id,
        first_owner_id=customer.owner_id, first_team_id=customer.team_id, created_on=today, created_at=clock.now(),
        created_by_id=actor.user_id, converted_by_id=actor.user_id,
        lines=[OpportunityLine(product_id=lead.product_id)] if lead.product_id else [],
    )  # fmt: skip
    session.add(opportunity)
    audit.created(session, actor, opportunity, "lines")
    history.record(session, opportunity, OpportunityAct.CREATED, actor, today, today)
    return opportunity


def _tell_owner(session: Session, actor: Actor, lead: Lead) -> None:
    notices.tell(session, lead.owner_id, N_("{by} gave you the lead “{name}”."), lead, lead.id, by=actor, name=lead.contact_name)
