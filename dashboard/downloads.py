"""The list of opportunities as a file, for whoever may carry rows away; that it left stands in the audit log before it does."""

import tempfile
from typing import IO, Any

from flask import Flask, Response, abort, g, request, send_file

from crm import audit
from crm.errors import CrmError
from crm.models import Opportunity
from crm.services import opportunity_list
from crm.services.opportunity_list import Asked
from crm.services.reach import require
from crm.vocabulary import AuditAct, Kind, Permission
from dashboard import exports, session
from dashboard.exports import Column, Sheet
from dashboard.i18n import _, explain

TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}


def install(server: Flask) -> None:
    """`/opportunities/export.xlsx` or `.csv`, with the filters of the list's own address."""

    @server.get("/opportunities/export.<kind>", endpoint="downloads.opportunities")
    def opportunities(kind: str) -> Any:
        if kind not in TYPES:
            abort(404)
        try:
            return _sent(kind)
        except CrmError as error:
            return Response(explain(error), 403, mimetype="text/plain")


def _sent(kind: str) -> Any:
    actor = session.actor()
    require(actor, Permission.EXPORT, Kind.OPPORTUNITY)
    wished = {name: values if len(values) > 1 else values[0] for name, values in request.args.lists()}
    asked = Asked.of(wished)
    with session.looking() as opened:
        rows = [{"row": row} for row in opportunity_list.everything(opened, actor, asked)]
    file = tempfile.SpooledTemporaryFile(4 * 1024 * 1024)  # noqa: SIM115  (closed by the answer that sends it)
    g.rows = _write(file, kind, Sheet(_("Opportunities"), _columns(), rows))
    said = {"filters": request.query_string.decode(errors="replace")[:2000], "format": kind, "rows": g.rows}
    with session.acting() as opened:
        audit.write(opened, actor, AuditAct.EXPORTED, Opportunity.__tablename__, after=said, address=request.remote_addr or "")
    file.seek(0)
    name = f"{_('Opportunities')}_{session.today()}.{kind}"
    return send_file(file, mimetype=TYPES[kind], as_attachment=True, download_name=name, max_age=0)


def _write(file: IO[bytes], kind: str, sheet: Sheet) -> int:
    if kind == "csv":
        return exports.delimited(file, sheet)
    about = [(_("Company"), session.company().company_name), (_("Exported on"), session.today()), (_("By"), session.actor().name)]
    return exports.workbook(file, about, [sheet])


def _columns() -> list[Column]:
    """What a row says, as on the screen; `of` takes it from the list's own row."""
    named = (
        ("id", "ID", "count"),
        ("status", _("Status"), "word"),
        ("title", _("Title"), "text"),
        ("customer", _("Customer"), "text"),
        ("stage", _("Stage"), "text"),
        ("expected_amount", _("Expected amount"), "money"),
        ("expected_close_on", _("Expected close date"), "day"),
        ("owner", _("Rep"), "text"),
        ("team", _("Team"), "text"),
        ("last_followed_up_on", _("Last follow-up"), "day"),
        ("created_on", _("Created on"), "day"),
    )
    return [Column(key, title, kind, lambda row, key=key: getattr(row["row"], key)) for key, title, kind in named]  # type: ignore[misc]
