"""What an open page hears of: which version the reports are at, since when they are behind, and what waits for the person.

Under load the reports follow in larger steps, each up to a second behind. Who has just saved sees it in a report nevertheless.
"""

from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from cachetools import LRUCache

from crm import clock

A_MOMENT = timedelta(seconds=2)
"""The time that a change may take to reach the reports; beyond it they say that they are behind."""


WRITERS = 4096
"""Of how many people it is kept what they committed last."""


class Follower(Protocol):
    """What keeps the warehouse up to date (etl.sync), as the application needs it."""

    position: int
    behind_since: datetime | None

    def notify(self) -> None: ...

    def latest(self) -> int: ...

    def wait_for(self, position: int, timeout: float) -> bool: ...

    def stop(self) -> None: ...


class Live:
    """The state of the data that the reports show."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._wrote: LRUCache[int, int] = LRUCache(WRITERS)
        self._lock = Lock()

    @property
    def position(self) -> int:
        """Up to which change the reports are."""
        return self._follower.position

    @property
    def behind_since(self) -> datetime | None:
        """Since when a committed change waits to be shown, if it is for longer than a moment; None while the reports keep up."""
        since = self._follower.behind_since
        return since if since and clock.now() - since > A_MOMENT else None

    def committed(self, by: int | None = None) -> None:
        """Somebody committed: the reports should follow now. `by`: who will want to see it there."""
        if by is not None:
            position = self._follower.latest()
            with self._lock:
                self._wrote[by] = position
        self._follower.notify()

    def wrote(self, user_id: int) -> int:
        """The change after which everything that this person committed is in the reports; 0 if they committed nothing."""
        with self._lock:
            return self._wrote.get(user_id, 0)

    def catches_up(self, user_id: int) -> bool:
        """Wait for what this person committed to be in the reports, but no longer than a moment; False if it is not there by then."""
        wrote = self.wrote(user_id)
        return wrote <= self.position or self.follows(wrote, A_MOMENT.total_seconds())

    def follows(self, position: int, timeout: float) -> bool:
        """Wait until the reports have reached `position` of the change log; False if they have not by then (seconds)."""
        return self._follower.wait_for(position, timeout)

    def stop(self) -> None:
        """End the following; the reports are read no more."""
        self._follower.stop()
