"""Writing what a verdict found: everything is prepared beforehand, so that others wait only while rows go in; then all rows or none."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm import audit
from crm.db import transaction
from crm.errors import CrmError
from crm.importing.batch import Batch, ChangedSinceVerdict, New
from crm.importing.besides import add_all
from crm.importing.judged import Outcome, Progress, silent
from crm.importing.layouts import dump_layout
from crm.importing.verdict import Verdict
from crm.models import ImportedRecord, ImportRun
from crm.vocabulary import N_, AuditAct, ImportStatus


class FaultyRowsRefused(CrmError):
    """All rows or none, unless the person chose the good ones."""

    message = N_("{count} rows are faulty and nothing was imported. Correct them, or import the good rows only.")


class NothingToImport(CrmError):
    """No row is new and none changes anything."""

    message = N_("There is nothing to import: no row is new, and none changes a record.")


@dataclass(frozen=True)
class Prepared:
    """An import that waits to be written."""

    verdict: Verdict
    batch: Batch
    run: New


def prepare(
    engine: Engine, verdict: Verdict, *, good_only: bool = False, duplicates: bool = False, progress: Progress = silent
) -> Prepared:
    """Bind everything that is to be written. Raises `FaultyRowsRefused` or `NothingToImport`."""
    counts = verdict.counts
    if counts[Outcome.FAULTY] and not good_only:
        raise FaultyRowsRefused(count=counts[Outcome.FAULTY])
    taken = verdict.taken(duplicates=duplicates)
    if not taken:
        raise NothingToImport()
    verdict.learn(taken)
    batch, records = Batch(engine.dialect), verdict.records
    add_all(batch, records.context, verdict.company)
    for done, row in enumerate(taken, start=1):
        if row.outcome is Outcome.CHANGES:
            records.change(row, batch)
        else:
            records.add(row, batch)
        if done % 2_000 == 0:
            progress("prepared", done, len(taken))
    records.finish(batch)
    return Prepared(verdict, batch, _record(verdict, batch))


def _record(verdict: Verdict, batch: Batch) -> New:
    """The import's own record, and what it wrote, for the undo."""
    context = verdict.records.context
    run = batch.add(
        ImportRun, kind=verdict.kind.value, file_name=verdict.source.name[:200], sha256=verdict.source.sha256,
        layout=dump_layout(verdict.layout), status=ImportStatus.DONE, created_count=batch.created, changed_count=batch.changed,
        faulty_count=verdict.counts[Outcome.FAULTY], by_id=context.actor.user_id, at=context.now,
    )  # fmt: skip
    for subject, ref, version, before in batch.tracked:
        batch.add(ImportedRecord, run_id=run, subject=subject, subject_id=ref, version=version, before=before)
    return run


def write(session: Session, prepared: Prepared, progress: Progress = silent) -> ImportRun:
    """Write what was prepared, with the import's own record and one line of the audit log; the caller's transaction holds it all.

    Raises `ChangedSinceVerdict` where the company's data is no longer what the verdict rests on.
    """
    verdict, batch = prepared.verdict, prepared.batch
    context = verdict.records.context
    verdict.records.recheck(session)
    try:
        batch.write(session.connection(), lambda done, of: progress("written", done, of))
    except IntegrityError as error:
        raise ChangedSinceVerdict() from error
    run = session.get_one(ImportRun, prepared.run.id)
    told: dict[str, Any] = {"kind": run.kind, "file": run.file_name}
    told |= {"created": run.created_count, "changed": run.changed_count, "faulty": run.faulty_count}
    audit.write(session, context.actor, AuditAct.IMPORTED, ImportRun.__tablename__, run.id, after=told)
    session.flush()
    return run


def import_file(
    engine: Engine, verdict: Verdict, *, good_only: bool = False, duplicates: bool = False, progress: Progress = silent
) -> ImportRun:
    """Prepare and write in a transaction of its own."""
    prepared = prepare(engine, verdict, good_only=good_only, duplicates=duplicates, progress=progress)
    with transaction(engine) as session:
        return write(session, prepared, progress)
