"""What an open page hears of: which version the reports are at, since when they are behind, and what waits for the person.

The browser asks once a second (assets/live.js), so an answer is one small statement.
"""

from datetime import datetime
from typing import Protocol


class Follower(Protocol):
    """What keeps the warehouse up to date (etl.sync), as the application needs it."""

    @property
    def position(self) -> int: ...

    @property
    def behind_since(self) -> datetime | None: ...

    def notify(self) -> None: ...


class Live:
    """The state of the data that the reports show."""

    def __init__(self, follower: Follower | None = None) -> None:
        self._follower = follower

    @property
    def position(self) -> int:
        """Up to which change the reports are."""
        return self._follower.position if self._follower else 0

    @property
    def behind_since(self) -> datetime | None:
        """Since when a committed change waits to be shown; None while all is shown."""
        return self._follower.behind_since if self._follower else None

    def committed(self) -> None:
        """Somebody committed: the reports should follow now."""
        if self._follower:
            self._follower.notify()
