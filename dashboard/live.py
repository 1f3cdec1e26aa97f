"""What an open page hears of: which version the reports are at, since when they are behind, and what waits for the person.

The browser asks once a second (assets/live.js), so an answer is one small statement.
"""

from datetime import datetime, timedelta
from typing import Protocol

from crm import clock

A_MOMENT = timedelta(seconds=2)
"""The time that a change may take to reach the reports; beyond it they say that they are behind."""


class Follower(Protocol):
    """What keeps the warehouse up to date (etl.sync), as the application needs it."""

    position: int
    behind_since: datetime | None

    def notify(self) -> None: ...

    def wait_for(self, position: int, timeout: float) -> bool: ...

    def stop(self) -> None: ...


class Live:
    """The state of the data that the reports show."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower

    @property
    def position(self) -> int:
        """Up to which change the reports are."""
        return self._follower.position

    @property
    def behind_since(self) -> datetime | None:
        """Since when a committed change waits to be shown, if it is for longer than a moment; None while the reports keep up."""
        since = self._follower.behind_since
        return since if since and clock.now() - since > A_MOMENT else None

    def committed(self) -> None:
        """Somebody committed: the reports should follow now."""
        self._follower.notify()

    def follows(self, position: int, timeout: float) -> bool:
        """Wait until the reports have reached `position` of the change log; False if they have not by then (seconds)."""
        return self._follower.wait_for(position, timeout)

    def stop(self) -> None:
        """End the following; the reports are read no more."""
        self._follower.stop()
