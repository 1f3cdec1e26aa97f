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


@dataclass(frozen=True)
class _Revisions:
    """Revisions before it is known how they stand.

    `last`: of its round; `later`: another round followed; `signs`: its round ended in a contract, on `signs_on`.
    """

    opportunity: Ints
    revision: Ints
    priced: Ints
    created: Ints
    submitted: Ints
    decided: Ints
    last: Mask
    later: Mask
    signs: Mask
    signs_on: Ints

    def __len__(self) -> int:
        return len(self.opportunity)


def make(dice: Dice, calendar: Calendar, people: People, offers: Offers, lives: Lives, story: Story) -> Quotes:
    """Every quote up to today."""
    rng, today = dice.of("quotes"), calendar.today
    parts = [_first_round(rng, offers, lives, today), _second_round(rng, offers, lives), _drafts(rng, lives, today)]
    columns = zip(*([getattr(part, name) for name in _Revisions.__dataclass_fields__] for part in parts), strict=True)
    made = _Revisions(*map(np.concatenate, columns))
    valid_until = np.where(made.decided > 0, made.decided + rng.integers(25, 60, len(made)), NEVER)
    valid_until = np.where(made.last & made.signs, np.maximum(valid_until, made.signs_on + 5), valid_until)
    status, decided = _states(rng, lives, made, valid_until, today)
    by, lead = _deciders(people, offers, story, made)
    returned = (status == REJECTED) | ((status == SUPERSEDED) & (rng.random(len(made)) < 0.25))
    by_decision = (offers.more_off[made.opportunity] > 0) & (made.revision == offers.revisions[made.opportunity]) & (made.revision > 1)
    submitted_by, decided_by = np.where(made.submitted > 0, by, 0), np.where(decided > 0, lead, 0)
    order = np.lexsort((made.revision, made.opportunity, made.created))
    found: tuple[NDArray[Any], ...] = (
        made.opportunity, made.revision, made.priced, status, _totals(offers, made.opportunity, made.priced), valid_until, made.created,
        made.submitted, submitted_by, decided, decided_by, returned, by_decision & (made.submitted > 0),
    )  # fmt: skip
    return Quotes(*(column[order] for column in found))


def _first_round(rng: Generator, offers: Offers, lives: Lives, today: int) -> _Revisions:
    """One revision after the other from the day of the quote, within the time there was."""
    quoted = np.flatnonzero(lives.quoted > 0)
    rounds, begins = offers.revisions[quoted], lives.quoted[quoted]
    gap = np.minimum(np.where(lives.close[quoted] > 0, lives.close[quoted], today) - begins, ROUND * rounds)
    row, number = spread_out(np.zeros(len(quoted), dtype=np.int64), rounds)
    begin, end = begins[row] + gap[row] * number // rounds[row], begins[row] + gap[row] * (number + 1) // rounds[row]
    opportunity = quoted[row]
    return _Revisions(
        opportunity, number + 1, number + 1, begin, begin, np.minimum(begin + rng.integers(0, 4, len(row)), end),
        number + 1 == rounds[row], lives.quoted_again[opportunity] > 0, lives.outcome[opportunity] == WON, lives.close[opportunity],
    )  # fmt: skip


def _second_round(rng: Generator, offers: Offers, lives: Lives) -> _Revisions:
    """The quote that is signed after an opportunity was taken up again."""
    again = np.flatnonzero(lives.quoted_again > 0)
    begin, yes = lives.quoted_again[again], np.ones(len(again), dtype=np.bool_)
    revision = np.where(lives.quoted[again] > 0, offers.revisions[again], 0) + 1
    decided = begin + rng.integers(0, 3, len(again))
    return _Revisions(again, revision, offers.revisions[again], begin, begin, decided, yes, ~yes, yes, lives.close_again[again])


def _drafts(rng: Generator, lives: Lives, today: int) -> _Revisions:
    """Offers that are being written."""
    rows = np.flatnonzero(quota(rng, (lives.proposed > 0) & (lives.quoted < 0) & (lives.outcome == OPEN) & (lives.back < 0), 0.2, 3))
    one, never, no = np.ones(len(rows), dtype=np.int64), np.full(len(rows), NEVER), np.zeros(len(rows), dtype=np.bool_)
    return _Revisions(rows, one, one, np.minimum(lives.proposed[rows] + 2, today), never, never, ~no, no, no, never)


def _deciders(people: People, offers: Offers, story: Story, made: _Revisions) -> tuple[Ints, Ints]:
    """Who submits each revision, and who decides on it: the team's lead, or the executive where that is above them."""
    by = _owners(story, made.opportunity, made.created)
    team = story.team[story.at(made.opportunity, made.created)]
    lead = people.leader_at(team, np.maximum(made.decided, 0))
    above = _executives(offers, made.opportunity, made.priced) | (lead == by)
    return by, np.where(above, CHEN, lead)


def _states(rng: Generator, lives: Lives, made: _Revisions, valid_until: Ints, today: int) -> tuple[Ints, Ints]:
    """How each revision stands today, and when it was decided on (not yet, where it waits)."""
    followed = (lives.outcome == OPEN) & (lives.back < 0)
    fresh = followed[made.opportunity] & made.last & (made.submitted > 0)
    waiting = fresh & ((made.submitted >= today - 2) | quota(rng, fresh & (made.submitted >= today - 20), 0.15, 3))
    rejected = quota(rng, fresh & ~waiting & (made.submitted >= today - 60), 0.1, 3)
    status = np.where(rng.random(len(made)) < 0.12, REJECTED, APPROVED)
    status = np.where(rejected, REJECTED, np.where(waiting, SUBMITTED, status))
    status = np.where((status == APPROVED) & (valid_until < today), EXPIRED, status)
    status = np.where(~made.last | (made.later & ~made.signs), SUPERSEDED, np.where(made.signs, SIGNED, status))
    status = np.where(made.submitted < 0, DRAFT, status)
    decided = np.where((status == DRAFT) | (status == SUBMITTED), NEVER, np.minimum(made.decided, today))
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
