"""How the demo company's opportunities begin: from leads, with customers that reps brought, and again with those it has."""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import FAR, NEVER, Calendar, workday
from crm.demo.catalogue import Catalogue
from crm.demo.customers import Conversions, Customers
from crm.demo.dice import Dice, Floats, Generator, Ints, Mask, draw, quota
from crm.demo.leads import Leads
from crm.demo.people import FALLEN, MEI, Sizes
from crm.demo.timeline import Timeline

SETTLED = 15
"""Days with an owner before a customer buys again."""


@dataclass(frozen=True)
class Openings:
    """One row per opportunity, in order of creation; the id is the row + 1.

    `starts`: the first day with an owner (`FAR`: none yet). `low`, `high`: its assignments among the timeline's events.
    `loyal`: of the one customer that buys a lot, and one day stops paying.
    """

    customer: Ints
    created: Ints
    created_by: Ints
    lead: Ints
    source: Ints
    campaign: Ints
    team: Ints
    owner: Ints
    starts: Ints
    low: Ints
    high: Ints
    again: Mask
    loyal: Mask
    customers: Customers

    def __len__(self) -> int:
        return len(self.created)

    def owner_at(self, days: Ints) -> tuple[Ints, Ints]:
        """Team and owner of each opportunity at the end of a day on or after its creation."""
        return self.customers.timeline.at(self.customer, days)


def make(
    dice: Dice, sizes: Sizes, calendar: Calendar, catalogue: Catalogue, leads: Leads, customers: Customers, conversions: Conversions
) -> Openings:
    """All opportunities as they began."""
    rng = dice.of("openings")
    opens = np.flatnonzero(conversions.opens)
    lead, from_lead = conversions.lead[opens], conversions.customer[opens]
    direct = np.flatnonzero(customers.lead == NEVER)
    again, day, loyal = _again(rng, sizes.opportunities - len(lead) - len(direct), calendar.today, customers)
    customer = np.r_[from_lead, direct, again]
    created = np.r_[leads.converted[lead], customers.created[direct], day]
    none = np.zeros(len(direct) + len(again), dtype=np.int64)
    source = np.r_[leads.source[lead], none[: len(direct)], _sources(rng, again, leads, customers, len(catalogue.sources))]
    source[quota(rng, source > 0, 0.004, 2)] = 0
    campaign = np.where(source > 0, np.r_[leads.campaign[lead], none], 0)
    is_new = np.r_[conversions.is_new[opens], none > 0]
    order = np.argsort(created, kind="stable")
    customer, created, is_new = customer[order], created[order], is_new[order]
    team, owner = customers.timeline.at(customer, created)
    low, high = customers.timeline.between(customer, np.where(is_new, created - 1, created), np.full(len(order), FAR))
    team[is_new], owner[is_new] = 0, 0
    starts = np.where(owner > 0, created, _next_owned(customers.timeline, customer, low))
    by = np.r_[leads.converted_by[lead], customers.created_by[direct], np.zeros(len(again), dtype=np.int64)][order]
    return Openings(
        customer, created, np.where(by > 0, by, np.where(owner > 0, owner, MEI)), np.r_[lead, none - 1][order], source[order],
        campaign[order], team, owner, starts, low, high, (np.arange(len(order)) >= len(lead))[order],
        np.r_[np.zeros(len(lead) + len(direct), dtype=np.bool_), loyal][order], customers,
    )  # fmt: skip


def _again(rng: Generator, wanted: int, today: int, customers: Customers) -> tuple[Ints, Ints, Mask]:
    """Customers that buy once more, and when: most never, a few very often."""
    settled = customers.timeline.first_owned(len(customers)) + SETTLED
    able = settled < today - 5
    keenness: Floats = np.exp(rng.normal(0.0, 1.2, len(customers))) * able
    customer = draw(rng, keenness, max(wanted, 0))
    room = today - settled[customer]
    day = workday(settled[customer] + (room * rng.random(len(customer)) ** 0.9).astype(np.int64))
    loyal = _loyal(rng, today, customers, customer, day, settled)
    owned = (day <= today) & (customers.timeline.at(customer, np.minimum(day, today))[1] > 0)
    return customer[owned], day[owned], loyal[owned]


def _loyal(rng: Generator, today: int, customers: Customers, customer: Ints, day: Ints, settled: Ints) -> Mask:
    """Turn some of the repeated business into that of one early customer, until half a year ago."""
    team, _ = customers.timeline.at(np.arange(len(settled)), np.minimum(settled, today))
    early = int(np.argmin(np.where((customers.lead == NEVER) | (team == FALLEN), FAR, settled)))
    able = (day > settled[early] + 30) & (day < today - 200)
    loyal = quota(rng, able, 0.0, min(60, 12 + len(customers) // 500))
    customer[loyal] = early
    return loyal


def _sources(rng: Generator, customer: Ints, leads: Leads, customers: Customers, returning: int) -> Ints:
    """Mostly *bought before*, sometimes the source that first brought the customer, sometimes not stated."""
    lead = customers.lead[customer]
    first = np.where(lead == NEVER, 0, leads.source[lead])
    return np.choose(draw(rng, (60, 32, 8), len(customer)), [np.full(len(customer), returning), first, np.zeros(len(customer), np.int64)])


def _next_owned(timeline: Timeline, customer: Ints, low: Ints) -> Ints:
    """The day of the first assignment to a person among the events from `low` on."""
    events = timeline.events
    size = len(events)
    place = np.where(events.owner > 0, np.arange(size), size)
    following = np.r_[np.minimum.accumulate(place[::-1])[::-1], size][np.minimum(low, size)]
    inside = following < size
    found = np.minimum(following, size - 1)
    return np.where(inside & (events.customer[found] == customer), events.day[found], FAR)
