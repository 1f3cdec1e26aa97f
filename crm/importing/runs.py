"""Imports as people come back to them: layouts that are found again by a file's header, and the list of what was imported."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import clock
from crm.errors import CrmError, NotAllowed
from crm.importing.fields import RecordKind
from crm.importing.headers import header_keys
from crm.importing.layouts import (
    SUFFIX,
    Layout,
    dump_layout,
    find_layout,
    guess_layout,
    load_layout,
    load_layouts,
    parse_layout,
)
from crm.importing.problems import LayoutProblem, NoLayoutFits
from crm.importing.reading import Sheet
from crm.importing.verdict import may_import
from crm.models import ImportLayout, ImportRun, User, UserRole
from crm.scope import Actor
from crm.vocabulary import N_, ImportStatus, Role


class UnknownLayout(LayoutProblem):
    """Neither a layout of that name nor a file."""

    message = N_("There is no layout “{name}”. The layouts are: {layouts}.")


class LayoutOfAnotherKind(LayoutProblem):
    """A layout for other records than those that were asked for."""

    message = N_("The layout “{layout}” is not one for these records.")


@dataclass(frozen=True, slots=True)
class Past:
    """An import that was made."""

    id: int
    kind: RecordKind
    file: str
    at: datetime
    by: str
    created: int
    changed: int
    faulty: int
    status: ImportStatus


def known_layouts(session: Session, kind: RecordKind | None = None) -> list[Layout]:
    """The layouts that people saved, then those that come with the program; a saved one stands for another of its name."""
    saved = [parse_layout(content) for content in session.scalars(select(ImportLayout.content).order_by(ImportLayout.saved_at.desc()))]
    names = {(layout.kind, layout.name) for layout in saved}
    known = saved + [layout for layout in load_layouts() if (layout.kind, layout.name) not in names]
    return [layout for layout in known if kind in (None, layout.kind)]


def layout_for(session: Session, sheet: Sheet, kind: RecordKind | None, name: str | None = None) -> Layout:
    """The layout that was named (by its name, or as a file), else the one that the header finds, else what the header says by itself.

    Raises a `LayoutProblem`.
    """
    if name is not None:
        layout = _named(session, name)
        if kind not in (None, layout.kind):
            raise LayoutOfAnotherKind(layout=layout.name)
        return layout
    found = _saved_for(session, sheet, kind) or find_layout(sheet.header, known_layouts(session, kind), kind)
    if found is None and kind is not None:
        found = guess_layout(sheet.header, kind, Path(sheet.file).stem)
    if found is None or not found.columns:
        raise NoLayoutFits()
    return found


def _named(session: Session, name: str) -> Layout:
    path = Path(name)
    if path.suffix == SUFFIX and path.is_file():
        return load_layout(path)
    known = known_layouts(session)
    for layout in known:
        if layout.name == name:
            return layout
    raise UnknownLayout(name=name, layouts=", ".join(layout.name for layout in known))


def _saved_for(session: Session, sheet: Sheet, kind: RecordKind | None) -> Layout | None:
    """The layout that was saved last for exactly this header."""
    rows = select(ImportLayout).where(ImportLayout.header == header_of(sheet)).order_by(ImportLayout.saved_at.desc())
    found = session.scalars(rows if kind is None else rows.where(ImportLayout.kind == kind.value)).first()
    return parse_layout(found.content) if found else None


def header_of(sheet: Sheet) -> str:
    """What a file's header is remembered by, whatever the order of its columns."""
    return "\n".join(sorted(header_keys(sheet.header)))[:20_000]


def save_layout(session: Session, actor: Actor, layout: Layout, sheet: Sheet) -> ImportLayout:
    """Keep the layout, to be found again by this file's header; another of the same name is replaced."""
    if not may_import(actor, layout.kind):
        raise NotAllowed()
    rows = select(ImportLayout).where(ImportLayout.kind == layout.kind.value, ImportLayout.name == layout.name)
    saved = session.scalar(rows) or ImportLayout(kind=layout.kind.value, name=layout.name)
    saved.header, saved.content = header_of(sheet), dump_layout(layout)
    saved.saved_at, saved.saved_by_id = clock.now(), actor.user_id
    session.add(saved)
    session.flush()
    return saved


def past(session: Session, actor: Actor, most: int = 50) -> list[Past]:
    """The latest imports of the kinds that this person may import, the newest first."""
    kinds = [kind.value for kind in RecordKind if may_import(actor, kind)]
    rows = select(ImportRun, User.name).join(User, User.id == ImportRun.by_id, isouter=True).where(ImportRun.kind.in_(kinds))
    return [
        Past(
            run.id,
            RecordKind(run.kind),
            run.file_name,
            run.at,
            by or "",
            run.created_count,
            run.changed_count,
            run.faulty_count,
            run.status,
        )
        for run, by in session.execute(rows.order_by(ImportRun.id.desc()).limit(most))
    ]


class NoSuchImport(CrmError):
    """No import has that number, or none of a kind that the person may import."""

    message = N_("There is no import no. {number}.")


def find(session: Session, actor: Actor, run_id: int) -> ImportRun:
    """An import of a kind that this person may import."""
    run = session.get(ImportRun, run_id)
    if run is None or not may_import(actor, RecordKind(run.kind)):
        raise NoSuchImport(number=run_id)
    return run


class NobodyAdministers(CrmError):
    """The command line acts for somebody."""

    message = N_("Nobody administers the company yet; name who imports with --as.")


def administrator(session: Session) -> int:
    """The id of who administers: the first who does."""
    first = select(User.id).join(UserRole, UserRole.user_id == User.id).where(UserRole.role == Role.ADMINISTRATOR, User.active)
    found = session.scalar(first.order_by(User.id).limit(1))
    if found is None:
        raise NobodyAdministers()
    return found
