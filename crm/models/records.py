"""What the system keeps about itself: audit, submissions, the change log that the warehouse follows, imports."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Base, Id, Instant, Moment, Name, refers, word
from crm.vocabulary import AuditAct, ImportStatus


class AuditEntry(Base):
    """操作日志: who did what to which record, before and after (JSON). Append-only."""

    __tablename__ = "audit_entries"
    id: Mapped[Id]
    at: Mapped[Moment] = mapped_column(index=True)
    by_id: Mapped[int | None] = refers("users.id", index=True)
    act: Mapped[AuditAct] = mapped_column(word(AuditAct))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    before: Mapped[str] = mapped_column(String, default="")
    after: Mapped[str] = mapped_column(String, default="")
    address: Mapped[str] = mapped_column(String(60), default="")
    __table_args__ = (
        Index("ix_audit_entries_subject", "subject", "subject_id"),
        Index("ix_audit_entries_subject_kind", "subject", "id"),
        Index("ix_audit_entries_act_id", "act", "id"),
    )


class AuditSeal(Base):
    """A sealed block of audit lines: the hash of its lines and of the seal before, so that a missing line shows."""

    __tablename__ = "audit_seals"
    id: Mapped[Id]
    first_id: Mapped[int] = mapped_column(unique=True)
    last_id: Mapped[int] = mapped_column(unique=True)
    sealed_at: Mapped[Moment]
    sha256: Mapped[str] = mapped_column(String(64))


class Submission(Base):
    """A form that was sent: its key, and what it made. The same key acts once."""

    __tablename__ = "submissions"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = refers("users.id")
    at: Mapped[Moment]
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]


class Change(Base):
    """What a commit touched: written by triggers in the same transaction, read by the warehouse's follower.

    `subject` is the record that depends on the row (a receipt's is its contract). `part` is the row's table, or *record* for an
    update that shows in nothing but the record's own row; empty in lines from before it was kept. `xid` is PostgreSQL's
    transaction id, by which the follower knows that nothing older is still to come; empty on SQLite, where positions become
    visible in order.
    """

    __tablename__ = "change_log"
    position: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    xid: Mapped[int | None] = mapped_column(BigInteger)
    part: Mapped[str | None] = mapped_column(String(40))
    __table_args__ = (Index("ix_change_log_xid", "xid").ddl_if(dialect="postgresql"), {"sqlite_autoincrement": True})


class ImportRun(Base):
    """One import: of which file, by which layout, and how it ended."""

    __tablename__ = "import_runs"
    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[Name]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    layout: Mapped[str] = mapped_column(String)
    status: Mapped[ImportStatus] = mapped_column(word(ImportStatus))
    created_count: Mapped[int]
    changed_count: Mapped[int]
    faulty_count: Mapped[int]
    by_id: Mapped[int | None] = refers("users.id")
    at: Mapped[Moment]
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by_id: Mapped[int | None] = refers("users.id")


class ImportedRecord(Base):
    """A record that an import created or changed, with the version it left and what stood there before (JSON), for the undo."""

    __tablename__ = "imported_records"
    id: Mapped[Id]
    run_id: Mapped[int] = refers("import_runs.id", index=True)
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    version: Mapped[int]
    before: Mapped[str] = mapped_column(String, default="")
    __table_args__ = (
        Index(
            "ix_imported_records_changed", "subject", "subject_id",
            sqlite_where=text("before <> ''"), postgresql_where=text("before <> ''"),
        ),
    )  # fmt: skip


class ImportLayout(Base):
    """A layout that somebody saved: found again by the header of the file."""

    __tablename__ = "import_layouts"
    id: Mapped[Id]
    name: Mapped[Name]
    kind: Mapped[str] = mapped_column(String(40))
    header: Mapped[str] = mapped_column(String(20_000))
    content: Mapped[str] = mapped_column(String)
    saved_at: Mapped[Moment]
    saved_by_id: Mapped[int | None] = refers("users.id")
    __table_args__ = (UniqueConstraint("kind", "name"),)
