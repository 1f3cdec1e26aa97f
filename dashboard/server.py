"""The production server: gunicorn, one process with threads, the follower of the warehouse inside.

One process, because a warehouse is open in one process; more people are served by more machines over one PostgreSQL
(docs/decisions/0021-one-process-with-threads.md). The application is made in the worker, after the fork, so that no thread or
database connection crosses it.
"""

import gc
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from crm.config import Settings

COLLECTED = 10_000, 20, 20
"""After how many new objects the collector looks at the newest, and after how many such looks at the older ones."""

SWITCHING = 0.002
"""Seconds after which a thread that works lets a waiting one go on: Python's own 0.005 keep a small request behind large ones."""

GRACE = 8
"""Seconds that requests under way may still take when the server is asked to end."""


class Server(BaseApplication):  # type: ignore[misc]
    """`make` on `settings`' address until somebody ends it."""

    def __init__(self, settings: Settings, make: Callable[[], tuple[Flask, Callable[[], None]]], ready: Callable[[], None]) -> None:
        self._settings, self._make, self._ready = settings, make, ready
        self._stop: Callable[[], None] | None = None
        super().__init__()

    def load_config(self) -> None:
        """One worker of threads; nothing written but warnings; no doors of its own."""
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application, in the worker."""
        server, self._stop = self._make()
        # What the program itself is made of stays: the collector need not look through all of it while somebody waits.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTED)
        sys.setswitchinterval(SWITCHING)
        return server

    def _options(self) -> dict[str, Any]:
        return {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": self._settings.threads,
            "keepalive": 75,
            "timeout": 120,
            "graceful_timeout": GRACE,
            "loglevel": "warning",
            "proc_name": "saleslens",
            "control_socket_disable": True,
            "when_ready": lambda _server: self._ready(),
            "worker_exit": lambda _server, _worker: self._stop() if self._stop else None,
        }
