"""Files of records: taken up by whoever sends them, attached by the act of which they are part, read by whom the record is within reach.

A file lies under a random name in a folder of the server's; its row says what it is. Until an act attaches it, it belongs to who
sent it and to nobody else, and goes after a day.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crm import audit, clock
from crm.errors import CrmError, NotFound
from crm.models import Base, Contract, ContractHistory, File, FollowUp, Invoice
from crm.scope import Actor
from crm.services.input_faults import NotAChoice
from crm.services.input_types import Reference
from crm.services.inputs import Faults
from crm.services.reach import find as find_within
from crm.vocabulary import N_

MOST = 20
"""Files of one act."""

KEPT = timedelta(days=1)
"""How long a file waits for the act that it belongs to."""

PENDING = "pending"
"""The subject of a file that nothing has attached yet; the subject's id is who sent it."""

Files = Annotated[tuple[Reference, ...], Field(max_length=MOST)]
"""Numbers of files that this person has sent."""

HELD_BY: Mapping[str, type[Base]] = {model.__tablename__: model for model in (Contract, ContractHistory, FollowUp, Invoice)}
"""The records that have files: who may see the record may see them."""


class FileTooLarge(CrmError):
    """More bytes than the company's settings allow."""

    message = N_("“{name}” is larger than {limit} MB.")


class FileEmpty(CrmError):
    """Nothing came with the name."""

    message = N_("“{name}” is empty.")


class FileNotTaken(CrmError):
    """By its content it is no document or picture, whatever it is called."""

    message = N_(
        "“{name}” is none of the kinds that are taken: PDF, pictures, and documents of office programs. Its content tells, not its name."
    )


def keep(session: Session, actor: Actor, *, stored_name: str, name: str, content_type: str, size: int, sha256: str) -> File:
    """Note a file that lies on the disk; it is its sender's until an act attaches it."""
    file = File(
        subject=PENDING, subject_id=actor.user_id, stored_name=stored_name, name=name, content_type=content_type, size=size,
        sha256=sha256, uploaded_at=clock.now(), uploaded_by_id=actor.user_id,
    )  # fmt: skip
    session.add(file)
    session.flush()
    return file


def attach(
    session: Session, actor: Actor, record: Base, record_id: int, numbers: Sequence[int], faults: Faults, key: str = "files"
) -> None:
    """Make files that this person sent part of a record; any other number is held against the field."""
    found = pending(session, actor, numbers, faults, key)
    if len(found) != len(set(numbers)):
        return
    for file in found:
        file.subject, file.subject_id = record.__tablename__, record_id
        audit.created(session, actor, file)


def pending(session: Session, actor: Actor, numbers: Sequence[int], faults: Faults, key: str = "files") -> Sequence[File]:
    """The files of these numbers that this person has sent and that nothing has attached; others are held against the field."""
    mine = select(File).where(File.id.in_(set(numbers)), File.subject == PENDING, File.subject_id == actor.user_id)
    found = session.scalars(mine.order_by(File.id)).all()
    if len(found) != len(set(numbers)):
        faults.add(key, NotAChoice())
    return found


def find(session: Session, actor: Actor, file_id: int) -> File:
    """The file, if the record that it belongs to is within reach."""
    file = session.get(File, file_id)
    model = HELD_BY.get(file.subject) if file else None
    if file is None or model is None:
        raise NotFound()
    find_within(session, actor, model, file.subject_id)
    return file


def of(session: Session, model: type[Base], record_ids: Sequence[int]) -> dict[int, list[File]]:
    """The files of records that the person has found within reach, by record."""
    theirs = select(File).where(File.subject == model.__tablename__, File.subject_id.in_(record_ids)).order_by(File.id)
    found: dict[int, list[File]] = {}
    for file in session.scalars(theirs):
        found.setdefault(file.subject_id, []).append(file)
    return found


def forget_abandoned(session: Session, now: datetime) -> list[str]:
    """Forget the files that no act attached within a day; the names under which they lie."""
    left = delete(File).where(File.subject == PENDING, File.uploaded_at < now - KEPT).returning(File.stored_name)
    return list(session.scalars(left))
