"""Languages, and the habits of numbers and days in each: the only door to Babel.

English sentences are the message ids; Chinese comes from `translations/zh`. The language is a value of the context (a request, a
thread, a task), never of the process, so that two people are served in two languages at the same time. Sentences carry
`{name}` placeholders. A lazy message is translated when it is shown, not when the module that holds it is imported.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from babel.numbers import get_currency_symbol

from crm.errors import CrmError
from crm.vocabulary import N_, Message, Unit, label

__all__ = [
    "LANGUAGES",
    "NOTHING",
    "N_",
    "Lazy",
    "_",
    "_l",
    "amount_short",
    "count",
    "currency_symbol",
    "day",
    "explain",
    "full",
    "language",
    "moment",
    "money",
    "month",
    "percent",
    "plain",
    "short",
    "tabled",
    "use_language",
    "with_sign",
    "word",
]

LANGUAGES: Mapping[str, str] = {"zh": "简体中文", "en": "English"}
"""The languages, each by its own name; the first is the default."""

NOTHING = "–"
"""What stands where there is no figure."""

DAY_PLACE = Decimal("0.1")
"""Days have one decimal where they have any."""

_SCALES: Mapping[str, tuple[tuple[Decimal, str], ...]] = {
    "zh": ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")),
    "en": ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k")),
}

_current: ContextVar[str] = ContextVar("language", default="zh")
_currency: ContextVar[str] = ContextVar("currency", default="CNY")


def language() -> str:
    """The language of this context: "zh" or "en"."""
    return _current.get()


@contextmanager
def use_language(name: str, *, currency: str = "CNY") -> Iterator[None]:
    """Speak `name`, and write amounts in the company's `currency`, in what runs in this context.

    A language that we do not have becomes the default.
    """
    token = _current.set(name if name in LANGUAGES else next(iter(LANGUAGES)))
    money_token = _currency.set(currency)
    try:
        yield
    finally:
        _currency.reset(money_token)
        _current.reset(token)


@lru_cache
def _catalogue(name: str) -> Mapping[str, str]:
    """Message id → sentence, read from the hand-written file; English needs one for the singular only."""
    return {str(message.id): str(message.string) for message in _messages(name) if not message.context}


@lru_cache
def _singulars() -> Mapping[tuple[str, str], str]:
    """Placeholder and message id → the English sentence where that number is one."""
    return {(str(message.context), str(message.id)): str(message.string) for message in _messages("en") if message.context}


def _messages(name: str) -> list[Any]:
    path = Path(__file__).parent / "translations" / name / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return []
    with path.open("rb") as file:
        return [message for message in read_po(file) if message.id and message.string and not message.fuzzy]


def _(message: str, **values: Any) -> str:
    """`message` in the language of this context, its placeholders filled with `values` as a person reads them."""
    name = _current.get()
    if not values:
        return _catalogue(name).get(message, message)
    read = {key: value if type(value) is str else plain(value) for key, value in values.items()}
    sentence = _one(message, read) if name == "en" else _catalogue(name).get(message, message)
    return sentence.format_map(read)


def _one(message: str, read: Mapping[str, str]) -> str:
    """An English sentence, in the singular of that of its numbers which is one."""
    ones = ((name, message) for name, value in read.items() if value == "1")
    return next((_singulars()[one] for one in ones if one in _singulars()), message)


class Lazy:
    """A message that is translated whenever it is shown. Equal to, and hashed as, its message id and values."""

    __slots__ = ("message", "values")

    def __init__(self, message: str, **values: Any) -> None:
        self.message = message
        self.values = tuple(sorted(values.items()))

    def __str__(self) -> str:
        return _(self.message, **dict(self.values)) if self.values else _catalogue(_current.get()).get(self.message, self.message)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"Lazy({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lazy) and (self.message, self.values) == (other.message, other.values)

    def __hash__(self) -> int:
        return hash((self.message, self.values))

    def to_plotly_json(self) -> str:
        """How Dash writes it into a page."""
        return str(self)


def _l(message: str, **values: Any) -> Lazy:
    """`message` for later: what modules and classes hold, whose reader is not known yet."""
    return Lazy(message, **values)


def word(value: StrEnum) -> str:
    """A word of the vocabulary as the screen says it: `LeadStatus.FAILED` → 失败."""
    return _(label(value))


def explain(error: CrmError) -> str:
    """The sentence of `error` for the person, in their language."""
    return _(error.message, **error.values)


def plain(value: Any) -> str:
    """A value inside of a sentence: words translated, amounts with separators, days as 2026-03-05, several joined."""
    match value:
        case None:
            return NOTHING
        case StrEnum():
            return word(value)
        case CrmError():
            return explain(value)
        case Message():
            return _(value)
        case bool() | str():
            return str(value)
        case int() | Decimal():
            return f"{value:,}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return day(value)
        case list() | tuple() | set() | frozenset():
            return ("、" if language() == "zh" else ", ").join(plain(part) for part in value)
    return str(value)


def money(amount: Decimal | None, currency: str | None = None) -> str:
    """An amount in full, to the cent, in `currency` or else the company's: ¥1,234,567.00."""
    if amount is None:
        return NOTHING
    sign = "-" if amount < 0 else ""
    return f"{sign}{currency_symbol(currency)}{abs(amount):,.2f}"


def currency_symbol(currency: str | None = None) -> str:
    """The sign of `currency`, or of the company's; the same in both languages, where one company has one currency."""
    return _symbol(currency or _currency.get())


@cache
def _symbol(currency: str) -> str:
    return str(get_currency_symbol(currency, "zh"))


def amount_short(amount: Decimal | int | None) -> str:
    """An amount for a picture, three figures or the whole of its thousands: 1,285万, 1.28亿; 12.8M, 845k."""
    if amount is None:
        return NOTHING
    for size, name in _SCALES[language()]:
        if abs(amount) >= size:
            return _three_figures(amount / size) + name
    return _three_figures(Decimal(amount))


def _three_figures(value: Decimal) -> str:
    """`value` with as many places as make three figures, at most two, and no zeros at the end of them."""
    places = max(0, min(2, 2 - value.adjusted()))
    text = f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(rate: Decimal | None, places: int = 1) -> str:
    """A rate as a percentage: 0.823456 → 82.3%."""
    return NOTHING if rate is None else f"{(rate * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}%"


def count(number: int | Decimal | None) -> str:
    """A number of things: 9,240."""
    return NOTHING if number is None else f"{number:,}"


def with_sign(number: int | Decimal) -> str:
    """A number of places gained or lost: +2, −2, 0."""
    return f"{'+' if number > 0 else '−' if number else ''}{abs(number):,}"


def day(value: date | None) -> str:
    """A business day, the same in every language: 2026-03-05."""
    return NOTHING if value is None else value.isoformat() if type(value) is date else f"{value:%Y-%m-%d}"


def month(value: date) -> str:
    """A month: 2026-03."""
    return f"{value:%Y-%m}"


def time_of_day(at: datetime, zone: tzinfo) -> str:
    """A moment of today, to the second: 14:03:22."""
    return at.astimezone(zone).strftime("%H:%M:%S")


def moment(instant: datetime, zone: tzinfo) -> str:
    """An instant on the clock of `zone`: 2026-03-05 14:03."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def full(value: Decimal | int | date | None, unit: Unit) -> str:
    """A figure of `unit` with nothing left out, for hovering and sentences that must be exact."""
    if value is None:
        return NOTHING
    if isinstance(value, date):
        return day(value)
    match unit:
        case Unit.MONEY:
            return money(Decimal(value))
        case Unit.RATE:
            return percent(Decimal(value), 2)
        case Unit.DAYS:
            return _("{days} days", days=tabled(value, unit))
    return tabled(value, unit)


def tabled(value: Decimal | int, unit: Unit) -> str:
    """A figure of `unit` as a cell of a table has it, on the screen (assets/grid.js) as in a file and on paper: amounts to the cent, rates
    with one decimal, days with one where they are not whole, places with their sign."""
    match unit:
        case Unit.MONEY:
            return f"{value:,.2f}"
        case Unit.RATE:
            return percent(Decimal(value))
        case Unit.DAYS:
            return f"{days(value):,f}"
        case Unit.MOVE:
            return with_sign(value)
    return f"{value:,}"


def days(value: Decimal | int | float) -> Decimal:
    """A number of days as it is written: whole, or with one decimal."""
    tenths = Decimal(str(value)).quantize(DAY_PLACE, ROUND_HALF_UP)
    return tenths.quantize(Decimal(1)) if tenths == tenths.to_integral_value() else tenths


def short(value: Decimal | int | date | None, unit: Unit) -> str:
    """A figure of `unit` as a label on a picture or a card."""
    if value is None:
        return NOTHING
    if isinstance(value, date):
        return day(value)
    match unit:
        case Unit.MONEY:
            return amount_short(value)
        case Unit.RATE:
            return percent(Decimal(value))
        case Unit.DAYS | Unit.MOVE:
            return full(value, unit)
    return count(value)


