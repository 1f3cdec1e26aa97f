"""What the workbench counts for each role: what waits, this month's figures of the reports that the person opens, the program's health.

Counts are those of the lists they lead to, figures those of the reports: nothing is counted in two ways.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from crm import audit
from crm.backup import manifest
from crm.importing import runs
from crm.scope import Actor
from crm.services import carried
from crm.services.approval_list import APPROVALS
from crm.services.customer_list import COMPANY_POOL, TEAM_POOL
from crm.services.lead_list import LEADS
from crm.services.lists import MOST, RecordList
from crm.services.reach import reaches_company
from crm.vocabulary import AuditAct, Kind, Permission, Role
from dashboard import session
from dashboard.i18n import N_, _, count, day, moment
from dashboard.pages import home as page
from dashboard.pages.home import Fact, Figure, Tile
from dashboard.queries import REPORTS
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report

P = Permission
SOURCES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Counted:
    """A number that waits for somebody: the list that it is counted by, narrowed how, and where it leads."""

    label: str
    list: RecordList[Any]
    wished: Mapping[str, str]
    address: str
    for_whom: Callable[[Actor], bool]


WAITING: Sequence[Counted] = (
    Counted(N_("Unprocessed leads"), LEADS, {"status": "unprocessed"}, "/leads?status=unprocessed", lambda a: a.may(P.CONVERT, Kind.LEAD)),
    Counted(N_("Neglected leads"), LEADS, {"care": "neglected"}, "/leads?care=neglected", lambda a: a.may(P.CONVERT, Kind.LEAD)),
    Counted(N_("Customers without a team"), COMPANY_POOL, {}, "/assign/teams", lambda a: reaches_company(a, P.ASSIGN, Kind.CUSTOMER)),
    Counted(N_("Customers without a rep"), TEAM_POOL, {}, "/assign/reps", lambda a: a.may(P.ASSIGN, Kind.CUSTOMER)),
    Counted(N_("Quotes to approve"), APPROVALS, {}, "/approvals", lambda a: a.may(P.APPROVE, Kind.QUOTE)),
)
"""What waits, in the order of the day."""

SHOWN: Mapping[str, tuple[str, ...]] = {
    "plan_completion": ("target_amount", "signed_amount", "completion_rate"),
    "collection_progress": ("due_amount", "overdue_amount", "outstanding_amount"),
}
"""The figures of this month, of reports that the person opens."""


def report_address(key: str, filters: Filters) -> str:
    """Where a report shows the number as it stands here, also to who opens it with a view of their own."""
    return f"/reports/{key}?{filters.address}"


def waiting(opened: Session, actor: Actor) -> list[Tile]:
    """How much waits, each with the way to it."""
    tiles = []
    for one in WAITING:
        if one.for_whom(actor):
            number = one.list.counted(opened, actor, one.list.asked(one.wished))
            tiles.append(Tile(_(one.label), f"{MOST:,}+" if number > MOST else count(number), one.address, waits=number > 0))
    return tiles


def figures(actor: Actor, today: date) -> list[Figure]:
    """This month's figures."""
    drawn: list[Figure] = []
    for report in REPORTS:
        if report.key in SHOWN and report.open_to(actor.roles):
            drawn += _of_report(report, actor, today)
    return drawn


def _of_report(report: Report, actor: Actor, today: date) -> list[Figure]:
    answer = session.application().answers.headline(report, actor.scope, Filters(), today, ())
    wanted, address = SHOWN[report.key], report_address(report.key, Filters())
    shown = [figure for figure in report.headline if figure.key in wanted]
    return [Figure(str(figure.title), answer.table.total[figure.key], figure.unit, address, str(figure.definition)) for figure in shown]


def sources(actor: Actor, today: date) -> Any:
    """The lead sources of this month with the leads that came, the most first; None for who does not do marketing."""
    report = next((found for found in REPORTS if found.key == "lead_conversion"), None)
    if report is None or Role.MARKETING not in actor.roles:
        return None
    answer = session.application().answers.table(report, report.view("main"), actor.scope, Filters(), today)
    came = [(str(row["source_label"]), int(row["leads"])) for row in answer.table.rows if row["leads"]]
    return page.sources(came[:SOURCES_SHOWN], report_address(report.key, Filters()))


def health(opened: Session, actor: Actor) -> list[Fact]:
    """How the program is, for who administers: reports, audit log, backups, imports, and who carried unusually much away."""
    if not actor.may(P.UPDATE, Kind.MASTER):
        return []
    live, zone = session.application().live, _zone()
    behind = live.behind_since
    reports = Fact(_("Reports"), _("behind since {time}", time=moment(behind, zone)) if behind else _("up to date"), behind is None)
    unsealed = audit.unsealed(opened)
    seals = Fact(_("Audit log"), _("{count} lines wait for a seal", count=unsealed) if unsealed else _("sealed"), unsealed < 1000)
    return [reports, seals, _backup(), *_imports(opened, actor), *_exports(opened, actor)]


def _zone() -> ZoneInfo:
    return ZoneInfo(session.company().zone)


def _backup() -> Fact:
    last = manifest.last_of(session.application().settings)
    if last is None:
        return Fact(_("Backup"), _("none was made yet"), False)
    return Fact(_("Backup"), _("last made {time}", time=moment(last, _zone())), True)


def _imports(opened: Session, actor: Actor) -> list[Fact]:
    past = runs.past(opened, actor)[:1]
    if not past:
        return [Fact(_("Import"), _("none yet"), True)]
    said = _("{file}: {created} new, {changed} changed, {faulty} faulty", file=past[0].file, created=past[0].created,
             changed=past[0].changed, faulty=past[0].faulty)  # fmt: skip
    return [Fact(_("Import"), said, past[0].faulty == 0)]


def _exports(opened: Session, actor: Actor) -> list[Fact]:
    """Each day of the last week on which somebody carried unusually many rows away, with the way to the lines of the log."""
    facts = []
    for one in carried.unusual(opened, actor, session.today(), session.company().zone):
        said = _("{person} took {rows} rows on {day}; on no day before more than {most}", person=one.person, rows=count(one.rows),
                 day=day(one.day), most=count(one.most_before))  # fmt: skip
        facts.append(Fact(_("Exports"), said, False, f"/master/audit?act={AuditAct.EXPORTED.value}&by={one.user_id}"))
    return facts or [Fact(_("Exports"), _("nothing unusual in the last seven days"), True)]
