"""What the demo company chooses from, as the draws need it: products, sources, campaigns, competitors, reasons, by their ids.

Arrays by id have an unused place 0, which stands for none.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from crm.demo.calendar import FAR, Calendar, day, number
from crm.demo.dice import Dice, Floats, Generator, Ints, draw
from crm.demo.lists import words
from crm.demo.people import Sizes

ALL_PRODUCTS_FROM = 0.05
"""The scale from which on the company sells everything in the list, and not only the core."""

SEASONS = ("春季", "夏季", "秋季", "冬季")
FALLS_TO = 0.28
"""What is left of the conversion rate of the source whose quality falls; at the same time it brings more."""
FALLEN_SHARE = 1.6
WAR_SHARE = 2.6
"""How much more often a competitor is met who has begun a price war."""

FIRST, PROPOSAL, QUOTED, SIGNED, SURVEY = range(1, 6)
"""The stages' ids; the last one is retired."""
STAGE_RENAMED_AGO, SURVEY_RETIRED_AGO = 760, 1000


@dataclass(frozen=True)
class Campaigns:
    """What marketing did: name, source, product (0: none), days from and until, inclusive."""

    names: list[str]
    source: Ints
    product: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True)
class Catalogue:
    """Master data with what the draws need besides. Prices are cents; days as in the calendar."""

    calendar: Calendar
    products: list[dict[str, Any]]
    price: Ints
    sold_from: Ints
    sold_until: Ints
    sources: list[dict[str, Any]]
    campaigns: Campaigns
    competitors: list[dict[str, Any]]

    def source_values(self, key: str, default: float = 0.0) -> Floats:
        """A number of each source, by id."""
        return np.array([0.0, *(source.get(key, default) for source in self.sources)])

    def draw_sources(self, rng: Generator, days: Ints) -> Ints:
        """A source for each day: some start, end or grow."""
        share, today = self.source_values("share"), self.calendar.today
        found = np.zeros(len(days), dtype=np.int64)
        month = self.calendar.month_of(days)
        for number_, start in enumerate(self.calendar.month_starts()):
            rows = np.flatnonzero(month == number_)
            used = (start >= today - self.source_values("starts", FAR)) & (start < today - self.source_values("retired", -FAR))
            swollen = np.where(start >= today - self.source_values("falls", -FAR), FALLEN_SHARE, 1.0)
            found[rows] = draw(rng, share * used * swollen, len(rows))
        return found

    def quality(self, source: Ints, days: Ints) -> Floats:
        """What is left of a source's conversion rate on a day."""
        falls = self.source_values("falls")[source]
        return np.where((falls > 0) & (days >= self.calendar.today - falls), FALLS_TO, 1.0)

    def draw_products(self, rng: Generator, days: Ints) -> Ints:
        """A product that is sold on each day, as often as it is wanted."""
        share = np.array([0.0, *(product["share"] for product in self.products)])
        found = np.zeros(len(days), dtype=np.int64)
        month = self.calendar.month_of(days)
        starts = self.calendar.month_starts()
        for number_ in range(len(starts) - 1):
            rows = np.flatnonzero(month == number_)
            sold = (self.sold_from <= starts[number_]) & (self.sold_until >= starts[number_ + 1])
            found[rows] = draw(rng, share * sold, len(rows))
        return found

    def draw_competitors(self, rng: Generator, days: Ints) -> Ints:
        """Whom we meet on each day: the one at war more often since it is."""
        share = np.array([0.0, *(rival["share"] for rival in self.competitors)])
        found = draw(rng, share, len(days))
        war = np.array([0, *(rival.get("war", 0) for rival in self.competitors)])
        warrior, since = int(np.argmax(war)), self.calendar.today - int(war.max())
        more = share[warrior] * (WAR_SHARE - 1) / share.sum()
        return np.where((days >= since) & (rng.random(len(days)) < more), warrior, found)

    def at_war(self, competitor: Ints, days: Ints) -> Ints:
        """1 where that competitor has cut its prices by that day."""
        war = np.array([0, *(rival.get("war", 0) for rival in self.competitors)])[competitor]
        return ((war > 0) & (days >= self.calendar.today - war)).astype(np.int64)


def make(dice: Dice, sizes: Sizes, calendar: Calendar) -> Catalogue:
    """The catalogue of a company of this size."""
    lists = words("master")
    products = [p for p in words("products")["products"] if p.get("core") or sizes.scale >= ALL_PRODUCTS_FROM]
    today = calendar.today
    begin = [calendar.first - 400, *(today - p["launched"] if "launched" in p else calendar.first - 400 for p in products)]
    end = [FAR, *(today - p.get("withdrawn", p.get("retired", today - FAR)) for p in products)]
    return Catalogue(
        calendar, products, np.array([0, *(round(p["price"] * 100) for p in products)]), np.array(begin), np.array(end), lists["sources"],
        _campaigns(dice.of("campaigns"), sizes, calendar, lists["sources"], len(products)), lists["competitors"],
    )  # fmt: skip


def _campaigns(rng: Generator, sizes: Sizes, calendar: Calendar, sources: list[dict[str, Any]], products: int) -> Campaigns:
    """Each kind of campaign once a year in a small company, every quarter in a large one."""
    ids = {source["name"]: id_ for id_, source in enumerate(sources, 1)}
    a_year = 4 if sizes.scale >= 0.1 else 1
    rows: list[tuple[int, str, int, int, int]] = []
    for year in range(day(calendar.first).year, day(calendar.today).year + 1):
        for source, kinds in words("master")["campaigns"].items():
            for kind, lasts in kinds:
                for quarter in sorted(rng.permutation(4)[:a_year].tolist()):
                    start = number(date(year, quarter * 3 + 1, 1)) + int(rng.integers(5, 80))
                    product = int(rng.integers(1, products + 1)) if rng.random() < 0.4 else 0
                    rows.append((start, f"{year}年{SEASONS[quarter]}{kind}", ids[source], product, start + lasts - 1))
    opened = [calendar.today - source.get("starts", FAR) for source in sources]
    rows = sorted(row for row in rows if calendar.first <= row[0] <= calendar.today and row[0] >= opened[row[2] - 1])
    columns = [np.array(column, dtype=np.int64) for column in list(zip(*rows, strict=True))[2:]]
    return Campaigns([row[1] for row in rows], columns[0], columns[1], np.array([row[0] for row in rows]), columns[2])
