"""Files on their way in and out: streamed to the disk with a limit, told by their content, sent to whom they are in reach."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from flask import Flask, Response, abort, request, send_file

from crm import audit, clock
from crm.errors import CrmError
from crm.rules.files import HEAD, kind_of, named
from crm.services import files
from crm.services.files import FileEmpty, FileNotTaken, FileTooLarge
from crm.vocabulary import AuditAct
from dashboard import session
from dashboard.components.files import UPLOAD, size
from dashboard.i18n import explain

CHUNK = 1 << 16
MEGABYTE = 1024 * 1024


def install(server: Flask) -> None:
    """Where files go up and come down."""
    server.add_url_rule(UPLOAD, "files.upload", _upload, methods=["POST"])
    server.add_url_rule("/files/<int:file_id>", "files.download", _download)


def folder() -> Path:
    """Where files lie: beside the database, under random names, served by nobody but `_download`."""
    return session.application().settings.files_path


def _upload() -> Any:
    """Take one file as the body of the request; answer with its number."""
    name = unquote(request.headers.get("X-File-Name", ""))[:500] or "file"
    actor = session.actor()
    _forget_abandoned()
    try:
        with _received(request.stream, name, session.company().upload_max_mb) as sent, session.acting() as opened:
            kept = files.keep(opened, actor, **sent)
    except CrmError as error:
        return Response(explain(error), 422, mimetype="text/plain")
    return {"id": kept.id, "size": size(kept.size)}


@contextmanager
def _received(stream: IO[bytes], name: str, megabytes: int) -> Iterator[dict[str, Any]]:
    """What is sent, on the disk, and what is to be kept of it. Nothing of it stays where what follows fails."""
    folder().mkdir(parents=True, exist_ok=True)
    stored = secrets.token_hex(16)
    path, count, digest = folder() / stored, 0, hashlib.sha256()
    try:
        with path.open("xb") as file:
            while piece := stream.read(CHUNK):
                count += len(piece)
                if count > megabytes * MEGABYTE:
                    raise FileTooLarge(name=name, limit=megabytes)
                file.write(piece)
                digest.update(piece)
        kind = _kind(path, count, name)
        yield {"stored_name": stored, "name": named(name, kind), "content_type": kind, "size": count, "sha256": digest.hexdigest()}
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _kind(path: Path, count: int, name: str) -> str:
    """What the file is, by its content."""
    if not count:
        raise FileEmpty(name=name)
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, count - CHUNK))
        kind = kind_of(head, file.read())
    if kind is None:
        raise FileNotTaken(name=name)
    return kind


def _download(file_id: int) -> Response:
    """The file as an attachment; that it left stands in the audit log before it does."""
    actor = session.actor()
    try:
        with session.looking() as opened:
            file = files.find(opened, actor, file_id)
    except CrmError:
        abort(404)
    path = folder() / file.stored_name
    if not path.is_file():
        abort(404)
    with session.acting() as opened:
        told = {"file": file.name, "subject": file.subject, "subject_id": file.subject_id}
        audit.write(opened, actor, AuditAct.DOWNLOADED, "files", file.id, after=told, address=request.remote_addr or "")
    return send_file(path, mimetype=file.content_type, as_attachment=True, download_name=file.name, max_age=0)


def _forget_abandoned() -> None:
    """Remove what was sent and never became part of anything."""
    with session.acting() as opened:
        names = files.forget_abandoned(opened, clock.now())
    for name in names:
        (folder() / name).unlink(missing_ok=True)
