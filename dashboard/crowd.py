"""How busy the server is, and who is served first: the requests that are under way, and turns at what takes long.

Who has work that can wait a moment asks before beginning it. Of the heavy work only so much is done at once, so that a page of a list, a
saved form and a question for news find a processor between two reports instead of behind all of them.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from itertools import count
from threading import Event, Lock
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Crowd:
    """Counts the requests to what it stands before."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way = 0

    @property
    def waits(self) -> bool:
        """Whether anybody waits for an answer now."""
        return self._under_way > 0

    def before(self, within: Wsgi) -> Wsgi:
        """`within`, its requests counted."""

        def counted(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            self._add(1)
            try:
                return within(environ, start)
            finally:
                self._add(-1)

        return counted

    def _add(self, number: int) -> None:
        with self._lock:
            self._under_way += number


class Turns:
    """Lets so many do heavy work at once; of those who wait the one is next whose answer is due first."""

    def __init__(self, at_once: int) -> None:
        self._lock = Lock()
        self._free = at_once
        self._order = count()
        self._waiting: list[tuple[float, int, Event]] = []

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Wait for one's turn, and have it. `patience`: in how many seconds from now the answer is due.

        Whoever has a turn must not wait for somebody who is still to get one.
        """
        self._take(time.monotonic() + patience)
        try:
            yield
        finally:
            self._pass_on()

    def _take(self, due: float) -> None:
        called = Event()
        with self._lock:
            if self._free:
                self._free -= 1
                return
            heappush(self._waiting, (due, next(self._order), called))
        called.wait()

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                heappop(self._waiting)[-1].set()
            else:
                self._free += 1
