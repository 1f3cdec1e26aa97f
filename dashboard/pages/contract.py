"""How one contract looks: where its money stands, the plan, receipts, costs, invoices, files and what changed, on one page."""

from collections.abc import Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from dash import dcc, html

from crm.models import Cost, Invoice, PaymentPlan, Receipt
from crm.services.contract_view import Account, Due, Ledger
from crm.services.invoices import Change, IssueInvoice
from crm.vocabulary import ContractStatus
from dashboard.components import contract_history, contracts, states
from dashboard.components.badges import badge
from dashboard.components.contracts import table
from dashboard.components.files import links, listed
from dashboard.components.form import field_label
from dashboard.components.ids import Ids
from dashboard.components.page import page, section
from dashboard.i18n import N_, NOTHING, _, day, language, moment, money, plain, word

WAYS: Mapping[str, tuple[str, str]] = {
    "carer": (N_("Change the carer"), "carer"),
    "amend": (N_("Amend"), "amend"),
    "complete": (N_("Complete"), "complete"),
    "void": (N_("Void"), "void"),
}
"""What is done with the contract as a whole: the right it takes, what it is called, its address."""


IDS = Ids("contract")
ABOUT = IDS.named("about")
"""The store of the stamp at which the page was drawn (`watching.mark`)."""


def layout(seen: Ledger, zone: tzinfo, mark: Mapping[str, Any]) -> Any:
    """The page of one contract. `mark`: how it hears of changes by others."""
    contract = seen.contract
    address = f"/contracts/{contract.id}"
    return page(
        contract.number,
        states.changed(_("Others have changed this contract."), IDS, ABOUT, mark),
        contracts.figures(seen.figures),
        html.Div(
            [
                html.Div([_plan(seen, address, zone), _receipts(seen, address), _costs(seen, address), _invoices(seen, address)]),
                html.Div([_about(seen), _products(seen), _files(seen, address), _history(seen, zone)], className="aside"),
            ],
            className="opportunity-columns",
        ),
        subtitle=[badge(contract.status), dcc.Link(contract.customer.name, href=f"/customers/{contract.customer_id}/money")],
        actions=[
            dcc.Link(_(label), href=f"{address}/{path}", className="button")
            for right, (label, path) in WAYS.items()
            if getattr(seen.rights, right)
        ],
    )


def account(seen: Account) -> Any:
    """A customer's contracts and their money on one page."""
    rows = [
        [
            dcc.Link(contract.number, href=f"/contracts/{contract.id}"), badge(contract.status), day(contract.signed_on),
            *(money(amount) for amount in (of.amount, of.received, of.outstanding, of.overdue, of.cost)),
        ]
        for contract, of in seen.contracts
    ]  # fmt: skip
    head = [_("Contract no."), _("Status"), _("Signed on"), _("Contract amount"), _("Received"), _("Outstanding"), _("Overdue"), _("Cost")]
    total = seen.total
    foot = [_("Valid contracts"), "", "", *map(money, (total.amount, total.received, total.outstanding, total.overdue, total.cost))]
    return page(
        seen.customer.name,
        contracts.figures(seen.total),
        section(_("Contracts"), table(head, rows, numbers=range(3, 8), foot=foot)),
        subtitle=_("All contracts and their money within your reach."),
    )


def _way(label: str, address: str) -> dcc.Link:
    return dcc.Link(label, href=address, className="button")


def _plan(seen: Ledger, address: str, zone: tzinfo) -> Any:
    """The instalments and how they stand; a proposal beside the plan in force."""
    label = _("Change the plan") if seen.dues else _("Make a plan")
    ways = (
        [_way(label, f"{address}/plan")]
        if seen.rights.plan
        else [_way(_("Propose a plan"), f"{address}/plan")]
        if seen.rights.propose
        else []
    )
    head = [_("No."), _("Due on"), _("Amount"), _("Met so far"), _("Still to come"), _("Status"), _("Condition")]
    sums = [sum((getattr(due, part) for due in seen.dues), start=seen.figures.amount * 0) for part in ("amount", "met", "open")]
    shown = (
        table(head, [_due(seen, due, address) for due in seen.dues], numbers=(2, 3, 4), foot=["", _("Total"), *map(money, sums), "", ""])
        if seen.dues
        else html.P(_("There is no payment plan: nothing of this contract is due."), className="field-hint")
    )
    return section(_("Payment plan"), shown, *_proposal(seen, address), *_earlier(seen, zone), actions=ways)


def _due(seen: Ledger, due: Due, address: str) -> list[Any]:
    state: Any = contracts.phase(due)
    if seen.rights.receive and due.open:
        state = [state, " ", dcc.Link(_("Record a receipt"), href=f"{address}/receive?instalment={due.no}")]
    return [due.no, day(due.due_on), money(due.amount), money(due.met), money(due.open), html.Span(state), due.condition or ""]


def _proposal(seen: Ledger, address: str) -> list[Any]:
    """What somebody proposes, and for who may put it in force the ways to take it up or to decline it."""
    if seen.proposal is None:
        return []
    by = seen.people.get(seen.proposal.by_id or 0, NOTHING)
    said = _("{name} proposes: {reason}", name=by, reason=seen.proposal.reason or NOTHING)
    ways = [_way(_("Take it up"), f"{address}/plan"), " ", _way(_("Decline"), f"{address}/decline")] if seen.rights.plan else []
    return [html.Details([html.Summary(said), _parts(seen.proposal), *ways], open=True, className="proposal")]


def _earlier(seen: Ledger, zone: tzinfo) -> list[Any]:
    """The versions before the plan in force and the proposals that were declined, the newest first, folded away."""
    in_force = [plan.id for plan in seen.plans if not plan.proposed]
    before = [plan for plan in reversed(seen.plans) if plan.id in in_force[:-1] or plan.declined_at]
    return [html.Details([html.Summary(_version(seen, plan, zone)), _parts(plan)], className="proposal") for plan in before]


def _version(seen: Ledger, plan: PaymentPlan, zone: tzinfo) -> str:
    """When and by whom, with the reason; of a declined proposal by whom and why it was declined."""
    by = seen.people.get(plan.by_id or 0) or _("Import")
    said = _("Version {number} of {day}, {name}", number=plan.revision, day=plan.day, name=by) + (f": {plan.reason}" if plan.reason else "")
    if plan.declined_at is None:
        return said
    decider = seen.people.get(plan.declined_by_id or 0, NOTHING)
    when = moment(plan.declined_at, zone)
    return _joined(said, _("declined {when} by {name}: {reason}", when=when, name=decider, reason=plan.decline_reason))


def _parts(plan: PaymentPlan) -> html.Div:
    """The instalments of one version."""
    rows = [[part.no, day(part.due_on), money(part.amount), part.condition] for part in plan.instalments]
    return table([_("No."), _("Due on"), _("Amount"), _("Condition")], rows, numbers=(2,))


def _receipts(seen: Ledger, address: str) -> Any:
    ways = (
        [_way(_("Record a receipt"), f"{address}/receive"), _way(_("Record a refund"), f"{address}/refund")] if seen.rights.receive else []
    )
    head = [_("Date"), _("Amount"), _("Payment method"), _("Instalments"), _("Note"), ""]
    shown = (
        table(head, [_receipt(seen, receipt) for receipt in seen.receipts], numbers=(1,))
        if seen.receipts
        else html.P(_("Nothing has been received yet."), className="field-hint")
    )
    return section(_("Receipts"), shown, actions=ways)


def _receipt(seen: Ledger, receipt: Receipt) -> html.Tr:
    """One receipt or refund; a cancelled one stays, struck out, with its reason."""
    named = ", ".join(str(part.no) for part in receipt.named) or NOTHING
    note = _joined(_("Refund") if receipt.amount < 0 else "", _("Prepayment") if receipt.is_prepayment else "", receipt.note)
    last = _cancelled(receipt) or (dcc.Link(_("Cancel it"), href=f"/receipts/{receipt.id}/cancel") if seen.rights.cancel else "")
    cells = [
        html.Td(day(receipt.received_on)),
        html.Td(money(receipt.amount), className="number"),
        html.Td(word(receipt.method)),
        html.Td(named),
        html.Td(note),
    ]
    return html.Tr([*cells, html.Td(last, className="plain")], className="cancelled" if receipt.cancelled_on else "")


def _costs(seen: Ledger, address: str) -> Any:
    ways = [_way(_("Record a cost"), f"{address}/cost")] if seen.rights.cost else []
    rows = [_cost(seen, cost) for cost in seen.costs]
    foot = ["", _("Total"), money(seen.figures.cost), "", ""] if rows else []
    head = [_("Date"), _("Cost category"), _("Amount"), _("Note"), ""]
    return section(_("Costs"), table(head, rows, numbers=(2,), foot=foot) if rows else _none(), actions=ways)


def _cost(seen: Ledger, cost: Cost) -> html.Tr:
    """One cost; a cancelled one stays, struck out, with its reason."""
    cells = [
        html.Td(day(cost.paid_on)),
        html.Td(seen.categories.get(cost.category_id, NOTHING)),
        html.Td(money(cost.amount), className="number"),
        html.Td(cost.note),
    ]
    last = _cancelled(cost) or (dcc.Link(_("Cancel it"), href=f"/costs/{cost.id}/cancel") if seen.rights.invoice else "")
    return html.Tr([*cells, html.Td(last, className="plain")], className="cancelled" if cost.cancelled_on else "")


def _cancelled(entry: Receipt | Cost | Invoice) -> str:
    """Since when, and why, something does not count; empty for what does."""
    return _("Cancelled on {day}: {reason}", day=entry.cancelled_on, reason=entry.cancel_reason) if entry.cancelled_on else ""


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _invoices(seen: Ledger, address: str) -> Any:
    ways = [_way(_("Record an invoice"), f"{address}/invoice")] if seen.rights.invoice else []
    rows = [_invoice(seen, invoice) for invoice in seen.invoices]
    head = [_("Date"), _("Invoice no."), _("Amount"), _("Files"), ""]
    return section(_("Invoices"), table(head, rows, numbers=(2,)) if rows else _none(), actions=ways)


def _invoice(seen: Ledger, invoice: Invoice) -> html.Tr:
    """One invoice with what was edited of it; a cancelled one stays, struck out, with its reason."""
    address = f"/invoices/{invoice.id}"
    ways = [dcc.Link(_("Edit"), href=f"{address}/edit"), " ", dcc.Link(_("Cancel it"), href=f"{address}/cancel")]
    edits = [html.Div(_edit(seen, change), className="said-when") for change in seen.changes_of_invoices.get(invoice.id, ())]
    cells = [
        html.Td(day(invoice.invoiced_on)),
        html.Td([invoice.number, *edits]),
        html.Td(money(invoice.amount), className="number"),
        html.Td(links(seen.files_of_invoices.get(invoice.id, ()))),
    ]
    last = _cancelled(invoice) or (ways if seen.rights.invoice else "")
    return html.Tr([*cells, html.Td(last, className="plain")], className="cancelled" if invoice.cancelled_on else "")


def _edit(seen: Ledger, change: Change) -> str:
    """Who changed what of an invoice, as it was and as it became."""
    by = seen.people.get(change.by_id or 0) or _("Import")
    differences = [
        f"{field_label(IssueInvoice, name)} {_kept(name, change.before.get(name))} → {_kept(name, after)}"
        for name, after in change.after.items()
    ]
    return _("{by} changed {what}", by=by, what=plain(differences))


def _kept(name: str, value: Any) -> str:
    """A value of the audit log as people read it."""
    return money(Decimal(value)) if name == "amount" else str(value)


def _none() -> html.P:
    return html.P(_("None yet."), className="field-hint")


def _about(seen: Ledger) -> Any:
    contract = seen.contract
    facts: list[tuple[str, Any]] = [
        (_("Signed on"), day(contract.signed_on)),
        (_("Signer"), contract.signer.name if contract.signer else NOTHING),
        (_("Carer"), contract.owner.name if contract.owner else NOTHING),
        (_("Team"), contract.team.name if contract.team else NOTHING),
        (_("Start"), day(contract.starts_on)),
        (_("End"), day(contract.ends_on)),
    ]
    if contract.status is ContractStatus.COMPLETED:
        facts.append((_("Completed on"), day(contract.completed_on)))
    if contract.status is ContractStatus.VOIDED:
        facts += [(_("Voided on"), day(contract.voided_on)), (_("Reason"), contract.void_reason)]
    if seen.opportunity_id:
        facts.append((_("Opportunity"), dcc.Link(_("Open"), href=f"/opportunities/{seen.opportunity_id}")))
    if seen.quote:
        facts.append((_("Quote"), html.A("PDF", href=f"/quotes/{seen.quote.id}/offer.pdf?language={language()}", download=True)))
    return section(_("Contract"), html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts narrow"))


def _products(seen: Ledger) -> Any:
    if not seen.contract.lines:
        return None
    rows = [[seen.products.get(line.product_id, NOTHING), money(line.amount)] for line in seen.contract.lines]
    return section(_("Products"), table([_("Product"), _("Amount")], rows, numbers=(1,)))


def _files(seen: Ledger, address: str) -> Any:
    ways = [_way(_("Add files"), f"{address}/files")] if seen.rights.files else []
    return section(_("Files"), listed(seen.files), actions=ways)


def _history(seen: Ledger, zone: tzinfo) -> Any:
    return section(_("History"), contract_history.acts(seen, zone))
