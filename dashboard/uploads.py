"""Uploaded tables on their way in: kept on the disk under random names, judged and imported by a thread each, forgotten after a day.

A file belongs to who uploaded it; to everybody else it is not there. What a verdict found stays in memory for the few that were
looked at last; after a restart the person checks the file once more.
"""

import json
import logging
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine

from crm.db import reading, transaction
from crm.errors import CrmError, NotFound
from crm.importing import writing
from crm.importing.cells import shown
from crm.importing.fields import RecordKind
from crm.importing.judged import Judged, Outcome
from crm.importing.layouts import Layout
from crm.importing.problems import FileTooLarge
from crm.importing.reading import MEGABYTE, Limits, open_sheet
from crm.importing.verdict import Source, Verdict, judge
from crm.importing.writing import prepare
from crm.scope import Actor

log = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 3600
IN_MEMORY = 4
"""Verdicts that are held at once: one of a hundred thousand rows takes some hundred megabytes."""

PREVIEWED = 100
"""Rows that the page shows: what is wrong with a file shows in the first of them."""

CHUNK = 1 << 16
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file, as the person knows it."""

    token: str
    path: Path
    name: str
    kind: RecordKind
    user_id: int


@dataclass
class Job:
    """What is being done with an upload, and what came of it."""

    doing: str = ""
    done: int = 0
    of: int = 0
    error: Exception | None = None
    verdict: Verdict | None = None
    preview: list[tuple[Judged, list[str]]] = field(default_factory=list)
    run: Any = None
    busy: bool = False

    def tell(self, what: str, done: int, of: int) -> None:
        """Progress."""
        self.doing, self.done, self.of = what, done, of


class Uploads:
    """The uploads of one server."""

    def __init__(self, folder: Path, engine: Engine, committed: Callable[[], None]) -> None:
        self._folder, self._engine, self._committed = folder, engine, committed
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()

    def receive(self, stream: IO[bytes], name: str, kind: RecordKind, user_id: int, megabytes: int) -> Upload:
        """Keep what is sent, piece by piece; more than the limit is refused and nothing of it stays."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        token = secrets.token_urlsafe(16)
        path, size = self._folder / token, 0
        try:
            with path.open("wb") as file:
                while piece := stream.read(CHUNK):
                    size += len(piece)
                    if size > megabytes * MEGABYTE:
                        raise FileTooLarge(file=name, limit=megabytes)
                    file.write(piece)
            about = {"name": name, "kind": kind.value, "user_id": user_id}
            path.with_suffix(".json").write_text(json.dumps(about), "utf-8")
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Upload(token, path, name, kind, user_id)

    def find(self, token: str, user_id: int) -> Upload:
        """The upload, if this person made it; else there is none."""
        path = self._folder / token if TOKEN.fullmatch(token) else None
        if path is None or not path.with_suffix(".json").is_file() or not path.is_file():
            raise NotFound()
        about = json.loads(path.with_suffix(".json").read_text("utf-8"))
        if about["user_id"] != user_id:
            raise NotFound()
        return Upload(token, path, about["name"], RecordKind(about["kind"]), user_id)

    def forget(self, upload: Upload) -> None:
        """Remove the file."""
        upload.path.unlink(missing_ok=True)
        upload.path.with_suffix(".json").unlink(missing_ok=True)

    def job(self, upload: Upload) -> Job:
        """What is being done with the upload."""
        with self._lock:
            job = self._jobs.setdefault(upload.token, Job())
            self._jobs.move_to_end(upload.token)
            while len(self._jobs) > IN_MEMORY:
                self._jobs.popitem(last=False)
            return job

    def check(self, upload: Upload, actor: Actor, layout: Layout, sheet: str | None, limits: Limits) -> None:
        """Begin to judge the file; the page asks how far it is."""

        def work(job: Job) -> None:
            with reading(self._engine) as session:
                opened = open_sheet(upload.path, upload.name, limits, sheet)
                job.verdict = judge(session, actor, Source.of(upload.path, upload.name), opened, layout, job.tell)
            job.preview = preview(job.verdict)

        job = self.job(upload)
        job.verdict, job.run, job.preview = None, None, []
        self._begin(job, work)

    def write(self, upload: Upload, *, good_only: bool, duplicates: bool) -> None:
        """Begin to import what was judged."""

        def work(job: Job) -> None:
            if job.verdict is None or job.run is not None:
                raise NotFound()
            prepared = prepare(self._engine, job.verdict, good_only=good_only, duplicates=duplicates, progress=job.tell)
            with transaction(self._engine) as session:
                job.run = writing.write(session, prepared, job.tell)
            self._committed()

        self._begin(self.job(upload), work)

    def _begin(self, job: Job, work: Callable[[Job], None]) -> None:
        """Work in a thread of its own, one thing at a time for each upload."""
        with self._lock:
            if job.busy:
                return
            job.busy, job.error = True, None
            job.tell("read", 0, 0)

        def run() -> None:
            try:
                work(job)
            except CrmError as error:
                job.error = error
            except Exception as error:
                log.exception("an import failed")
                job.error = error
            finally:
                job.busy = False

        threading.Thread(target=run, name="import", daemon=True).start()

    def _sweep(self) -> None:
        """Remove what nobody came back to."""
        for path in self._folder.iterdir():
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink(missing_ok=True)


def preview(verdict: Verdict) -> list[tuple[Judged, list[str]]]:
    """The rows that the page shows with their cells as the file has them: those that are not simply good first."""
    told = [row for row in verdict.rows if row.outcome in (Outcome.FAULTY, Outcome.DUPLICATE)]
    rest = [row for row in verdict.rows if row.outcome not in (Outcome.FAULTY, Outcome.DUPLICATE)]
    chosen = {row.number: row for row in (told + rest)[:PREVIEWED]}
    cells: dict[int, list[str]] = {}
    for row in verdict.sheet.rows():
        if row.number in chosen:
            cells[row.number] = [shown(cell) for cell in row.cells]
            if len(cells) == len(chosen):
                break
    return [(row, cells.get(number, [])) for number, row in chosen.items()]
