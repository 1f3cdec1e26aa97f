"""What each opportunity is about: products, quantities, list amounts, discounts, and what revisions of a quote come to.

Amounts are cents. A line is worth quantity × unit price × (1 − discount), half-up to the cent, as `crm.rules.quotes` has it.
"""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import Calendar
from crm.demo.catalogue import Catalogue
from crm.demo.dice import Dice, Floats, Generator, Ints, draw, quota, sums, within
from crm.demo.leads import Leads
from crm.demo.openings import Openings

DISCOUNTS = (0, 200, 300, 500, 800, 1000, 1200, 1500)
DISCOUNT_WEIGHTS = (20, 12, 12, 22, 14, 10, 6, 4)
EXECUTIVE_FROM = 1000
"""A discount above this (in hundredths of a percent) is the executive's to approve."""
FLOOR = 8200
"""The floor price, in hundredths of a percent of the list price."""
MORE_OFF = (200, 300, 500)
"""What a lead's decision takes further off."""


@dataclass(frozen=True)
class Offers:
    """Lines, and per opportunity: main product, list amount, revisions of the quote, last discount, a decision's further discount."""

    opportunity: Ints
    position: Ints
    product: Ints
    milli: Ints
    unit: Ints
    main: Ints
    gross: Ints
    revisions: Ints
    discount: Ints
    more_off: Ints

    def discount_of(self, opportunity: Ints, revision: Ints) -> Ints:
        """The discount of one revision: it grows towards the last one; a decision's revision keeps the one before."""
        last = self.revisions[opportunity]
        steps = np.where(self.more_off[opportunity] > 0, np.minimum(revision, last - 1), revision)
        return np.asarray(self.discount[opportunity] * steps // last // 50 * 50)

    def unit_of(self, opportunity: Ints, revision: Ints, unit: Ints) -> Ints:
        """The unit price in one revision: lower by the decision in the last."""
        off = np.where(revision >= self.revisions[opportunity], self.more_off[opportunity], 0)
        return _half_up(unit * (10_000 - off), 10_000)

    def amounts(self, lines: Ints, revision: Ints) -> Ints:
        """What these lines come to in a revision (one for each line)."""
        opportunity = self.opportunity[lines]
        unit = self.unit_of(opportunity, revision, self.unit[lines])
        return _half_up(self.milli[lines] * unit * (10_000 - self.discount_of(opportunity, revision)), 10_000_000)

    def totals(self, revision: Ints) -> Ints:
        """What each opportunity's quote comes to in a revision (one for each opportunity)."""
        lines = np.arange(len(self.opportunity))
        return sums(self.opportunity, self.amounts(lines, revision[self.opportunity]), len(self.gross))


def _half_up(numerator: Ints, denominator: int) -> Ints:
    return (2 * numerator + denominator) // (2 * denominator)


def make(dice: Dice, calendar: Calendar, catalogue: Catalogue, leads: Leads, openings: Openings) -> Offers:
    """What every opportunity is about."""
    rng = dice.of("offers")
    size = len(openings)
    main = _mains(rng, catalogue, leads, openings)
    opportunity, product = _lines(rng, catalogue, openings, main)
    extent = _extents(rng, openings)
    milli = _quantities(rng, catalogue, product, extent[opportunity])
    unit = catalogue.price[product]
    gross = sums(opportunity, _half_up(milli * unit, 1000), size)
    discount = np.array(DISCOUNTS)[draw(rng, DISCOUNT_WEIGHTS, size)]
    revisions = np.where(discount == 0, 1, draw(rng, (55, 33, 12), size) + 1)
    decided = quota(rng, revisions > 1, 0.12, 40)
    more_off = np.where(decided, np.array(MORE_OFF)[rng.integers(0, len(MORE_OFF), size)], 0)
    return Offers(opportunity, within(opportunity), product, milli, unit, main, gross, revisions, discount, more_off)


def _mains(rng: Generator, catalogue: Catalogue, leads: Leads, openings: Openings) -> Ints:
    """The lead's product where it is still sold; else one that is."""
    drawn = catalogue.draw_products(rng, openings.created)
    asked = np.where(openings.lead < 0, 0, leads.product[openings.lead])
    sold = (asked > 0) & (catalogue.sold_from[asked] <= openings.created) & (openings.created < catalogue.sold_until[asked])
    return np.where(sold, asked, drawn)


def _lines(rng: Generator, catalogue: Catalogue, openings: Openings, main: Ints) -> tuple[Ints, Ints]:
    """One to three different products; what is not on sale on the day is left out."""
    size, count = len(main), len(catalogue.products)
    lines = draw(rng, (60, 27, 13), size) + 1
    second = rng.integers(1, count, size)
    third = (second - 1 + rng.integers(1, count - 1, size)) % (count - 1) + 1
    products = np.stack([main, (main - 1 + second) % count + 1, (main - 1 + third) % count + 1], axis=1)
    day = openings.created[:, None]
    on_sale = (catalogue.sold_from[products] <= day) & (day < catalogue.sold_until[products])
    kept = (np.arange(3) < lines[:, None]) & on_sale
    kept[:, 0] = True
    opportunity, place = np.nonzero(kept)
    return opportunity.astype(np.int64), products[opportunity, place]


def _extents(rng: Generator, openings: Openings) -> Floats:
    """How much more than usual each opportunity is about: some customers are large, and the loyal one is."""
    of_customer = np.exp(rng.normal(-0.35, 0.6, len(openings.customers)))
    return of_customer[openings.customer] * np.exp(rng.normal(0.0, 0.7, len(openings))) * np.where(openings.loyal, 9.0, 1.0)


def _quantities(rng: Generator, catalogue: Catalogue, product: Ints, extent: Floats) -> Ints:
    """Thousandths; services also by the half day. No line comes to more than fifty million yuan."""
    usual = np.array([0.0, *(entry["quantity"] for entry in catalogue.products)])[product]
    halves = np.array([False, *(entry["unit"] == "人天" for entry in catalogue.products)])[product]
    wanted = usual * extent * np.exp(rng.normal(0.0, 0.25, len(product)))
    milli = np.where(halves, np.maximum(np.rint(wanted * 2), 1) * 500, np.maximum(np.rint(wanted), 1) * 1000).astype(np.int64)
    return np.asarray(np.minimum(milli, np.maximum(5_000_000_000 // catalogue.price[product], 1) * 1000))
