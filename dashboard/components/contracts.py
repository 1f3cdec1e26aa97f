"""How a contract's money looks wherever it is shown: figures, instalments, and the contract in short on its opportunity's page."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from crm.models import Contract
from crm.services.contract_view import Due, Figures
from crm.vocabulary import InstalmentPhase
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


def phase(due: Due) -> html.Span:
    """How an instalment stands today; of a late one by how many days."""
    late = [_("{days} days late", days=due.days_late)] if due.days_late and due.phase is InstalmentPhase.OVERDUE else []
    return html.Span(" · ".join([word(due.phase), *late]), className=f"badge-state tone-{TONES[due.phase]}")


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


def brief(found: tuple[Contract, Figures, Sequence[Due]]) -> Any:
    """The section on the opportunity's page: the contract, what came in and what comes next."""
    contract, of, dues = found
    head = html.Div([badge(contract.status), dcc.Link(contract.number, href=f"/contracts/{contract.id}")], className="offer-head")
    following = next((due for due in dues if due.open), None)
    facts = [
        (_("Contract amount"), money(of.amount)),
        (_("Received"), money(of.received)),
        (_("Outstanding"), money(of.outstanding)),
        (_("Signed on"), day(contract.signed_on)),
    ]
    if following:
        facts.append((_("Next instalment"), f"{day(following.due_on)} {money(following.open)}"))
    said = html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts narrow")
    return section(_("Contract"), head, said)


def table(head: Sequence[str], rows: Sequence[Any], *, numbers: Sequence[int] = (), foot: Sequence[Any] = ()) -> html.Div:
    """A small table; the columns in `numbers` are amounts."""

    def cell(made: Any, column: int, value: Any) -> Any:
        return made(value, className="number" if column in numbers else "")

    drawn = [html.Thead(html.Tr([html.Th(name, scope="col", className="number" if i in numbers else "") for i, name in enumerate(head)]))]
    body = [row if isinstance(row, html.Tr) else html.Tr([cell(html.Td, i, value) for i, value in enumerate(row)]) for row in rows]
    drawn.append(html.Tbody(body))
    if foot:
        drawn.append(html.Tfoot(html.Tr([cell(html.Td, i, value) for i, value in enumerate(foot)])))
    return html.Div(html.Table(drawn, className="money-table"), className="scroller", tabIndex=0)
