"""Rows of customers with contacts and assignments, and of leads with notes and claims."""

from collections.abc import Iterator

import numpy as np

from crm.bulk import Column, chosen, days, given, made, moments, same, whole
from crm.demo.calendar import NEVER, hours, instants
from crm.demo.company import Company
from crm.demo.customers import Customers
from crm.demo.dice import Ints, Mask, draw, quota, within
from crm.demo.leads import CONVERTED, FAILED, UNPROCESSED, WORKING
from crm.demo.lists import words
from crm.demo.names import Persons, Words, persons, phones, texts
from crm.demo.people import CHEN, EAST, LIN, SUN, WANG, WEST, ZHAO
from crm.demo.rows import Rows, listed, reference, row_reference, table
from crm.demo.story import BY_EXECUTIVE
from crm.demo.timeline import HANDED_OVER, INITIAL, MOVED_ALONG, OTHER_TEAM, TO_POOL, WITHIN_TEAM, previous
from crm.models import Assignment, Claim, Contact, Customer, Lead, LeadNote
from crm.vocabulary import LeadStatus


def rows(company: Company) -> Iterator[Rows]:
    """Customers before the leads that name them."""
    yield _customers(company)
    yield _contacts(company)
    yield _assignments(company)
    yield _leads(company)
    yield _notes(company)
    yield _claims(company)


def _customers(company: Company) -> Rows:
    customers, rng = company.customers, company.dice.of("customer rows")
    count, today = len(customers), company.calendar.today
    team, owner = customers.timeline.at(np.arange(count), np.full(count, today))
    events = customers.timeline.events
    version = np.bincount(events.customer, minlength=count) + 1
    return table(
        Customer, count, name=made(lambda part: customers.company[part].names()),
        name_key=made(lambda part: customers.company[part].keys()),
        industry=made(lambda part: customers.company[part].industries()), region=made(lambda part: customers.company[part].provinces()),
        address=made(lambda part: customers.company[part].addresses()), team_id=reference(team), owner_id=reference(owner),
        source_lead_id=row_reference(customers.lead), pooled_on=days(np.where(owner > 0, NEVER, _waiting_since(customers))),
        created_at=moments(hours(rng, customers.created)), created_on=days(customers.created),
        created_by_id=reference(customers.created_by),
        version=whole(version),
    )  # fmt: skip


def _waiting_since(customers: Customers) -> Ints:
    """The day of each customer's last assignment, or of its creation."""
    since = customers.created.copy()
    events = customers.timeline.events
    since[events.customer] = events.day
    return since


def contact_of(customers: Customers) -> tuple[Ints, Ints]:
    """For each contact its customer (row) and its number there, in order: the first of everybody, then here and there a second."""
    count = len(customers)
    second = np.flatnonzero(np.arange(count) * 2_654_435_761 % 100 < 18)
    return np.r_[np.arange(count), second], np.r_[np.zeros(count, dtype=np.int64), np.ones(len(second), dtype=np.int64)]


def _contacts(company: Company) -> Rows:
    """The first contact of a customer is the lead's."""
    customers, leads, rng = company.customers, company.leads, company.dice.of("contacts")
    customer, number = contact_of(customers)
    count = len(customer)
    lead = np.where(number == 0, customers.lead[customer], NEVER)
    people = persons(rng, count)
    of_leads = _lead_people(company)
    people.surname[:] = np.where(lead >= 0, of_leads.surname[lead], people.surname)
    people.given[:] = np.where(lead >= 0, of_leads.given[lead], people.given)
    line = np.where(lead >= 0, lead, len(leads) + np.arange(count))
    titles = words("companies")["titles"]["list"]
    return table(
        Contact, count, customer_id=reference(customer + 1), name=made(lambda part: people[part].names()),
        phone=made(lambda part: phones(line[part])), phone_key=made(lambda part: "+86" + phones(line[part])),
        email=_emails(line, line % 3 == 0), email_key=_emails(line, line % 3 == 0),
        title=chosen(titles, rng.integers(0, len(titles), count)),
    )  # fmt: skip


def _lead_people(company: Company) -> Persons:
    return persons(company.dice.of("people of leads"), len(company.leads))


def _emails(line: Ints, has: Mask) -> Column:
    """An address at the domain that is kept for examples."""

    def addresses(part: slice) -> Words:
        return np.asarray(np.where(has[part], "contact" + texts(line[part]) + "@example.com", ""))

    return made(addresses)


def _assignments(company: Company) -> Rows:
    """Every assignment but that of a customer to the rep who brought it."""
    events, rng = company.customers.timeline.events, company.dice.of("assignments")
    from_team, from_owner = previous(events)
    kept = np.flatnonzero(events.kind != INITIAL)
    order = kept[np.argsort(events.day[kept], kind="stable")]
    kind, day, team = events.kind[order], events.day[order], events.team[order]
    by = np.where(np.isin(kind, BY_EXECUTIVE), CHEN, company.people.leader_at(team, day))
    notes = words("master")["notes"]
    whys = ["", *notes["assigned"], *notes["reassigned"], "离职移交", "随跟进人调动", "退回公司待分配"]
    first, again = 1, 1 + len(notes["assigned"])
    why = np.where(np.isin(kind, [WITHIN_TEAM, OTHER_TEAM]), again + rng.integers(0, len(notes["reassigned"]), len(order)), 0)
    plain = (why == 0) & (rng.random(len(order)) < 0.4)
    why = np.where(plain, first + rng.integers(0, len(notes["assigned"]), len(order)), why)
    why = np.where(
        kind == HANDED_OVER, len(whys) - 3, np.where(kind == MOVED_ALONG, len(whys) - 2, np.where(kind == TO_POOL, len(whys) - 1, why))
    )
    seq = within(events.customer)[order]
    return table(
        Assignment, len(order), customer_id=reference(events.customer[order] + 1), from_team_id=reference(from_team[order]),
        from_owner_id=reference(from_owner[order]), to_team_id=reference(team), to_owner_id=reference(events.owner[order]),
        by_id=reference(by), at=moments(instants(day, np.minimum(seq, 29), events.customer[order])), day=days(day), why=chosen(whys, why),
    )  # fmt: skip


def _leads(company: Company) -> Rows:
    leads, rng = company.leads, company.dice.of("lead rows")
    count = len(leads)
    notes = words("master")["notes"]
    line = np.arange(count)
    no_phone = rng.random(count) < 0.06
    has_email = no_phone | (line % 3 == 0)
    customer = np.full(count, NEVER)
    customer[company.conversions.lead] = company.conversions.customer
    people, companies = _lead_people(company), leads.company
    unnamed = (leads.status != CONVERTED) & (rng.random(count) < 0.05)
    reason = np.where(leads.status == FAILED, draw(rng, (26, 24, 14, 12, 10, 8, 3, 3), count), NEVER)
    version = 1 + (leads.handled > 0) + (leads.status >= CONVERTED)
    return table(
        Lead, count, contact_name=made(lambda part: people[part].names()),
        company=made(lambda part: np.where(unnamed[part], "", companies[part].names())),
        company_key=made(lambda part: np.where(unnamed[part], "", companies[part].keys())),
        phone=made(lambda part: np.where(no_phone[part], "", phones(line[part]))),
        phone_key=made(lambda part: np.where(no_phone[part], "", "+86" + phones(line[part]))),
        email=_emails(line, has_email), email_key=_emails(line, has_email), region=made(lambda part: companies[part].provinces()),
        intent=chosen(notes["intent"], draw(rng, (20, 35, 25, 20), count)), source_id=whole(leads.source),
        campaign_id=reference(leads.campaign),
        product_id=reference(leads.product), status=chosen(list(LeadStatus), leads.status), owner_id=reference(leads.owner),
        team_id=reference(leads.team), arrival_owner_id=reference(leads.arrival_owner), arrival_team_id=reference(leads.arrival_team),
        arrived_on=days(leads.arrived), created_at=moments(hours(rng, leads.arrived)), created_by_id=reference(leads.arrival_owner),
        first_handled_on=days(leads.handled), converted_on=days(leads.converted), converted_by_id=reference(leads.converted_by),
        converted_owner_id=reference(np.where(leads.status == CONVERTED, leads.arrival_owner, 0)),
        failed_on=days(leads.failed), failure_reason=chosen(["", *notes["failure"]], reason + 1), customer_id=row_reference(customer),
        version=whole(version),
    )  # fmt: skip


def _notes(company: Company) -> Rows:
    """A note on every lead that is being worked, and on some of the others."""
    leads, rng = company.leads, company.dice.of("lead notes")
    noted = (leads.status == WORKING) | quota(rng, leads.handled > 0, 0.12, 20)
    rows = np.flatnonzero(noted)
    rows = rows[np.argsort(leads.handled[rows], kind="stable")]
    said = words("master")["notes"]["lead"]
    return table(
        LeadNote, len(rows), lead_id=reference(rows + 1), by_id=reference(leads.owner[rows]), at=moments(hours(rng, leads.handled[rows])),
        content=chosen(said, rng.integers(0, len(said), len(rows))),
    )  # fmt: skip


def _claims(company: Company) -> Rows:
    """Two reps of different teams want the same lead: one claim is settled, one still open."""
    leads, today = company.leads, company.calendar.today
    of_west = np.flatnonzero((leads.team == WEST) & (leads.status == WORKING))[:1]
    of_west = np.r_[of_west, np.flatnonzero(leads.team == WEST)][:1]
    of_east = np.flatnonzero((leads.team == EAST) & (leads.status != UNPROCESSED))[-1:]
    rng = company.dice.of("claims")
    opened = hours(rng, np.array([today - 30, today - 2]))
    settled = hours(rng, np.array([today - 27, NEVER]))
    lead = np.r_[of_east, of_west]
    if len(lead) < 2:
        return listed(Claim, [])
    return table(
        Claim, 2, claimant_id=given([ZHAO, WANG]), lead_id=reference(lead + 1), matched_on=same("phone"),
        reason=given(["该客户一直由我方服务，有往来记录", "展会上已与该联系人交换名片"]), opened_at=moments(opened),
        agreed_by_claimant_lead_id=given([SUN, LIN]), agreed_by_holder_lead_id=given([LIN, None]), settled_at=moments(settled),
        settled_by_id=given([LIN, None]), granted=given([False, None]),
    )  # fmt: skip
