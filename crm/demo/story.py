"""The opportunities' histories: every act in order, each with how the opportunity stood after it.

An act sets some of the fields; the others keep what they were. `KEEP` marks those; the first act sets all, so that filling
forward never reaches into the opportunity before.
"""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import NEVER, Calendar
from crm.demo.catalogue import FIRST, PROPOSAL, QUOTED, SIGNED, SURVEY
from crm.demo.dice import Dice, Generator, Ints, spread_out, within
from crm.demo.estimates import Estimates
from crm.demo.lives import LOST, OPEN, STOPPED, WON, Lives
from crm.demo.offers import Offers
from crm.demo.openings import Openings
from crm.demo.people import CHEN, People
from crm.demo.timeline import AT_ONCE, FROM_POOL, HANDED_OVER, OTHER_TEAM, TO_POOL, TO_TEAM

KEEP = -9

CREATED, ASSIGNED, STAGE, AMOUNT, EXPECTED_CLOSE, EDITED, ACT_WON, ACT_LOST, ACT_STOPPED, REOPENED, VOIDED = range(11)
"""Codes of the acts, in the order of `OpportunityAct`."""

SET = ("status", "stage", "team", "owner", "amount", "expected", "reason", "competitor")
"""The fields that an act may set."""

BY_EXECUTIVE = (AT_ONCE, TO_TEAM, OTHER_TEAM, TO_POOL, FROM_POOL, HANDED_OVER)
"""Assignments that are the executive's; the others are made by the team's lead."""


@dataclass(frozen=True)
class Story:
    """One row per act, in order of opportunity and `seq` (from 1)."""

    opportunity: Ints
    seq: Ints
    act: Ints
    day: Ints
    recorded: Ints
    by: Ints
    status: Ints
    stage: Ints
    team: Ints
    owner: Ints
    amount: Ints
    expected: Ints
    reason: Ints
    competitor: Ints

    def __len__(self) -> int:
        return len(self.opportunity)

    @property
    def last(self) -> Ints:
        """The row of each opportunity's last act."""
        return np.flatnonzero(np.r_[self.opportunity[1:] != self.opportunity[:-1], True])

    def first_set(self, values: Ints) -> Ints:
        """For each opportunity the first of `values` (one for each act) that is not 0; 0 where all are."""
        rows = np.flatnonzero(values > 0)[::-1]
        found = np.zeros(int(self.opportunity[-1]) + 1, dtype=np.int64)
        found[self.opportunity[rows]] = values[rows]
        return found

    def at(self, opportunity: Ints, day: Ints) -> Ints:
        """The row of the last act recorded by the end of a day."""
        key = self.opportunity * 65_536 + self.recorded
        return np.searchsorted(key, opportunity * 65_536 + day, side="right") - 1


class _Acts:
    """Acts as they are collected, in any order."""

    def __init__(self) -> None:
        self._parts: list[dict[str, Ints]] = []

    def add(
        self, act: int, rank: int, opportunity: Ints, day: Ints, *, recorded: Ints | None = None, by: Ints | int = KEEP, **sets: Ints | int
    ) -> None:
        """Acts of one kind; of several on one day the one with the lower `rank` comes first."""
        values: dict[str, Ints | int] = {"act": act, "rank": rank, "opportunity": opportunity, "day": day, "by": by}
        values |= {"recorded": day if recorded is None else recorded, **dict.fromkeys(SET, KEEP), **sets}
        self._parts.append({name: np.broadcast_to(np.asarray(value, dtype=np.int64), len(opportunity)) for name, value in values.items()})

    def told(self) -> Story:
        """All acts in order, with what each field was after each of them."""
        columns = {name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]}
        order = np.lexsort((columns["rank"], columns["recorded"], columns["opportunity"]))
        columns = {name: values[order] for name, values in columns.items()}
        for name in SET:
            columns[name] = _filled(columns[name])
        doer = np.where(columns["owner"] > 0, columns["owner"], CHEN)
        columns["by"] = np.where(columns["by"] == KEEP, doer, columns["by"])
        del columns["rank"]
        return Story(seq=within(columns["opportunity"]) + 1, **columns)


def _filled(values: Ints) -> Ints:
    """Each `KEEP` replaced by the value before it."""
    return values[np.maximum.accumulate(np.where(values == KEEP, 0, np.arange(len(values))))]


def make(dice: Dice, calendar: Calendar, people: People, openings: Openings, offers: Offers, lives: Lives, estimates: Estimates) -> Story:
    """Every act on every opportunity up to today."""
    rng, acts = dice.of("story"), _Acts()
    expected = np.where(rng.random(len(openings)) < 0.04, NEVER, openings.created + rng.integers(25, 140, len(openings)))
    _begin(acts, openings, estimates.first, expected)
    _assign(acts, people, openings)
    for stage, day in ((SURVEY, lives.surveyed), (PROPOSAL, lives.proposed), (QUOTED, lives.quoted)):
        rows = np.flatnonzero(day > 0)
        acts.add(STAGE, 2, rows, day[rows], stage=stage)
    rows = np.flatnonzero((lives.quoted_again > 0) & (lives.quoted < 0))
    acts.add(STAGE, 2, rows, lives.quoted_again[rows], stage=QUOTED)
    _revise(rng, acts, calendar, openings, lives, estimates, expected)
    _close(acts, offers, lives.outcome, lives.close, lives.known, lives.reason, lives.competitor)
    _return(acts, people, openings, lives)
    _close(acts, offers, lives.outcome_again, lives.close_again, lives.close_again, lives.reason_again, lives.competitor_again)
    return acts.told()


def _begin(acts: _Acts, openings: Openings, amount: Ints, expected: Ints) -> None:
    acts.add(
        CREATED, 0, np.arange(len(openings)), openings.created, by=openings.created_by, status=OPEN, stage=FIRST, team=openings.team,
        owner=openings.owner, amount=amount, expected=expected, reason=0, competitor=0,
    )  # fmt: skip


def _assign(acts: _Acts, people: People, openings: Openings) -> None:
    """An opportunity follows its customer, also after it is closed."""
    opportunity, place = spread_out(openings.low, openings.high)
    events = openings.customers.timeline.events
    day, team = events.day[place], events.team[place]
    leader = people.leader_at(team, day)
    by = np.where(np.isin(events.kind[place], BY_EXECUTIVE), CHEN, leader)
    acts.add(ASSIGNED, 1, opportunity, day, by=by, team=team, owner=events.owner[place])


def _revise(
    rng: Generator, acts: _Acts, calendar: Calendar, openings: Openings, lives: Lives, estimates: Estimates, expected: Ints
) -> None:
    """Amounts that are reckoned anew, and closings that are put off."""
    rows = np.flatnonzero(estimates.revised_on > 0)
    acts.add(AMOUNT, 3, rows, estimates.revised_on[rows], amount=estimates.revised[rows])
    put_off = openings.created + rng.integers(60, 150, len(openings))
    until = np.where(lives.close > 0, lives.close, calendar.today)
    rows = np.flatnonzero((put_off < until) & (openings.starts < put_off) & (rng.random(len(openings)) < 0.45))
    later = np.maximum(put_off[rows] + rng.integers(14, 90, len(rows)), expected[rows] + 7)
    acts.add(EXPECTED_CLOSE, 4, rows, put_off[rows], expected=later)


def _close(acts: _Acts, offers: Offers, outcome: Ints, day: Ints, recorded: Ints, reason: Ints, competitor: Ints) -> None:
    final = offers.totals(offers.revisions)
    won = np.flatnonzero((outcome == WON) & (day > 0))
    acts.add(ACT_WON, 5, won, day[won], recorded=recorded[won], status=WON, stage=SIGNED, amount=final[won])
    for code, act in ((LOST, ACT_LOST), (STOPPED, ACT_STOPPED)):
        rows = np.flatnonzero((outcome == code) & (day > 0))
        acts.add(act, 5, rows, day[rows], status=code, reason=reason[rows], competitor=competitor[rows])


def _return(acts: _Acts, people: People, openings: Openings, lives: Lives) -> None:
    """Taken up again by the team's lead; or, when a contract is voided by the executive, followed again or stopped."""
    leader = people.leader_at(openings.owner_at(np.maximum(lives.back, 0))[0], lives.back)
    rows = np.flatnonzero((lives.back > 0) & (lives.outcome != WON))
    acts.add(REOPENED, 6, rows, lives.back[rows], by=leader[rows], status=OPEN, reason=0, competitor=0)
    rows = np.flatnonzero((lives.back > 0) & (lives.outcome == WON))
    acts.add(VOIDED, 6, rows, lives.back[rows], by=CHEN, status=lives.back_to[rows], stage=QUOTED, reason=lives.back_reason[rows])
