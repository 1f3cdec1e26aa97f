"""The demo company's quotes: revisions of every offer that came so far, who decided on them, and how they stand today."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm.demo.calendar import NEVER, Calendar
from crm.demo.dice import Dice, Generator, Ints, Mask, quota, spread_out
from crm.demo.lives import OPEN, WON, Lives
from crm.demo.offers import EXECUTIVE_FROM, Offers
from crm.demo.people import CHEN, People
from crm.demo.story import Story

DRAFT, SUBMITTED, APPROVED, REJECTED, SUPERSEDED, SIGNED, EXPIRED = range(7)
"""Codes of the states, in the order of `QuoteStatus`."""

ROUND = 9
"""Days that a revision takes at the most."""


@dataclass(frozen=True)
class Quotes:
    """One row per revision, in order of creation; the id is the row + 1. `priced`: the revision of the offer that it shows."""

    opportunity: Ints
    revision: Ints
    priced: Ints
    status: Ints
    total: Ints
    valid_until: Ints
    created: Ints
    submitted: Ints
    submitted_by: Ints
    decided: Ints
    decided_by: Ints
    returned: Mask
    by_decision: Mask

    def __len__(self) -> int:
        return len(self.opportunity)

    def signed_for(self, opportunities: int) -> tuple[Ints, Ints]:
        """For each opportunity the row of its first signed quote and of its last one; `NEVER` without."""
        rows = np.flatnonzero(self.status == SIGNED)
        first, last = np.full(opportunities, NEVER), np.full(opportunities, NEVER)
        first[self.opportunity[rows][::-1]] = rows[::-1]
        last[self.opportunity[rows]] = rows
        return first, last


def make(dice: Dice, calendar: Calendar, people: People, offers: Offers, lives: Lives, story: Story) -> Quotes:
    """Every quote up to today."""
    rng, today = dice.of("quotes"), calendar.today
    opportunity, revision, submitted, decided = _revisions(rng, offers, lives, today)
    drafts = quota(rng, (lives.proposed > 0) & (lives.quoted < 0) & (lives.outcome == OPEN) & (lives.back < 0), 0.2, 3)
    again = np.flatnonzero(lives.quoted_again > 0)
    drafted = np.flatnonzero(drafts)
    earlier = np.where(lives.quoted > 0, offers.revisions, 0)
    none = np.full(len(drafted), NEVER)
    size_first = len(opportunity)
    opportunity = np.r_[opportunity, again, drafted]
    revision = np.r_[revision, earlier[again] + 1, none + 2]
    submitted = np.r_[submitted, lives.quoted_again[again], none]
    decided = np.r_[decided, lives.quoted_again[again] + rng.integers(0, 3, len(again)), none]
    created = np.where(submitted > 0, submitted, np.minimum(lives.proposed[opportunity] + 2, today))
    last = np.r_[revision[:size_first] == offers.revisions[opportunity[:size_first]], np.ones(len(again) + len(drafted), dtype=np.bool_)]
    later = np.zeros(len(opportunity), dtype=np.bool_)
    later[:size_first] = (lives.quoted_again > 0)[opportunity[:size_first]]
    signed = np.where(later | (np.arange(len(opportunity)) < size_first), lives.outcome[opportunity] == WON, submitted > 0)
    signs_on = np.where(np.arange(len(opportunity)) < size_first, lives.close[opportunity], lives.close_again[opportunity])
    valid_until = np.where(decided > 0, decided + rng.integers(25, 60, len(decided)), NEVER)
    valid_until = np.where(last & signed & (submitted > 0), np.maximum(valid_until, signs_on + 5), valid_until)
    status, decided = _states(rng, lives, opportunity, last, later, signed, submitted, decided, valid_until, today)
    first_round = np.arange(len(opportunity)) < size_first
    priced = np.where(first_round, revision, np.where(submitted > 0, offers.revisions[opportunity], 1))
    total = _totals(offers, opportunity, priced)
    by = _owners(story, opportunity, created)
    team = story.team[story.at(opportunity, created)]
    lead = np.where(_executives(offers, opportunity, priced), CHEN, people.leader_at(team, np.maximum(decided, 0)))
    lead = np.where(lead == by, CHEN, lead)
    returned = (status == REJECTED) | ((status == SUPERSEDED) & (rng.random(len(status)) < 0.25))
    by_decision = (offers.more_off[opportunity] > 0) & (revision == offers.revisions[opportunity]) & (submitted > 0) & (revision > 1)
    order = np.lexsort((revision, opportunity, created))
    columns: tuple[NDArray[Any], ...] = (
        opportunity, revision, priced, status, total, valid_until, created, submitted, np.where(submitted > 0, by, 0), decided,
        np.where(decided > 0, lead, 0), returned, by_decision,
    )  # fmt: skip
    return Quotes(*(column[order] for column in columns))


def _revisions(rng: Generator, offers: Offers, lives: Lives, today: int) -> tuple[Ints, Ints, Ints, Ints]:
    """The revisions of the first round: opportunity, number, day of submission and of decision, within the time there was."""
    quoted = np.flatnonzero(lives.quoted > 0)
    rounds = offers.revisions[quoted]
    until = np.where(lives.close[quoted] > 0, lives.close[quoted], today)
    gap = np.minimum(until - lives.quoted[quoted], ROUND * rounds)
    row, number = spread_out(np.zeros(len(quoted), dtype=np.int64), rounds)
    begin = lives.quoted[quoted][row] + gap[row] * number // rounds[row]
    end = lives.quoted[quoted][row] + gap[row] * (number + 1) // rounds[row]
    decided = np.minimum(begin + rng.integers(0, 4, len(row)), end)
    return quoted[row], number + 1, begin, decided


def _states(
    rng: Generator, lives: Lives, opportunity: Ints, last: Mask, later: Mask, signed: Mask, submitted: Ints,
    decided: Ints, valid_until: Ints,
    today: int,
) -> tuple[Ints, Ints]:  # fmt: skip
    """How each revision stands today, and when it was decided on (not yet, where it waits)."""
    size = len(opportunity)
    open_now = (lives.outcome[opportunity] == OPEN) & (lives.back[opportunity] < 0)
    status = np.where(rng.random(size) < 0.12, REJECTED, APPROVED)
    fresh = open_now & last & (submitted > 0)
    waiting = fresh & ((submitted >= today - 2) | quota(rng, fresh & (submitted >= today - 20), 0.15, 3))
    rejected = quota(rng, fresh & ~waiting & (submitted >= today - 60), 0.1, 3)
    status = np.where(rejected, REJECTED, np.where(waiting, SUBMITTED, status))
    expired = (status == APPROVED) & (valid_until < today)
    status = np.where(expired, EXPIRED, status)
    status = np.where(~last | (later & ~signed), SUPERSEDED, np.where(signed, SIGNED, status))
    status = np.where(submitted < 0, DRAFT, status)
    decided = np.where((status == DRAFT) | (status == SUBMITTED), NEVER, np.minimum(decided, today))
    return status, decided


def _totals(offers: Offers, opportunity: Ints, priced: Ints) -> Ints:
    """What each quote comes to."""
    table = np.stack([offers.totals(np.full(len(offers.gross), revision)) for revision in (1, 2, 3)], axis=1)
    return table[opportunity, priced - 1]


def _owners(story: Story, opportunity: Ints, day: Ints) -> Ints:
    """Who followed each opportunity on a day; its first owner where it waited in a pool just then."""
    owner = story.owner[story.at(opportunity, day)]
    return np.where(owner > 0, owner, story.first_set(story.owner)[opportunity])


def _executives(offers: Offers, opportunity: Ints, priced: Ints) -> Mask:
    """Whether what the customer pays lies further below the list than a lead may approve."""
    discount = offers.discount_of(opportunity, priced)
    off = np.where(priced >= offers.revisions[opportunity], offers.more_off[opportunity], 0)
    return np.asarray((10_000 - discount) * (10_000 - off) < 10_000 * (10_000 - EXECUTIVE_FROM))


def lines_of(offers: Offers, opportunity: Ints) -> tuple[Ints, Ints]:
    """For each row the lines of its opportunity: the number of the row, and of the line."""
    low, high = np.searchsorted(offers.opportunity, opportunity), np.searchsorted(offers.opportunity, opportunity, side="right")
    return spread_out(low, high)
