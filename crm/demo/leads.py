"""The demo company's leads: when and whence they come, whose they are, and what becomes of them."""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import NEVER, Calendar, workday
from crm.demo.catalogue import Catalogue
from crm.demo.dice import Dice, Generator, Ints, Mask, draw, quota, tailed
from crm.demo.names import Companies, numbered, places
from crm.demo.people import MEI, People, Sizes

UNPROCESSED, WORKING, CONVERTED, FAILED = range(4)
"""Codes of the states, in the order of `LeadStatus`."""

STILL_OPEN = 150
"""Days within which a lead may simply still be open."""
AFTERGLOW = 25
"""Days after a campaign in which its leads still come."""


@dataclass(frozen=True)
class Leads:
    """One row per lead, in order of arrival; the id is the row + 1. Days are `NEVER` where something did not happen."""

    arrived: Ints
    source: Ints
    campaign: Ints
    product: Ints
    arrival_owner: Ints
    arrival_team: Ints
    owner: Ints
    team: Ints
    company: Companies
    status: Ints
    handled: Ints
    converted: Ints
    converted_by: Ints
    failed: Ints

    def __len__(self) -> int:
        return len(self.arrived)


def make(dice: Dice, sizes: Sizes, calendar: Calendar, people: People, catalogue: Catalogue) -> Leads:
    """Every lead of the six years."""
    rng = dice.of("leads")
    arrived = np.sort(draw(rng, calendar.brisk(), sizes.leads)) + calendar.first
    source = catalogue.draw_sources(rng, arrived)
    campaign = _campaigns(rng, arrived, source, catalogue)
    wanted = catalogue.draw_products(rng, arrived)
    advertised = np.r_[0, catalogue.campaigns.product][campaign]
    sold = (catalogue.sold_from[advertised] <= arrived) & (arrived < catalogue.sold_until[advertised]) & (advertised > 0)
    product = np.where(sold, advertised, np.where(rng.random(len(arrived)) < 0.8, wanted, 0))
    owner = people.roster.anybody(rng, arrived)
    team = people.team_at(owner, arrived)
    handled, converted, failed = _fates(rng, calendar, catalogue, people, arrived, source, owner)
    status = np.where(converted > 0, CONVERTED, np.where(failed > 0, FAILED, np.where(handled > 0, WORKING, UNPROCESSED)))
    closed = np.where(status == CONVERTED, converted, np.where(status == FAILED, failed, calendar.today))
    holder = _handed_over(rng, people, owner, closed)
    by = np.where(rng.random(len(arrived)) < 0.06, MEI, holder)
    return Leads(
        arrived, source, campaign, product, owner, team, holder, people.team_at(holder, closed), _companies(rng, people, team),
        status, handled, converted, np.where(status == CONVERTED, by, 0), failed,
    )  # fmt: skip


def _campaigns(rng: Generator, arrived: Ints, source: Ints, catalogue: Catalogue) -> Ints:
    campaign, campaigns = np.zeros(len(arrived), dtype=np.int64), catalogue.campaigns
    for row in range(len(campaigns.names)):
        low, high = np.searchsorted(arrived, [campaigns.start[row], campaigns.end[row] + AFTERGLOW])
        part = slice(low, high)
        brought = (source[part] == campaigns.source[row]) & (rng.random(high - low) < 0.75)
        campaign[part][brought] = row + 1
    return campaign


def _fates(
    rng: Generator, calendar: Calendar, catalogue: Catalogue, people: People, arrived: Ints, source: Ints, owner: Ints
) -> tuple[Ints, Ints, Ints]:
    """When each lead was first handled, converted and failed."""
    size, today = len(arrived), calendar.today
    slow = rng.random(size) < 0.05
    wait = np.where(slow, rng.integers(4, 30, size), tailed(rng, 0.6, 0.9, size).astype(np.int64))
    handled = np.maximum(workday(arrived + wait), arrived)
    chance = catalogue.source_values("rate")[source] * catalogue.quality(source, arrived) * people.skill[owner] ** 0.25
    fate = rng.random(size)
    converts, lingers = fate < chance, fate > 0.95
    idle = _idle(rng, arrived, lingers, today)
    converted = workday(handled + tailed(rng, catalogue.source_values("days")[source], 0.9, size).astype(np.int64))
    failed = workday(handled + np.where(lingers, rng.integers(60, STILL_OPEN, size), tailed(rng, 12.0, 1.0, size).astype(np.int64)))
    handled = np.where((handled > today) | idle, NEVER, handled)
    happens = handled > 0
    converted = np.where(converts & happens & (converted <= today), converted, NEVER)
    stays = lingers & (rng.random(size) < 0.01)
    failed = np.where(~converts & ~stays & happens & (failed <= today), failed, NEVER)
    return handled, converted, failed


def _idle(rng: Generator, arrived: Ints, lingers: Mask, today: int) -> Mask:
    """The leads that nobody has done anything with: recent ones, and a few that were forgotten."""
    recent = arrived >= today - 60
    return (lingers & recent & (rng.random(len(arrived)) < 0.6)) | quota(rng, ~recent, 0.0008, 3)


def _handed_over(rng: Generator, people: People, owner: Ints, until: Ints) -> Ints:
    """Whose each lead was on the last day that it was open: a leaver's goes to somebody else of the team."""
    holder = owner.copy()
    while len(gone := np.flatnonzero(people.leaves[holder] <= until)):
        left = people.leaves[holder[gone]]
        team = people.team_at(holder[gone], left)
        holder[gone] = people.roster.of_team(rng, team, left)
    return holder


def _companies(rng: Generator, people: People, team: Ints) -> Companies:
    """A company for each lead, mostly in its team's region; now and then one that has asked before."""
    tables = places()
    city = draw(rng, tables.weights, len(team))
    at_home, region = rng.random(len(team)) < 0.85, people.team_regions[team]
    for number in range(len(tables.regions)):
        rows = np.flatnonzero(at_home & (region == number))
        city[rows] = draw(rng, tables.weights * (tables.region_of == number), len(rows))
    companies = numbered(city)
    again = np.flatnonzero(rng.random(len(team)) < 0.03)
    earlier = (again * rng.random(len(again)) ** 0.2).astype(np.int64)
    companies.city[again], companies.number[again] = companies.city[earlier], companies.number[earlier]
    return companies
