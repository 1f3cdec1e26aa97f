"""How a contract's money looks wherever it is shown: figures, instalments, and the contract in short on its opportunity's page."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from crm.models import Contract, File
from crm.services.contract_view import Due, Figures
from crm.vocabulary import InstalmentPhase
from dashboard.components import files
from dashboard.components.badges import badge
from dashboard.components.page import section
from dashboard.i18n import _, day, money, word

TONES: Mapping[InstalmentPhase, str] = {
    InstalmentPhase.PAID: "won",
    InstalmentPhase.OVERDUE: "overdue",
    InstalmentPhase.DUE: "open",
    InstalmentPhase.PARTLY: "open",
    InstalmentPhase.FUTURE: "stopped",
}
"""How an instalment stands, as the colour of its meaning."""


NARROW = 5
"""Columns that a phone shows side by side."""


def phase(due: Due) -> html.Span:
    """How an instalment stands today; of a late one by how many days."""
    late = due.days_late and due.phase is InstalmentPhase.OVERDUE
    said = _("{days} days late", days=due.days_late) if late else word(due.phase)
    return html.Span(said, className=f"badge-state tone-{TONES[due.phase]}")


def figures(of: Figures) -> html.Dl:
    """A contract's money in one line."""
    shown = [
        (_("Contract amount"), of.amount),
        (_("Received"), of.received),
        (_("Outstanding"), of.outstanding),
        (_("Overdue"), of.overdue),
        *([(_("Prepaid"), of.prepaid)] if of.prepaid else []),
        (_("Cost"), of.cost),
    ]
    return html.Dl([html.Div([html.Dt(name), html.Dd(money(amount))]) for name, amount in shown], className="facts money-facts")


def brief(found: tuple[Contract, Figures, Sequence[Due]], attached: Sequence[File]) -> Any:
    """The section on the opportunity's page: the contract with its files, what came in, the instalments and how they stand."""
    contract, of, dues = found
    head = html.Div([badge(contract.status), dcc.Link(contract.number, href=f"/contracts/{contract.id}")], className="offer-head")
    facts = [
        (_("Contract amount"), money(of.amount)),
        (_("Received"), money(of.received)),
        (_("Outstanding"), money(of.outstanding)),
        (_("Signed on"), day(contract.signed_on)),
    ]
    said = html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts narrow")
    rows = [html.Tr([html.Td(day(due.due_on)), html.Td(phase(due)), html.Td(money(due.amount), className="number")]) for due in dues]
    plan = [html.Table(html.Tbody(rows), className="plain-table", **{"aria-label": _("Payment plan")})] if rows else []
    return section(_("Contract"), head, said, *plan, *([files.listed(attached)] if attached else []))


def table(head: Sequence[str], rows: Sequence[Any], *, numbers: Sequence[int] = (), foot: Sequence[Any] = ()) -> html.Div:
    """A small table; the columns in `numbers` are amounts."""

    def cell(made: Any, column: int, value: Any) -> Any:
        return made(value, className="number" if column in numbers else "")

    drawn = [html.Thead(html.Tr([html.Th(name, scope="col", className="number" if i in numbers else "") for i, name in enumerate(head)]))]
    body = [row if isinstance(row, html.Tr) else html.Tr([cell(html.Td, i, value) for i, value in enumerate(row)]) for row in rows]
    drawn.append(html.Tbody(body))
    if foot:
        drawn.append(html.Tfoot(html.Tr([cell(html.Td, i, value) for i, value in enumerate(foot)])))
    return scroller(html.Table(drawn, className="money-table"), wide=len(head) > NARROW)


def scroller(made: html.Table, *, wide: bool) -> html.Div:
    """A table that is moved sideways where the window is too narrow for it; one that is `wide` says so on a phone."""
    note = [html.P(_("Swipe sideways to see all columns."), className="scroller-note")] if wide else []
    return html.Div([*note, html.Div(made, className="scroller", tabIndex=0)])
