"""What each opportunity is expected to bring: a first guess, and for some of them one more, by the quote or on the way."""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import NEVER, Calendar
from crm.demo.dice import Dice, Floats, Generator, Ints, quota
from crm.demo.lives import OPEN, Lives
from crm.demo.offers import Offers
from crm.demo.openings import Openings

UNKNOWN = -1
"""An amount that nobody has stated."""


@dataclass(frozen=True)
class Estimates:
    """One row per opportunity; `revised_on` is `NEVER` where the first guess stayed."""

    first: Ints
    revised: Ints
    revised_on: Ints


def make(dice: Dice, calendar: Calendar, openings: Openings, offers: Offers, lives: Lives) -> Estimates:
    """The expected amounts of all opportunities while they are followed."""
    rng = dice.of("estimates")
    size = len(openings)
    first = _rounded(rng, offers.gross * rng.uniform(0.8, 1.15, size))
    unstated = quota(rng, (lives.quoted < 0) & (lives.outcome == OPEN), 0.03, 4) | quota(
        rng, (lives.quoted < 0) & (lives.outcome != OPEN), 0.03, 4
    )
    first[unstated] = UNKNOWN
    until = np.where(lives.close > 0, lives.close, calendar.today)
    midway = openings.starts + ((until - openings.starts) * rng.uniform(0.2, 0.9, size)).astype(np.int64)
    able = (openings.starts <= calendar.today) & (midway < until) & (lives.quoted < 0)
    stated = quota(rng, unstated & able, 0.2, 1)
    again = able & ~unstated & (rng.random(size) < 0.14)
    quoted = (lives.quoted > 0) & (rng.random(size) < 0.4)
    guess = np.where(stated, offers.gross * 1.0, first * rng.uniform(0.7, 1.5, size))
    of_quote = offers.totals(np.ones(size, dtype=np.int64))
    revised = np.where(quoted, of_quote, _rounded(rng, np.maximum(guess, 100.0)))
    return Estimates(first, revised, np.where(quoted, lives.quoted, np.where(stated | again, midway, NEVER)))


def _rounded(rng: Generator, guess: Floats) -> Ints:
    """Mostly round: to the ten thousand, the thousand, the hundred, and some to the cent."""
    grain = np.array([1_000_000, 100_000, 10_000, 1])[rng.choice(4, len(guess), p=(0.2, 0.45, 0.22, 0.13))]
    grain = np.minimum(grain, np.where(guess > 5_000_000, 1_000_000, 10_000))
    return np.asarray(np.maximum(np.rint(guess / grain), 1).astype(np.int64) * grain)
