"""How the audit log looks: a list, the newest first, with what changed where the reader may see the record."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dash import html
from sqlalchemy.orm import Session

from crm.models import User
from crm.scope import Actor
from crm.services import audit_log, offers
from crm.services.audit_log import AUDIT, Line, Seals
from crm.vocabulary import AuditAct, Kind, Permission
from dashboard import session
from dashboard.components.page import button
from dashboard.components.record_list import Choices, Field, ListPage, choices_of
from dashboard.i18n import N_, _, moment, word

SUBJECTS: Mapping[str, str] = {
    "leads": N_("Lead"), "lead_notes": N_("Lead note"), "customers": N_("Customer"), "contacts": N_("Contact"),
    "opportunities": N_("Opportunity"), "follow_ups": N_("Follow-up"), "comments": N_("Comment"), "quotes": N_("Quote"),
    "contracts": N_("Contract"), "payment_plans": N_("Payment plan"), "receipts": N_("Receipt"), "costs": N_("Cost"),
    "invoices": N_("Invoice"), "files": N_("File"), "users": N_("User"), "teams": N_("Team"), "departments": N_("Department"),
    "lead_sources": N_("Lead source"), "campaigns": N_("Campaign"), "products": N_("Product"), "stages": N_("Stage"),
    "follow_up_methods": N_("Follow-up method"), "loss_reasons": N_("Loss reason"), "competitors": N_("Competitor"),
    "competition_factors": N_("Strength or weakness"), "competition_records": N_("Competition record"),
    "cost_categories": N_("Cost category"), "sales_targets": N_("Sales target"), "settings": N_("Settings"),
    "closed_months": N_("Closed month"), "import_runs": N_("Import"), "reports": N_("Reports"),
    "opportunity_readers": N_("Read access"),
}  # fmt: skip
"""What a record of each table is called; another one is called by its table."""

DAYS = {"1": N_("Today"), "7": N_("Last 7 days"), "30": N_("Last 30 days"), "90": N_("Last 90 days"), "365": N_("Last 365 days")}

CHECK, SEALS = "audit-check", "audit-seals"
"""The button that reads the whole log against its seals, and where it says how they are."""

LONGEST = 400
"""Characters of one value that are shown."""


def subject(table: str) -> str:
    """What a record of a table is called."""
    return _(SUBJECTS[table]) if table in SUBJECTS else table


def changed(line: Line) -> str:
    """What was before and after, field by field; that it is not shown where the record is out of reach."""
    if line.before is None or line.after is None:
        return _("not shown: the record is outside of your reach") if line.subject_id is not None else ""
    keys = sorted({*line.before, *line.after})
    return "; ".join(_one(key, line.before, line.after) for key in keys)


def _one(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    now = _written(after.get(key))
    return f"{key}: {_written(before[key])} → {now}" if key in before else f"{key}: {now}"


def _written(value: Any) -> str:
    text = "–" if value in (None, "") else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def sentence(seals: Seals) -> str:
    """Whether the log is whole."""
    if seals.broken:
        return _("A seal of this log is broken: lines were changed or removed outside of the application.")
    return _("Sealed up to line {line}; no line is missing or changed.", line=seals.sealed)


def _offers(opened: Session, _actor: Actor) -> Choices:
    return choices_of(
        {
            "by": list(offers.names(opened, User).items()),
            "act": [(act.value, word(act)) for act in AuditAct],
            "subject": [(table, subject(table)) for table in audit_log.subjects(opened)],
            "days": [(days, _(title)) for days, title in DAYS.items()],
        },
        as_they_are=("act", "days"),
    )


def _actions(actor: Actor) -> Sequence[Any]:
    """The seals are checked by who exports the log."""
    if not actor.may(Permission.EXPORT, Kind.AUDIT):
        return ()
    return (html.Span(id=SEALS, className="note", role="status"), button(_("Check the seals"), CHECK))


LIST = ListPage(
    AUDIT,
    title=N_("Audit log"),
    kind=Kind.AUDIT,
    fields=(
        Field("at", N_("When"), "moment", of=lambda line: moment(line.at, ZoneInfo(session.company().zone)), width=144),
        Field("by", N_("By"), of=lambda line: line.by or _("the system"), width=96),
        Field("act", N_("Act"), "word", of=lambda line: word(line.act), width=104),
        Field("subject", N_("Record"), of=lambda line: " ".join([subject(line.subject), *_number(line)]), width=136),
        Field("change", N_("Before → after"), of=changed, width=320, flex=4),
        Field("address", N_("Network address"), width=120),
    ),
    filters={"by": N_("By"), "act": N_("Act"), "subject": N_("Record"), "days": N_("When"), "from": N_("From"), "to": N_("To")},
    days=("from", "to"),
    offers=_offers,
    counted=N_("{count} lines"),
    many=N_("More than {most} lines"),
    seek="",
    opens=lambda _line: None,
    actions=_actions,
    path="/master/audit",
)


def _number(line: Line) -> list[str]:
    return [f"#{line.subject_id}"] if line.subject_id is not None else []
