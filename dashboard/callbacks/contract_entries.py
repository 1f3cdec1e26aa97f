"""What was written down with a contract and mistyped: receipts, costs and invoices are cancelled with a reason, invoices edited too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dash import Dash

from crm.models import Base, Cost, Invoice, Receipt
from crm.services import contract_view, costs, inputs, invoices, receipts
from crm.services.contract_view import Ledger
from crm.services.contracts import AlreadyCancelled, CancelEntry
from crm.services.invoices import IssueInvoice
from crm.services.reach import find as find_within
from dashboard import frame, session
from dashboard.callbacks import acts
from dashboard.callbacks.contract import dated, to_contract, versioned
from dashboard.callbacks.opportunity import number
from dashboard.components import form
from dashboard.components.act import act_page
from dashboard.components.page import page as blank_page
from dashboard.i18n import N_, _, explain, money


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind of line on a contract's page: what cancelling one is called, the right it takes, its date, and the verb."""

    key: str
    record: type[Base]
    title: str
    right: str
    dated: str
    verb: Callable[..., Base]


ENTRIES: Mapping[str, Entry] = {
    "receipts": Entry("cancel-receipt", Receipt, N_("Cancel a receipt"), "cancel", "received_on", receipts.cancel),
    "costs": Entry("cancel-cost", Cost, N_("Cancel a cost"), "invoice", "paid_on", costs.cancel_cost),
    "invoices": Entry("cancel-invoice", Invoice, N_("Cancel an invoice"), "invoice", "invoiced_on", invoices.cancel),
}
"""The entries by the word in their address, /receipts/7/cancel."""

EDIT = "edit-invoice"


def pages(register: Callable[..., None]) -> None:
    """Each form at its address."""
    for kind in ENTRIES:
        register(f"{kind}_cancel", f"/{kind}/0/cancel", frame.CONTRACTS, _cancelling(kind), f"/{kind}/<entry_id>/cancel")
    register("invoice_edit", "/invoices/0/edit", frame.CONTRACTS, edit_layout, "/invoices/<entry_id>/edit")


def _cancelling(kind: str) -> Callable[..., Any]:
    def layout(entry_id: str = "", **_address: str) -> Any:
        return cancel_layout(kind, number(entry_id))

    return layout


def cancel_layout(kind: str, entry_id: int) -> Any:
    """The form that asks why an entry does not count."""
    entry = ENTRIES[kind]
    found, seen = _opened(entry.record, entry_id)
    on = getattr(found, entry.dated)
    said = _("{amount} of {day} stays listed and does not count from today on.", amount=money(found.amount), day=on)
    return _page(seen, entry.key, CancelEntry, _(entry.title), said, f"/{kind}/{entry_id}/cancel", found, {}, may=entry.right)


def edit_layout(entry_id: str = "", **_address: str) -> Any:
    """An invoice as it stands, to be corrected."""
    found, seen = _opened(Invoice, number(entry_id))
    values = {name: getattr(found, name) for name in invoices.EDITED}
    said = _("What it was stays listed with it.")
    return _page(seen, EDIT, IssueInvoice, _("Edit an invoice"), said, f"/invoices/{found.id}/edit", found, values, may="invoice")


def _opened(model: type[Base], entry_id: int) -> tuple[Any, Ledger]:
    """An entry and its contract, within reach."""
    actor = session.actor()
    with session.looking() as opened:
        found: Any = find_within(opened, actor, model, entry_id)
        return found, contract_view.of_contract(opened, actor, found.contract_id, today=session.today())


def _page(
    seen: Ledger, key: str, model: type[inputs.Input], title: str, said: str, here: str, found: Any, values: dict[str, Any], *, may: str
) -> Any:
    contract, home = seen.contract, f"/contracts/{seen.contract.id}"
    frame.trail(*frame.trail_of("/contracts", session.actor()), (contract.number, home), (title, None))
    if not getattr(seen.rights, may):
        return blank_page(contract.number, _("You may not do this here."))
    if found.cancelled_on:
        return blank_page(contract.number, explain(AlreadyCancelled()))
    about = {"id": found.id, "version": found.version, "here": here, "back": home}
    return act_page(title, key, contract.number, form.fields(key, model, values), about, save=title, subtitle=said)


def register(app: Dash) -> None:
    """Each by its verb, and back to the contract."""
    for entry in ENTRIES.values():
        acts.register(app, entry.key, CancelEntry, dated(entry.verb), to_contract)
    acts.register(app, EDIT, IssueInvoice, versioned(invoices.edit), to_contract)
