"""What a person asks of a report: period, past day, comparison and chosen values; as an address, and resolved to days.

A filter never widens a scope: what was chosen and what may be seen are two values, joined by *and* (`relations.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from crm.errors import CrmError
from crm.rules.periods import (
    EARLIEST,
    LATEST,
    Compare,
    DayOutOfRange,
    Period,
    PeriodEndsBeforeItBegins,
    Preset,
    Window,
    compared,
    period_of,
    state_day,
)
from crm.vocabulary import N_

CHOICES = ("team", "rep", "product", "source", "campaign", "customer", "stage", "competitor", "reason", "status")
"""The dimensions by which a report can be filtered; a value is the record's id."""

MOST_VALUES = 2000
"""More chosen values than this are a broken address and not a question."""


class UnknownFilter(CrmError):
    """The address has a filter that this report does not know."""

    message = N_("This report has no filter “{name}”.")


class UnknownValue(CrmError):
    """The address names a value that does not exist, or is outside of the person's scope: the two look alike."""

    message = N_("“{value}” is not a value of the filter “{name}” that you can choose.")


class TooManyValues(CrmError):
    """More values in one filter than anybody chooses."""

    message = N_("The filter “{name}” has {count} values; at most {most} are possible.")


class AsOfInFuture(CrmError):
    """An as-of day that has not come yet."""

    message = N_("The as-of day {day} has not come yet.")


@dataclass(frozen=True, slots=True)
class Question:
    """A filter state resolved to days: what one run of a report reads.

    `start` ≤ day < `end` and day ≤ `state` for deeds, the end of `state` for states. `past`: the day whose knowledge counts, where a
    past day is shown as it stood then. `known`: the day whose targets count. `silences`: since which day how many days without a
    follow-up are neglect, the earliest first.
    """

    period: Period
    state: date
    today: date
    past: bool = False
    chosen: Mapping[str, tuple[int, ...]] = field(default_factory=dict, hash=False)
    silences: tuple[tuple[date, int], ...] = ()

    @property
    def silent_since(self) -> date | None:
        """The day since which an opportunity must have been silent to be neglected, by the setting of the state day."""
        limits = [days for since, days in self.silences if since <= self.state] or [days for _since, days in self.silences[:1]]
        return self.state - timedelta(days=limits[-1]) if limits else None

    @property
    def days(self) -> dict[str, date | None]:
        """The days that the SQL speaks of, by the names of its parameters."""
        return {
            "start": self.period.start,
            "end": self.period.end,
            "state": self.state,
            "known": self.state if self.past else self.today,
            "silent_since": self.silent_since,
        }

    @property
    def values(self) -> dict[str, object]:
        """The parameters of the SQL; of a question about one period the earliest and the latest day of a kind are the same."""
        days, chosen = self.days, {f"chosen_{name}": list(ids) for name, ids in self.chosen.items()}
        outermost = {"earliest_silent_since": days["silent_since"], "latest_state": days["state"]}
        return {**days, **outermost, "unseen": 1 if self.past else 2, **chosen}

    def seen_in(self, period: Period) -> "Question":
        """The same question about another period, at that period's own state day."""
        return replace(self, period=period, state=min(period.last, self.state))


@dataclass(frozen=True, slots=True)
class Filters:
    """The whole filter state of a report, as the page's address carries it. Hashable: a part of the cache's key."""

    preset: Preset = Preset.THIS_MONTH
    custom: Period | None = None
    as_of: date | None = None
    compare: Compare | None = None
    chosen: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @classmethod
    def read(cls, query: str, offered: Sequence[str] = CHOICES) -> Self:
        """The filters that an address's query string states; errors are sentences (`UnknownFilter`, `UnknownValue`, ...)."""
        pairs = parse_qsl(query.lstrip("?"), keep_blank_values=False)
        return cls.of(pairs, offered)

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]], offered: Sequence[str] = CHOICES) -> Self:
        """The filters that these (name, value) pairs state."""
        plain: dict[str, str] = {}
        chosen: dict[str, list[int]] = {}
        for name, value in pairs:
            if name in offered:
                chosen.setdefault(name, []).append(_id(name, value))
            elif name in ("period", "from", "to", "as_of", "compare"):
                plain[name] = value
            else:
                raise UnknownFilter(name=name[:60])
        for name, ids in chosen.items():
            if len(ids) > MOST_VALUES:
                raise TooManyValues(name=name, count=len(ids), most=MOST_VALUES)
        preset, custom = _period(plain)
        return cls(
            preset=preset,
            custom=custom,
            as_of=_day("as_of", plain["as_of"]) if "as_of" in plain else None,
            compare=_word(Compare, "compare", plain["compare"]) if "compare" in plain else None,
            chosen=tuple((name, tuple(sorted(set(ids)))) for name, ids in sorted(chosen.items())),
        )

    def write(self) -> str:
        """The query string of an address that carries these filters; empty for the default."""
        pairs: list[tuple[str, Any]] = []
        if self.custom:
            pairs += [("from", self.custom.start.isoformat()), ("to", self.custom.last.isoformat())]
        elif self.preset is not Preset.THIS_MONTH:
            pairs.append(("period", self.preset.value))
        if self.as_of:
            pairs.append(("as_of", self.as_of.isoformat()))
        if self.compare:
            pairs.append(("compare", self.compare.value))
        return urlencode(pairs + [(name, value) for name, ids in self.chosen for value in ids])

    @property
    def address(self) -> str:
        """The query string that says all of it, the default too: it shows this also to who opens the report with a view of their own."""
        written = self.write()
        stated = self.custom or self.preset is not Preset.THIS_MONTH
        return written if stated else "&".join(part for part in (urlencode({"period": self.preset.value}), written) if part)

    def choose(self, name: str, ids: Sequence[int]) -> Self:
        """The same with other values chosen for one filter; none takes the filter away."""
        rest = {key: values for key, values in self.chosen if key != name}
        if ids:
            rest[name] = tuple(sorted(set(ids)))
        return replace(self, chosen=tuple(sorted(rest.items())))

    def values_of(self, name: str) -> tuple[int, ...]:
        """The ids chosen for one filter."""
        return dict(self.chosen).get(name, ())

    def question(self, today: date, first_month: int = 1) -> Question:
        """The days that these filters mean on `today`, the fiscal year beginning with `first_month`."""
        if self.as_of and self.as_of > today:
            raise AsOfInFuture(day=self.as_of)
        if self.as_of and self.as_of < EARLIEST:
            raise DayOutOfRange(day=self.as_of, earliest=EARLIEST, latest=LATEST)
        period = self.custom or period_of(self.preset, today, first_month)
        return Question(period, state_day(period, self.as_of, today), today, self.as_of is not None, dict(self.chosen))

    def compared(self, question: Question) -> Question | None:
        """The question to compare with; None where nothing was asked for, or the period has nothing before it."""
        if self.compare is None:
            return None
        window: Window | None = compared(self.preset, question.period, self.compare, question.state)
        return window and replace(question, period=window.period, state=window.state_day)


def _id(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise UnknownValue(name=name, value=value[:60])
    return int(value)


def _period(plain: Mapping[str, str]) -> tuple[Preset, Period | None]:
    if "from" not in plain and "to" not in plain:
        preset = _word(Preset, "period", plain["period"]) if "period" in plain else Preset.THIS_MONTH
        if preset is Preset.CUSTOM:
            raise UnknownValue(name="period", value=preset.value)
        return preset, None
    first, last = (_day(end, plain[end]) if end in plain else None for end in ("from", "to"))
    if first is None or last is None:
        raise UnknownValue(name="from" if first is None else "to", value="")
    return Preset.CUSTOM, Period.of(first, last)


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UnknownValue(name=name, value=value[:60]) from None


def _word(words: Any, name: str, value: str) -> Any:
    try:
        return words(value)
    except ValueError:
        raise UnknownValue(name=name, value=value[:60]) from None


FAULTS = (UnknownFilter, UnknownValue, TooManyValues, AsOfInFuture, DayOutOfRange, PeriodEndsBeforeItBegins)
"""Everything that can be wrong with an address."""

__all__ = ["CHOICES", "FAULTS", "Compare", "Filters", "Period", "Preset", "Question"]
