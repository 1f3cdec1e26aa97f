"""What time it is, in one place: instants are aware UTC, business days are dates of the company's time zone.

A contract signed at 23:50 in Xi'an belongs to that day, whatever the server's clock zone says. Rules never read the clock; they
are given today.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("fixed", default=None)


def now() -> datetime:
    """The present instant, aware, UTC; the fixed one inside `at`."""
    return _fixed.get() or datetime.now(UTC)


def today(zone: tzinfo | str) -> date:
    """The business day on which it is now in `zone` (a name such as "Asia/Shanghai", or a time zone)."""
    return business_day(now(), zone)


def business_day(instant: datetime, zone: tzinfo | str) -> date:
    """The day that the calendar on the wall in `zone` shows at `instant`, which must be aware."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone has no business day")
    return instant.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone).date()


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Stop the clock at `instant` (aware) for what runs in this context: stories in tests, and the demo's past."""
    if instant.tzinfo is None:
        raise ValueError("the clock can only be stopped at an instant with a time zone")
    token = _fixed.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
