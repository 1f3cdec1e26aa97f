"""What a measure is: a number with one meaning, and a number computed from such. Which there are: `measures`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm.money import CENT, cents, from_cents, half_up, ratio
from crm.rules.intervals import Interval, doubtful
from crm.vocabulary import Unit
from dashboard.i18n import Lazy
from dashboard.queries.relations import RELATIONS, Relation


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with one meaning. `title` and `definition` are message ids; `over` the relation, `where` which of its rows count,
    `value` what each adds, `when` its rows in time where they differ from the relation's own, `fold` how they become one number."""

    key: str
    title: Lazy | str
    unit: Unit
    definition: Lazy
    over: str
    where: str = "true"
    value: str = "1"
    when: str = ""
    fold: str = "sum"

    def __hash__(self) -> int:
        return hash((self.key, self.over, self.where))  # what is equal has these equal; the rest takes ten times as long

    @property
    def relation(self) -> Relation:
        """The relation whose rows count."""
        return RELATIONS[self.over]

    @property
    def time(self) -> str:
        """Which rows in time."""
        return self.when or self.relation.when

    @property
    def number(self) -> str:
        """The number, as a phrase over the relation's rows."""
        return f"{self.fold}({self.value})" + ("" if self.where == "true" else f" filter (where {self.where})") + f" as {self.key}"

    @property
    def zero(self) -> Decimal | int:
        """The number over no rows."""
        return Decimal("0.00") if self.unit is Unit.MONEY else 0

    def sent(self, sum: str) -> str:
        """A sum of its rows as a statement sends it: whole cents, whole numbers. A decimal, or an integer of 16 bytes, comes into Python by
        way of its text, which for a table of a thousand rows takes as long as the sums."""
        return f"({'100 * ' if self.unit is Unit.MONEY else ''}{sum})::bigint as {self.key}"

    def read(self, fetched: Sequence[Any]) -> list[Any]:
        """Fetched numbers in the type of its unit: a sum over nothing is zero, a median over nothing none. An amount that comes as a whole
        number is one of cents."""
        if not self.adds_up:
            return list(fetched)
        zero = self.zero
        if self.unit is Unit.MONEY:
            return [zero if value is None else value * CENT if type(value) is int else value.quantize(CENT) for value in fetched]
        return [zero if value is None else int(value) for value in fetched]

    def reader(self, fetched: Any) -> Any:
        """One fetched number, read as `read` does."""
        return self.read([fetched])[0]

    @property
    def adds_up(self) -> bool:
        """Whether the records' parts sum to the number (a median is only taken over them)."""
        return self.fold == "sum"


Number = Decimal | int | None


@dataclass(frozen=True, slots=True)
class Derived:
    """A number computed from shown measures: a rate, a difference. None where a part is missing or a base is zero.

    Without a `formula` it is known among all rows and not from one: whoever has the rows fills it in.
    `cases`, of a rate of numbers: how many hits out of how many cases a row's parts come to. An amount has no cases.
    `of_total`: a share, whose other part is the first one in the table's total.
    """

    key: str
    title: Lazy
    unit: Unit
    definition: Lazy
    parts: tuple[Measure, ...]
    formula: Callable[..., Number] | None
    cases: Callable[[Mapping[str, Any]], tuple[int | None, int | None]] | None = None
    of_total: bool = False

    def of(self, row: Mapping[str, Any]) -> Number:
        """The number for one row of a table."""
        return self.computed({part.key: [row[part.key]] for part in self.parts}, 1)[0]

    def computed(self, columns: Mapping[str, Sequence[Any]], rows: int) -> list[Number]:
        """The numbers of so many rows, of which the parts stand in `columns`."""
        formula = self.formula
        if formula is None:
            return [None] * rows

        def number(*values: Any) -> Number:
            for value in values:  # not `None in values`: a Decimal takes its time to find itself unequal to None
                if value is None:
                    return None
            return formula(*values)

        return list(map(number, *(columns[part.key] for part in self.parts)))

    def interval(self, row: Mapping[str, Any]) -> Interval | None:
        """How sure the rate of this row is, where it is one over few cases."""
        return doubtful(*self.cases(row)) if self.cases and row.get(self.key) is not None else None


Figure = Measure | Derived


def parts_of(figure: Figure) -> tuple[Measure, ...]:
    """The measures that a figure is computed from: itself, or its parts."""
    return (figure,) if isinstance(figure, Measure) else figure.parts


def money(key: str, title: Lazy, definition: Lazy, over: str, where: str = "true", value: str = "amount", when: str = "") -> Measure:
    """A sum of money, of the rows' amounts if nothing else is said."""
    return Measure(key, title, Unit.MONEY, definition, over, where, value, when)


def count(key: str, title: Lazy, definition: Lazy, over: str, where: str = "true", when: str = "", value: str = "1") -> Measure:
    """How many rows, or a sum of whole numbers."""
    return Measure(key, title, Unit.COUNT, definition, over, where, value, when)


def rate(key: str, title: Lazy, definition: Lazy, part: Measure, whole: Measure) -> Derived:
    """The rate of a part in a whole that holds it."""
    counted = part.unit is Unit.COUNT
    return Derived(
        key, title, Unit.RATE, definition, (part, whole), ratio, (lambda row: (row[part.key], row[whole.key])) if counted else None
    )


def of_both(key: str, title: Lazy, definition: Lazy, part: Measure, other: Measure) -> Derived:
    """The rate of one of two parts in both of them together."""

    def cases(row: Mapping[str, Any]) -> tuple[int, int]:
        return row[part.key], row[part.key] + row[other.key]

    def formula(one: Any, rest: Any) -> Number:
        return ratio(one, one + rest)

    return Derived(key, title, Unit.RATE, definition, (part, other), formula, cases if part.unit is Unit.COUNT else None)


def place(key: str, title: Lazy, definition: Lazy, by: Measure, unit: Unit = Unit.COUNT) -> Derived:
    """A place among the rows of a table by one of their figures, or how far it moved (`Unit.MOVE`),
    which only who has all of the rows can tell."""
    return Derived(key, title, unit, definition, (by,), None)


def per(cost: Decimal, number: int) -> Decimal | None:
    """What one of `number` costs, half-up to the cent; None where there is none."""
    return from_cents(half_up(cents(cost), number)) if number else None
