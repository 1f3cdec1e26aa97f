"""The demo company's customers: those that leads became, those that reps brought, and how they were assigned."""

from dataclasses import dataclass

import numpy as np

from crm.demo import timeline as lines
from crm.demo.calendar import NEVER, Calendar, workday
from crm.demo.dice import Dice, Generator, Ints, Mask, draw, quota
from crm.demo.leads import CONVERTED, Leads
from crm.demo.names import Companies, numbered, places
from crm.demo.people import People
from crm.demo.timeline import Events, Timeline

ONTO_EXISTING = 0.09
"""The share of conversions whose customer we have already."""
DIRECT = 0.03
"""Customers without a lead, for each one with."""


@dataclass(frozen=True)
class Customers:
    """One row per customer, in order of creation; the id is the row + 1. `lead`: row of the lead it came from, or `NEVER`."""

    created: Ints
    created_by: Ints
    lead: Ints
    company: Companies
    timeline: Timeline

    def __len__(self) -> int:
        return len(self.created)


@dataclass(frozen=True)
class Conversions:
    """One row per converted lead, in order of time: its lead, its customer, and whether it opened an opportunity of its own."""

    lead: Ints
    customer: Ints
    is_new: Mask
    opens: Mask


def make(dice: Dice, calendar: Calendar, people: People, leads: Leads) -> tuple[Customers, Conversions]:
    """The customers, and which lead became which; a lead that came to an existing customer takes that one's name."""
    rng = dice.of("customers")
    converted = np.flatnonzero(leads.status == CONVERTED)
    lead = converted[np.argsort(leads.converted[converted], kind="stable")]
    root = _roots(rng, leads.company[lead])
    is_new = root == np.arange(len(lead))
    origins = lead[is_new]
    brought = max(3, round(DIRECT * len(origins)))
    direct_day = np.sort(draw(rng, calendar.brisk(), brought)) + calendar.first
    created = np.r_[leads.converted[origins], direct_day]
    order = np.argsort(created, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    customer = place[np.cumsum(is_new) - 1][root]
    rep = people.roster.anybody(rng, direct_day)
    source = np.r_[origins, np.full(brought, NEVER)][order]
    by = np.r_[leads.converted_by[origins], rep][order]
    company = _companies(rng, people, leads, source, people.team_at(by, created[order]))
    leads.company.city[lead], leads.company.number[lead] = company.city[customer], company.number[customer]
    customers = Customers(created[order], by, source, company, _timeline(rng, people, leads, created[order], source, by))
    opens = is_new | (rng.random(len(lead)) < 0.75)
    return customers, Conversions(lead, customer, is_new, opens)


def _roots(rng: Generator, company: Companies) -> Ints:
    """For each conversion the one whose customer it joins: itself, or an earlier one, of the same company or a part of it."""
    _, first, same = np.unique(company.city * places().per_city + company.number, return_index=True, return_inverse=True)
    root: Ints = first[same]
    existing = quota(rng, (root == np.arange(len(root))) & (root > 20), ONTO_EXISTING, 5)
    root[existing] = (root[existing] * rng.random(int(existing.sum())) ** 0.7).astype(np.int64)
    while (root[root] != root).any():
        root = root[root]
    return root


def _companies(rng: Generator, people: People, leads: Leads, source: Ints, team: Ints) -> Companies:
    """The lead's company; one with a name of its own for those that reps brought."""
    city, number = leads.company.city[source], leads.company.number[source]
    direct = np.flatnonzero(source == NEVER)
    tables = places()
    fresh = numbered(draw(rng, tables.weights, len(direct)))
    city[direct], number[direct] = fresh.city, tables.per_city - 1 - fresh.number
    return Companies(city, number)


def _timeline(rng: Generator, people: People, leads: Leads, created: Ints, source: Ints, by: Ints) -> Timeline:
    """How each customer was assigned: at once or over a team's pool, and now and then to somebody else later."""
    size, today = len(created), people.calendar.today
    rows = np.arange(size)
    wait = np.where(rng.random(size) < 0.06, rng.integers(4, 25, size), draw(rng, (60, 25, 10, 5), size))
    to_team = workday(created + wait)
    over_pool = rng.random(size) < 0.35
    to_rep = workday(to_team + np.where(over_pool, draw(rng, (40, 30, 15, 10, 5), size), 0))
    direct = source == NEVER
    to_rep[direct] = created[direct]
    keeper = leads.owner[source]
    mine = ~direct & (rng.random(size) < 0.6) & (people.leaves[keeper] > to_rep) & (people.joins[keeper] <= to_rep)
    wanted = np.where(rng.random(size) < 0.8, leads.team[source], 0)
    assigned = to_rep <= today
    rep = np.where(mine, keeper, people.roster.of_team(rng, wanted, np.minimum(to_rep, today)))
    rep[direct] = by[direct]
    team = people.team_at(rep, np.minimum(to_rep, today))
    waits, waits_in_team = _waiting(rng, created, direct, today)
    first = np.flatnonzero((over_pool | waits_in_team) & ~direct & ~waits & (to_team <= today))
    second = np.flatnonzero(assigned & ~waits & ~waits_in_team)
    kind = np.where(direct, lines.INITIAL, np.where(over_pool, lines.TO_REP, lines.AT_ONCE))
    planned = [
        Events(rows[first], to_team[first], np.full(len(first), lines.TO_TEAM), team[first], np.zeros(len(first), dtype=np.int64)),
        Events(rows[second], to_rep[second], kind[second], team[second], rep[second]),
        *_later(rng, people, rows[second], to_rep[second], team[second]),
    ]
    return lines.lived(rng, people, planned)


def _waiting(rng: Generator, created: Ints, direct: Mask, today: int) -> tuple[Mask, Mask]:
    """Who still waits in the company's pool, and who in a team's: new ones, and one or two that were forgotten."""
    recent = (created > today - 45) & ~direct
    pool = quota(rng, recent, 0.06, 4) | quota(rng, ~recent & ~direct, 0.0002, 1)
    in_team = quota(rng, recent & ~pool, 0.06, 4) | quota(rng, ~recent & ~direct & ~pool, 0.0002, 1)
    return pool, in_team & ~pool


def _later(rng: Generator, people: People, rows: Ints, since: Ints, team: Ints) -> list[Events]:
    """Assignments to another rep, to another team, back to the pool and out of it again."""
    today, roster = people.calendar.today, people.roster
    when = workday(since + 20 + (rng.random(len(rows)) * np.maximum(today - since - 20, 1)).astype(np.int64))
    able = when <= today
    within = quota(rng, able, 0.06, 4)
    other = quota(rng, able & ~within, 0.03, 4)
    pooled = quota(rng, able & ~within & ~other, 0.006, 3)
    events = [_to_reps(rng, people, rows[within], when[within], team[within], lines.WITHIN_TEAM)]
    day = when[other]
    rep = roster.anybody(rng, day)
    target = people.team_at(rep, day)
    events += [_to_nobody(rows[other], day, target, lines.OTHER_TEAM)]
    events += [_to_reps(rng, people, rows[other], workday(day + rng.integers(0, 7, len(day))), target, lines.TO_REP)]
    day = when[pooled]
    events += [_to_nobody(rows[pooled], day, np.zeros(len(day), dtype=np.int64), lines.TO_POOL)]
    back = np.flatnonzero(rng.random(len(day)) < 0.7)
    again = workday(day[back] + rng.integers(8, 60, len(back)))
    return [*events, _to_reps(rng, people, rows[pooled][back], again, team[pooled][back], lines.FROM_POOL)]


def _to_reps(rng: Generator, people: People, rows: Ints, day: Ints, team: Ints, kind: int) -> Events:
    happens = np.flatnonzero(day <= people.calendar.today)
    rows, day, team = rows[happens], day[happens], team[happens]
    return Events(rows, day, np.full(len(rows), kind), team, people.roster.of_team(rng, team, day))


def _to_nobody(rows: Ints, day: Ints, team: Ints, kind: int) -> Events:
    return Events(rows, day, np.full(len(rows), kind), team, np.zeros(len(rows), dtype=np.int64))
