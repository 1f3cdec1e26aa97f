"""Which products an opportunity was about, and when: those of its offer; some began with the main one alone, and a few state none."""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import NEVER
from crm.demo.dice import Dice, Ints, Mask, quota
from crm.demo.estimates import Estimates
from crm.demo.offers import Offers
from crm.demo.quotes import Quotes


@dataclass(frozen=True)
class Interests:
    """One row per opportunity. `grown_on`: the day on which the others came to the main product, with a revised amount; `NEVER` where
    they were there from the start."""

    bare: Mask
    grown_on: Ints

    def grown(self) -> Ints:
        """The opportunities (rows) that began with one product."""
        return np.flatnonzero(self.grown_on > 0)

    def masks(self, offers: Offers, on: int) -> Ints:
        """For each opportunity the products that it was about at the end of a day: bit 0 for the first."""
        whole = np.zeros(len(self.bare), dtype=np.int64)
        np.bitwise_or.at(whole, offers.opportunity, 1 << (offers.product - 1))
        return np.where(self.bare, 0, np.where(on < self.grown_on, 1 << (offers.main - 1), whole))


def make(dice: Dice, offers: Offers, estimates: Estimates, quotes: Quotes) -> Interests:
    """The lines' beginnings of all opportunities."""
    count = len(offers.gross)
    quoted = np.bincount(quotes.opportunity, minlength=count) > 0
    bare = quota(dice.of("opportunity lines"), ~quoted, 0.07, 5)
    several = np.bincount(offers.opportunity, minlength=count) > 1
    grown = quota(dice.of("interests"), ~bare & several & (estimates.revised_on > 0), 0.1, 6)
    return Interests(bare, np.where(grown, estimates.revised_on, NEVER))
