"""Invoices are written down, corrected and cancelled by finance; what they were stays."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, CrmError, NotAllowed, NotFound
from crm.models import Contract, Invoice
from crm.rules.contracts import MonthIsClosed
from crm.services import invoices, months
from crm.services.contracts import AlreadyCancelled, CancelEntry
from crm.services.inputs import read
from crm.services.invoices import IssueInvoice
from tests.people import FANG, TODAY, a_contract, actor
from tests.services.stories import refused

D = Decimal
OCTOBER = date(2026, 10, 9)


def issued(session: Session, contract: Contract, login: str = "fang", **values: Any) -> Invoice:
    """An invoice that somebody writes down today."""
    form = read(IssueInvoice, {"number": "FP-1", "invoiced_on": OCTOBER, "amount": "60", **values})
    return invoices.issue(session, actor(session, login), contract.id, form, today=TODAY)


def edited(session: Session, invoice: Invoice, login: str = "fang", *, version: int = 1, **values: Any) -> Invoice:
    """The invoice after somebody corrected it."""
    form = read(IssueInvoice, {"number": invoice.number, "invoiced_on": invoice.invoiced_on, "amount": invoice.amount, **values})
    return invoices.edit(session, actor(session, login), invoice.id, form, version=version, today=TODAY)


def withdrawn(session: Session, invoice: Invoice, login: str = "fang") -> Invoice:
    """The invoice after somebody cancelled it today."""
    return invoices.cancel(session, actor(session, login), invoice.id, read(CancelEntry, {"reason": "抬头有误"}), today=TODAY)


def test_an_invoice_is_corrected_and_what_it_was_is_kept(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        invoice = issued(session, contract)
        edited(session, invoice, amount="70", number="FP-2")
        assert (invoice.number, invoice.amount, invoice.invoiced_on, invoice.version) == ("FP-2", D("70.00"), OCTOBER, 2)
        with pytest.raises(ChangedMeanwhile):
            edited(session, invoice, amount="80")
        ((change,),) = invoices.changes(session, [invoice.id]).values()
        assert (change.by_id, change.before, change.after) == (
            FANG, {"number": "FP-1", "amount": "60.00"}, {"number": "FP-2", "amount": "70.00"},
        )  # fmt: skip
        other = issued(session, contract, number="FP-1")
        assert refused(lambda: edited(session, other, number="FP-2")) == {"number": "InvoiceNumberTaken"}
        assert refused(lambda: edited(session, other, invoiced_on=TODAY + timedelta(days=1))) == {"invoiced_on": "DayAhead"}


def test_a_cancelled_invoice_stays_and_its_number_is_not_given_again(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        invoice = withdrawn(session, issued(session, contract))
        assert (invoice.cancelled_on, invoice.cancel_reason) == (TODAY, "抬头有误")
        assert refused(lambda: issued(session, contract)) == {"number": "InvoiceNumberTaken"}
        for act in (lambda: withdrawn(session, invoice), lambda: edited(session, invoice, version=2)):
            with pytest.raises(AlreadyCancelled):
                act()
        assert invoices.changes(session, [invoice.id]) == {}, "cancelling is no edit"


@pytest.mark.parametrize(
    ("login", "refusal"), [("wang", NotAllowed), ("lin", NotAllowed), ("chen", NotAllowed), ("sun", NotFound), ("mei", NotFound)]
)
def test_finance_alone_touches_invoices(engine: Engine, login: str, refusal: type[CrmError]) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        invoice = issued(session, contract)
        for act in (
            lambda: issued(session, contract, login, number="FP-9"), lambda: edited(session, invoice, login, amount="1"),
            lambda: withdrawn(session, invoice, login),
        ):  # fmt: skip
            with pytest.raises(refusal):
                act()
        assert (invoice.amount, invoice.cancelled_on) == (D("60.00"), None)


def test_a_closed_month_keeps_its_invoices_as_they_are(engine: Engine) -> None:
    with transaction(engine) as session:
        invoice = issued(session, a_contract(session))
        months.close(session, actor(session, "fang"), OCTOBER, today=TODAY)
        for act in (lambda: withdrawn(session, invoice), lambda: edited(session, invoice, amount="1", invoiced_on=TODAY)):
            with pytest.raises(MonthIsClosed):
                act()
