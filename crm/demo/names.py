"""Names of people and companies, telephone numbers and addresses: invented, believable, and composed by the million.

A company's name is a city, a brand, a trade and a legal form. Within a city, numbers below `PER_CITY` give different names.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crm.demo.dice import Generator, Ints, draw
from crm.demo.lists import words

Words = NDArray[np.object_]


def _objects(values: list[str]) -> Words:
    table = np.empty(len(values), dtype=object)
    table[:] = values
    return table


@dataclass(frozen=True)
class Places:
    """The parts of companies' names, as tables to be looked up by code."""

    cities: Words
    provinces: Words
    regions: tuple[str, ...]
    region_of: Ints
    weights: NDArray[np.float64]
    brands: Words
    trades: Words
    industries: Words
    forms: Words

    @property
    def per_city(self) -> int:
        """How many different names a city has."""
        return len(self.brands) * len(self.trades)


@cache
def places() -> Places:
    """The tables, read once."""
    lists = words("companies")
    rows = [(city, group["region"]) for group in lists["cities"] for city in group["list"]]
    regions = tuple(group["region"] for group in lists["cities"])
    first, second = (list(dict.fromkeys(lists[key])) for key in ("brand_first", "brand_second"))
    trades = [(trade, industry) for industry, of in lists["trades"].items() for trade in of]
    return Places(
        cities=_objects([city for (city, _, _), _ in rows]),
        provinces=_objects([province for (_, province, _), _ in rows]),
        regions=regions,
        region_of=np.array([regions.index(region) for _, region in rows]),
        weights=np.array([weight for (_, _, weight), _ in rows], dtype=np.float64),
        brands=_objects([a + b for a in first for b in second if a != b]),
        trades=_objects([trade for trade, _ in trades]),
        industries=_objects([industry for _, industry in trades]),
        forms=_objects(lists["forms"]),
    )


@dataclass(frozen=True)
class Companies:
    """Companies by city and number within the city."""

    city: Ints
    number: Ints

    def __getitem__(self, rows: slice | Ints) -> "Companies":
        return Companies(self.city[rows], self.number[rows])

    def __len__(self) -> int:
        return len(self.city)

    @property
    def _code(self) -> Ints:
        # a step without a common divisor visits every name of the city once, in an order that looks like none
        size = places().per_city
        step = next(step for step in range(int(size * 0.618), size) if np.gcd(step, size) == 1)
        return (self.number * step + self.city * 7919) % size

    def keys(self) -> Words:
        """The names without legal form, as the duplicate check compares them."""
        tables, code = places(), self._code
        brand, trade = code // len(tables.trades), code % len(tables.trades)
        return np.asarray(tables.cities[self.city] + tables.brands[brand] + tables.trades[trade])

    def names(self) -> Words:
        """The whole names."""
        return np.asarray(self.keys() + places().forms[self._code % len(places().forms)])

    def industries(self) -> Words:
        return np.asarray(places().industries[self._code % len(places().trades)])

    def provinces(self) -> Words:
        return np.asarray(places().provinces[self.city])

    def addresses(self) -> Words:
        """A street in the city."""
        roads = _objects(words("companies")["addresses"]["roads"])
        numbers = _objects([f"{n}号" for n in range(1, 1000)])
        return np.asarray(places().cities[self.city] + "市" + roads[self._code % len(roads)] + numbers[self._code % 997])


def numbered(city: Ints) -> Companies:
    """A new company in each of these cities, in the order given."""
    order = np.argsort(city, kind="stable")
    grouped = city[order]
    starts = np.searchsorted(grouped, grouped, side="left")
    number = np.empty(len(city), dtype=np.int64)
    number[order] = np.arange(len(city)) - starts
    return Companies(city, number)


@dataclass(frozen=True)
class Persons:
    """People by surname and given name; some have the same name, as life has it."""

    surname: Ints
    given: Ints

    def __getitem__(self, rows: slice | Ints) -> "Persons":
        return Persons(self.surname[rows], self.given[rows])

    def names(self) -> Words:
        """The whole names."""
        lists = words("names")
        return np.asarray(_objects(list(lists["surnames"]))[self.surname] + _objects(lists["given"]["names"].split())[self.given])


def persons(rng: Generator, size: int) -> Persons:
    """So many people."""
    lists = words("names")
    return Persons(draw(rng, list(lists["surnames"].values()), size), rng.integers(0, len(lists["given"]["names"].split()), size))


def colleagues(rng: Generator, size: int, taken: list[str]) -> list[str]:
    """Names of people, all different while there are enough of them, and none of those taken."""
    names = list(dict.fromkeys(taken))
    known = set(names)
    while len(names) < size + len(taken):
        for name in persons(rng, size).names().tolist():
            if name not in known and len(names) < size + len(taken):
                known.add(name)
                names.append(name)
    return names[len(taken) :]


MOBILE_PREFIXES = (
    "130",
    "131",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "152",
    "158",
    "159",
    "176",
    "177",
    "182",
    "186",
    "187",
    "188",
    "189",
)


def phones(numbers: Ints) -> Words:
    """A mobile number for each number, different for different ones (below 18 hundred million)."""
    prefixes = np.array([int(prefix) for prefix in MOBILE_PREFIXES])
    rest = (numbers // len(prefixes) * 61_803_399 + 12_345_678) % 10**8
    return texts(prefixes[numbers % len(prefixes)] * 10**8 + rest)


def texts(numbers: Ints) -> Words:
    """Numbers as they are written."""
    return _objects([str(number) for number in numbers.tolist()])
