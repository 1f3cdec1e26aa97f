"""How busy the server is: the requests that are under way. Who has work that can wait a moment asks before beginning it."""

from collections.abc import Callable, Iterable
from threading import Lock
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
