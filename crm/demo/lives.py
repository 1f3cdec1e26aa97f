"""What becomes of the demo company's opportunities: rivals, stages, closings, what is reopened or voided and closed again."""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import FAR, NEVER, Calendar, quarter_end, weekday, workday
from crm.demo.catalogue import SURVEY_RETIRED_AGO, Catalogue
from crm.demo.dice import Dice, Floats, Generator, Ints, Mask, draw, quota, tailed
from crm.demo.lists import words
from crm.demo.offers import Offers
from crm.demo.openings import Openings
from crm.demo.people import People

OPEN, WON, LOST, STOPPED = range(4)
"""Codes of how things end, in the order of `OpportunityStatus`."""

LAST_WORDS = 8
"""Days that an opportunity is followed at the least."""


@dataclass(frozen=True)
class Lives:
    """One row per opportunity; days are `NEVER` where something did not happen, ids 0.

    `close`, `outcome`, `reason`, `competitor`: the first closing, known from `known` on. `back`: reopened or, if it was won, its
    contract voided; `back_to`: what it then was. `close_again` and the like: the closing after that.
    """

    rival: Ints
    surveyed: Ints
    proposed: Ints
    quoted: Ints
    outcome: Ints
    close: Ints
    known: Ints
    reason: Ints
    competitor: Ints
    back: Ints
    back_to: Ints
    back_reason: Ints
    outcome_again: Ints
    close_again: Ints
    reason_again: Ints
    competitor_again: Ints
    quoted_again: Ints


def make(dice: Dice, calendar: Calendar, people: People, catalogue: Catalogue, openings: Openings, offers: Offers) -> Lives:
    """The life of every opportunity up to today."""
    rng = dice.of("lives")
    size, today = len(openings), calendar.today
    begun = openings.starts <= today
    start = np.minimum(openings.starts, today)
    rival = np.where(begun & (rng.random(size) < 0.34), catalogue.draw_competitors(rng, start), 0)
    outcome = _outcomes(rng, people, catalogue, openings, start, rival)
    length = _lengths(rng, openings, offers, outcome)
    proposed, quoted, surveyed = _stages(rng, calendar, start, length, outcome)
    close = np.maximum(workday(start + length), np.maximum(quoted, proposed) + 1)
    close = _pulled(rng, close, outcome, today)
    outcome = _shaken(rng, people, openings, close, outcome)
    halted, close, outcome = _halted(rng, catalogue, offers, start, close, outcome, today)
    owned = openings.owner_at(np.minimum(close, today))[1] > 0
    happens = begun & (outcome != OPEN) & (close <= today) & owned
    close, outcome = np.where(happens, close, NEVER), np.where(happens, outcome, OPEN)
    until = np.where(happens, close, today)
    surveyed, proposed, quoted = (np.where(begun & (day > 0) & (day <= until), day, NEVER) for day in (surveyed, proposed, quoted))
    known = _known(rng, openings, outcome, close, today)
    reason, competitor = _reasons(rng, outcome, rival, halted)
    back, back_to = _back(rng, outcome, close, known, today)
    again, close_again = _again(rng, openings, back, back_to, today)
    reason_again, competitor_again = _reasons(rng, again, rival, np.zeros(size, dtype=np.bool_))
    back_reason = np.where(back_to == STOPPED, _reasons(rng, np.full(size, STOPPED), rival, np.zeros(size, dtype=np.bool_))[0], 0)
    quoted_again = np.where((again == WON) & (back > 0), workday(back + 3), NEVER)
    return Lives(
        rival, surveyed, proposed, quoted, outcome, close, known, reason, competitor, back, back_to, back_reason,
        again, close_again, reason_again, competitor_again, quoted_again,
    )  # fmt: skip


def _outcomes(rng: Generator, people: People, catalogue: Catalogue, openings: Openings, start: Ints, rival: Ints) -> Ints:
    """How each opportunity would end: skill, source, rivals and the state of the team decide."""
    size = len(start)
    team, owner = openings.owner_at(start)
    chance = 0.26 * np.maximum(people.skill[owner], 0.1) ** 0.35
    chance *= np.where(openings.source > 0, catalogue.source_values("win")[openings.source], 1.0)
    chance *= np.where(rival > 0, np.where(catalogue.at_war(rival, start), 0.35, 0.75), 1.0)
    chance *= np.where(people.fallen(team, start), 0.3, 1.0) * np.where(openings.again, 1.15, 1.0)
    chance[openings.loyal] = 1.0
    rest = np.array([LOST, STOPPED, OPEN])[draw(rng, (56, 39, 5), size)]
    return np.where(rng.random(size) < chance, WON, rest)


def _lengths(rng: Generator, openings: Openings, offers: Offers, outcome: Ints) -> Ints:
    """How long it would take: large ones longer, known customers less."""
    usual: Floats = 32.0 + 22.0 * np.log10(np.maximum(offers.gross, 1_000_000) / 1_000_000)
    usual *= np.where(openings.again, 0.75, 1.0) * np.where(outcome == WON, 0.9, 1.0)
    return np.maximum(tailed(rng, usual, 0.6, len(outcome)).astype(np.int64), LAST_WORDS)


def _stages(rng: Generator, calendar: Calendar, start: Ints, length: Ints, outcome: Ints) -> tuple[Ints, Ints, Ints]:
    """The days of proposal, quote and (before it was retired) survey; `NEVER` where it would not come to that."""
    size = len(start)
    reach = np.choose(outcome, [draw(rng, odds, size) for odds in ((40, 35, 25), (0, 0, 100), (25, 30, 45), (45, 35, 20))])
    second = rng.uniform(0.12, 0.4, size)
    third = second + rng.uniform(0.15, 0.35, size)
    proposed = np.maximum(workday(start + np.maximum((second * length).astype(np.int64), 1)), start)
    quoted = np.maximum(workday(start + np.maximum((third * length).astype(np.int64), 2)), proposed)
    surveyed = np.minimum(workday(start + (0.06 * length).astype(np.int64)), proposed)
    in_use = (rng.random(size) < 0.5) & (surveyed < calendar.today - SURVEY_RETIRED_AGO)
    skips = (reach == 2) & (rng.random(size) < 0.2)
    return np.where((reach >= 1) & ~skips, proposed, NEVER), np.where(reach >= 2, quoted, NEVER), np.where(in_use, surveyed, NEVER)


def _pulled(rng: Generator, close: Ints, outcome: Ints, today: int) -> Ints:
    """Some signings wait for, or are hurried into, the last days of the quarter."""
    end = quarter_end(close) - draw(rng, (30, 25, 15, 10, 10, 10), len(close))
    end -= np.maximum(weekday(end) - 4, 0)
    pulled = (outcome == WON) & (rng.random(len(close)) < 0.4) & (end >= close) & (end - close < 45) & (end <= today)
    return np.where(pulled, end, close)


def _shaken(rng: Generator, people: People, openings: Openings, close: Ints, outcome: Ints) -> Ints:
    """What the team that has fallen apart would have won, it mostly loses."""
    team, _ = openings.owner_at(np.minimum(close, people.calendar.today))
    lost = people.fallen(team, close - 20) & (outcome == WON) & ~openings.loyal & (rng.random(len(close)) < 0.9)
    return np.where(lost, LOST, outcome)


def _halted(
    rng: Generator, catalogue: Catalogue, offers: Offers, start: Ints, close: Ints, outcome: Ints, today: int
) -> tuple[Mask, Ints, Ints]:
    """What was under way with a product when it was withdrawn is stopped soon after."""
    ends = np.full(len(start), FAR)
    np.minimum.at(ends, offers.opportunity, catalogue.sold_until[offers.product])
    caught = (ends <= today) & (start < ends) & (close > ends)
    day = workday(ends + rng.integers(2, 35, len(start)))
    return caught, np.where(caught, day, close), np.where(caught, STOPPED, outcome)


def _known(rng: Generator, openings: Openings, outcome: Ints, close: Ints, today: int) -> Ints:
    """When each closing was recorded: a few contracts are entered some days after they were signed."""
    later = workday(close + rng.integers(1, 13, len(close)))
    same = openings.owner_at(np.maximum(close, 0))[1] == openings.owner_at(np.maximum(later, 0))[1]
    dated_back = quota(rng, (outcome == WON) & (later <= today) & same, 0.03, 3)
    return np.where(dated_back, later, close)


def _reasons(rng: Generator, outcome: Ints, rival: Ints, halted: Mask) -> tuple[Ints, Ints]:
    """The reason's id, and the competitor where it names one; reasons of losing come first, then those of stopping."""
    lost, stopped = words("master")["lost_reasons"]["list"], words("master")["stop_reasons"]["list"]
    size = len(outcome)
    because = np.where(rival > 0, draw(rng, [weight * (2.0 if names else 1.0) for _, weight, names in lost], size) + 1, 0)
    alone = draw(rng, [0 if names else weight for _, weight, names in lost], size) + 1
    lost_id = np.where(rival > 0, because, alone)
    stop_id = len(lost) + 1 + np.where(halted, len(stopped) - 1, draw(rng, [w for _, w in stopped[:-1]], size))
    names_rival = np.array([False, *(names for *_, names in lost)])[lost_id]
    reason = np.where(outcome == LOST, lost_id, np.where(outcome == STOPPED, stop_id, 0))
    return reason, np.where((outcome == LOST) & names_rival, rival, 0)


def _back(rng: Generator, outcome: Ints, close: Ints, known: Ints, today: int) -> tuple[Ints, Ints]:
    """What was lost or stopped and is taken up again, and what was won and its contract voided."""
    size = len(outcome)
    later = np.where(outcome == WON, workday(close + rng.integers(25, 120, size)), workday(close + rng.integers(8, 60, size)))
    able = (close > 0) & (later <= today) & (known == close)
    reopened = quota(rng, able & (outcome >= LOST), 0.012, 8)
    voided = quota(rng, able & (outcome == WON) & (close < today - 60), 0.006, 6)
    stops = quota(rng, voided, 0.35, 2)
    return np.where(reopened | voided, later, NEVER), np.where(stops, STOPPED, OPEN)


def _again(rng: Generator, openings: Openings, back: Ints, back_to: Ints, today: int) -> tuple[Ints, Ints]:
    size = len(back)
    outcome = draw(rng, (25, 45, 20, 10), size)
    close = workday(back + rng.integers(18, 90, size))
    owned = openings.owner_at(np.minimum(close, today))[1] > 0
    happens = (back > 0) & (back_to == OPEN) & (outcome != OPEN) & (close <= today) & owned
    return np.where(happens, outcome, OPEN), np.where(happens, close, NEVER)
