"""Seals the audit log while the server runs: each second, whatever was written since.

A seal is an act of its own, after the writers: they never wait for it.
"""

import logging
import threading

from sqlalchemy import Engine

from crm import audit
from crm.db import reading, transaction
from crm.errors import CrmError

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks."""


class Sealer:
    """A thread that seals; `stop` ends it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after a last seal."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            self._seal()
        self._seal()

    def _seal(self) -> None:
        """One seal, if anything waits for it; a busy or absent database is asked again in a second."""
        try:
            with reading(self._engine) as session:
                waiting = audit.unsealed(session)
            if waiting:
                with transaction(self._engine) as session:
                    audit.seal(session)
        except CrmError as error:
            log.info("the audit log waits for its seal: %s", error)
        except Exception:
            log.exception("the audit log could not be sealed")
