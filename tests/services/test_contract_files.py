"""Files and invoices of a contract, and the plan that comes with a quote: taken up once, kept with what they belong to, by who may."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm import clock
from crm.db import transaction
from crm.errors import CrmError, Invalid, NotAllowed, NotFound
from crm.models import Contract, File, Invoice, Opportunity, PaymentPlan, Quote
from crm.services import approvals, contracts, files, invoices, payment_plans, quotes, signing
from crm.services.contracts import AddFiles
from crm.services.inputs import read
from crm.services.invoices import IssueInvoice
from crm.vocabulary import QuoteStatus
from tests.people import LIN, TODAY, WANG, a_contract, actor, an_opportunity, noon
from tests.services.stories import audited
from tests.services.test_quotes import SUITE, form

D = Decimal
PLAN = [{"due_on": "2026-12-01", "amount": "40000", "condition": "签约"}, {"due_on": "2027-02-01", "amount": "60000"}]


def sent(session: Session, login: str, name: str = "合同.pdf") -> File:
    """A file that somebody sent and nothing has attached."""
    stored = f"{login}-{name}-{session.query(File).count()}"
    return files.keep(
        session, actor(session, login), stored_name=stored, name=name, content_type="application/pdf", size=10, sha256="0"
    )  # fmt: skip


def approved(session: Session) -> Quote:
    """An offer of Wang's with a plan on it, which Lin approved."""
    wang = actor(session, "wang")
    quote = quotes.draft(session, wang, an_opportunity(session, "企业版").id, form(SUITE, plan=PLAN), today=TODAY)
    approvals.submit(session, wang, quote.id, version=quote.version, today=TODAY)
    decided = read(approvals.DecideQuote, {})
    return approvals.approve(session, actor(session, "lin"), quote.id, decided, version=quote.version, today=TODAY)


def sign(session: Session, quote: Quote, **values: object) -> Contract:
    """Wang signs what was approved."""
    said = read(signing.SignContract, {"number": "HT-1", "signed_on": TODAY, **values})
    version = session.get_one(Opportunity, quote.opportunity_id).version
    return signing.sign(session, actor(session, "wang"), quote.id, said, version=version, today=TODAY)


def plan_of(session: Session, contract: Contract) -> list[tuple[int, Decimal, str]]:
    plan = payment_plans.current_plan(session, contract.id)
    return [(part.no, part.amount, part.condition) for part in plan.instalments] if plan else []


def test_the_plan_on_the_quote_becomes_the_contracts(engine: Engine) -> None:
    with transaction(engine) as session:
        quote, copy = approved(session), sent(session, "wang")
        contract = sign(session, quote, files=[copy.id])
        assert (contract.amount, quote.status) == (D("100000.00"), QuoteStatus.SIGNED)
        assert plan_of(session, contract) == [(1, D("40000.00"), "签约"), (2, D("60000.00"), "")]
        assert [plan.quote_id for plan in session.scalars(select(PaymentPlan).order_by(PaymentPlan.id))] == [quote.id, None]
        assert files.of(session, Contract, [contract.id]) == {contract.id: [copy]}
        assert (WANG, "created", "files") in [line[:3] for line in audited(session)]


def test_a_plan_stated_at_signing_goes_before_the_quotes(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = sign(session, approved(session), plan=[{"due_on": "2026-12-31", "amount": "100000"}])
        assert plan_of(session, contract) == [(1, D("100000.00"), "")]


@pytest.mark.parametrize("whose", ["zhao", "again", "nobody"])
def test_only_ones_own_files_are_taken_up_and_once(engine: Engine, whose: str) -> None:
    with transaction(engine) as session:
        quote = approved(session)
        number = 99 if whose == "nobody" else sent(session, "zhao" if whose == "zhao" else "wang").id
        if whose == "again":
            own = a_contract(session, "HT-0")
            contracts.add_files(session, actor(session, "wang"), own.id, read(AddFiles, {"files": [number]}))
        with pytest.raises(Invalid) as refused:
            sign(session, quote, files=[number])
        assert list(refused.value.faults) == ["files"]


@pytest.mark.parametrize(("login", "refusal"), [("chen", NotAllowed), ("fang", NotAllowed), ("zhao", NotFound), ("mei", NotFound)])
def test_signer_and_lead_add_files_later_and_nobody_else(engine: Engine, login: str, refusal: type[CrmError]) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        with pytest.raises(refusal):
            contracts.add_files(session, actor(session, login), contract.id, read(AddFiles, {"files": [sent(session, login).id]}))
        with pytest.raises(Invalid):
            contracts.add_files(session, actor(session, "lin"), contract.id, read(AddFiles, {}))
        contracts.add_files(session, actor(session, "lin"), contract.id, read(AddFiles, {"files": [sent(session, "lin").id]}))
        (kept,) = files.of(session, Contract, [contract.id])[contract.id]
        assert kept.uploaded_by_id == LIN


def test_a_file_is_read_by_who_reads_what_it_belongs_to(engine: Engine) -> None:
    with transaction(engine) as session:
        file = sent(session, "wang")
        for login in ("wang", "lin", "chen"):
            with pytest.raises(NotFound):  # it belongs to nothing yet
                files.find(session, actor(session, login), file.id)
        contracts.add_files(session, actor(session, "wang"), a_contract(session).id, read(AddFiles, {"files": [file.id]}))
        for login in ("wang", "lin", "chen", "fang"):
            assert files.find(session, actor(session, login), file.id).id == file.id
        for login in ("zhao", "sun", "mei", "xia", "ada"):
            with pytest.raises(NotFound):
                files.find(session, actor(session, login), file.id)


def test_a_file_that_nothing_takes_up_is_forgotten_after_a_day(engine: Engine) -> None:
    with transaction(engine) as session:
        with clock.at(noon(TODAY)):
            left, taken = sent(session, "wang", "left.pdf"), sent(session, "wang", "taken.pdf")
            contracts.add_files(session, actor(session, "wang"), a_contract(session).id, read(AddFiles, {"files": [taken.id]}))
        assert files.forget_abandoned(session, noon(TODAY) + timedelta(hours=23)) == []
        assert files.forget_abandoned(session, noon(TODAY) + timedelta(hours=25)) == [left.stored_name]
        assert session.scalars(select(File.id)).all() == [taken.id]


@pytest.mark.parametrize(
    ("login", "refusal"), [("wang", NotAllowed), ("lin", NotAllowed), ("chen", NotAllowed), ("zhao", NotFound), ("mei", NotFound)]
)
def test_finance_keeps_invoices_and_nobody_else(engine: Engine, login: str, refusal: type[CrmError]) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        said = {"number": "FP-1", "invoiced_on": TODAY, "amount": "60000"}
        with pytest.raises(refusal):
            invoices.issue(session, actor(session, login), contract.id, read(IssueInvoice, said), today=TODAY)
        fang = actor(session, "fang")
        invoice = invoices.issue(
            session, fang, contract.id, read(IssueInvoice, said | {"files": [sent(session, "fang").id]}), today=TODAY
        )  # fmt: skip
        assert (invoice.number, invoice.amount, len(files.of(session, Invoice, [invoice.id])[invoice.id])) == ("FP-1", D("60000.00"), 1)
        for wrong, key in (({}, "number"), ({"number": "FP-2", "invoiced_on": "2027-01-01"}, "invoiced_on"), ({"files": [99]}, "files")):
            with pytest.raises(Invalid) as refused:
                invoices.issue(session, fang, contract.id, read(IssueInvoice, said | wrong), today=TODAY)
            assert key in refused.value.faults
        assert len(session.scalars(select(Invoice)).all()) == 1


def test_more_files_than_one_act_takes_are_told_with_their_number(engine: Engine) -> None:
    with pytest.raises(Invalid) as refused:
        read(AddFiles, {"files": list(range(1, files.MOST + 3))})
    fault = refused.value.faults["files"]
    assert (type(fault).__name__, fault.values) == ("TooMany", {"count": 22, "most": 20})
