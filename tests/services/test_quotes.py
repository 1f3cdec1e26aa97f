"""An offer from its first draft to its revision: what it begins with, what it costs, who writes it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import reading, transaction
from crm.errors import ChangedMeanwhile, CrmError, Invalid, NotAllowed, NotFound
from crm.models import Comment, Opportunity, PaymentPlan, Product, Quote
from crm.rules.quotes import QuoteCannotMove, QuoteNotEditable, WaitsForDecision
from crm.services import approvals, comments, quote_basis, quotes
from crm.services.inputs import read
from crm.services.opportunities import OpportunityIsClosed
from crm.services.quotes import QuoteExists, WriteQuote
from crm.vocabulary import OpportunityStatus, QuoteStatus
from tests.people import CLOUD_DRIVE, CRM_SUITE, LIN, TODAY, TRAINING, WANG, actor, an_opportunity
from tests.services.stories import audited

D = Decimal
SOON = TODAY + timedelta(days=20)
SUITE = {"product_id": CRM_SUITE, "quantity": "1", "unit_price": "100000"}
DAYS = {"product_id": TRAINING, "quantity": "2.5", "unit_price": "4999.99", "discount_bp": "8"}


def form(*lines: dict[str, Any], **values: Any) -> WriteQuote:
    return read(WriteQuote, {"lines": list(lines or (SUITE, DAYS)), "valid_until": SOON, **values})


def drafted(session: Session, login: str = "wang", opportunity: Opportunity | None = None, *lines: dict[str, Any], **values: Any) -> Quote:
    """The first revision of an offer of Wang's."""
    opportunity = opportunity or an_opportunity(session, "企业版")
    return quotes.draft(session, actor(session, login), opportunity.id, form(*lines, **values), today=TODAY)


def as_typed(values: dict[str, Any]) -> dict[str, Any]:
    """What the form shows of what a revision begins with: percentages as people write them."""
    written = [line | {part: Decimal(line[part]) / 100 for part in ("discount_bp", "tax_rate_bp")} for line in values["lines"]]
    return values | {"lines": written}


def decided(session: Session, opportunity_id: int, percent: str = "5") -> Comment:
    """Lin's word that so much more may be taken off."""
    said = read(comments.WriteComment, {"kind": "decision", "content": "可以再让", "discount_bp": percent})
    return comments.write(session, actor(session, "lin"), opportunity_id, said)


def test_a_draft_costs_what_its_rounded_lines_come_to(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = drafted(session, plan=[{"due_on": "2026-12-01", "amount": "60000"}, {"due_on": "2027-02-01", "amount": "51499.98"}])
    with reading(engine) as session:
        kept = quotes.find(session, actor(session, "wang"), quote.id)
        assert (kept.revision, kept.status, kept.total, kept.created_by_id) == (1, QuoteStatus.DRAFT, D("111499.98"), WANG)
        assert [(line.product.name, quotes.quantity_of(line), line.amount) for line in kept.lines] == [
            ("客户管理套件", D(1), D("100000.00")), ("培训", D("2.5"), D("11499.98")),
        ]  # fmt: skip
        plan = quotes.plan_of(session, quote.id)
        assert plan is not None
        assert [(part.no, part.amount) for part in plan.instalments] == [(1, D("60000.00")), (2, D("51499.98"))]
        assert [line[:3] for line in audited(session)] == [(WANG, "created", "quotes"), (WANG, "created", "payment_plans")]


@pytest.mark.parametrize(
    ("login", "refusal"), [("chen", NotAllowed), ("zhao", NotFound), ("sun", NotFound), ("fang", NotFound), ("mei", NotFound)]
)
def test_owner_and_lead_write_quotes_and_nobody_else(engine: Engine, login: str, refusal: type[CrmError]) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        with pytest.raises(refusal):
            drafted(session, login, opportunity)
        made = drafted(session, "lin", opportunity)
        with pytest.raises(NotAllowed if login == "chen" else NotFound):
            quotes.edit(session, actor(session, login), made.id, form(), version=made.version, today=TODAY)
        with pytest.raises(NotAllowed if login == "chen" else NotFound):
            quotes.revise(session, actor(session, login), made.id, form(), version=made.version, today=TODAY)


def test_an_offer_begins_with_the_products_at_their_list_prices(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, lines={CRM_SUITE: "70000", CLOUD_DRIVE: "10000"}, amount="80000")
        session.get_one(Product, CLOUD_DRIVE).active = False
        session.flush()
        begun = quote_basis.basis(session, actor(session, "wang"), opportunity.id, today=TODAY)
        assert begun.values["lines"] == [
            {"product_id": CRM_SUITE, "quantity": D(1), "unit_price": D("100000.00"), "discount_bp": 0, "tax_rate_bp": 1300}
        ]
        assert (begun.values["valid_until"], begun.follows) == (TODAY + timedelta(days=30), None)
        with pytest.raises(NotFound):
            quote_basis.basis(session, actor(session, "zhao"), opportunity.id, today=TODAY)


def test_a_decision_is_in_the_next_revision_once(engine: Engine) -> None:
    with transaction(engine) as session:
        first = drafted(session, plan=[{"due_on": "2026-12-01", "amount": "100000"}, {"due_on": "2027-02-01", "amount": "11499.98"}])
        decision = decided(session, first.opportunity_id)
        wang = actor(session, "wang")
        begun = quote_basis.basis(session, wang, first.opportunity_id, today=TODAY, decision_id=decision.id)
        assert [line["unit_price"] for line in begun.values["lines"]] == [D("95000.00"), D("4749.99")]
        assert sum(part["amount"] for part in begun.values["plan"]) == D("105924.98")
        values = read(WriteQuote, as_typed(begun.values))
        second = quotes.revise(session, wang, first.id, values, version=first.version, today=TODAY, decision_id=decision.id)
        assert (second.revision, second.total, second.decision_id, first.status) == (2, D("105924.98"), decision.id, QuoteStatus.SUPERSEDED)
        again = quote_basis.basis(session, wang, first.opportunity_id, today=TODAY, decision_id=decision.id)
        assert [line["unit_price"] for line in again.values["lines"]] == [D("95000.00"), D("4749.99")]


def test_a_second_decision_on_a_draft_makes_a_revision_so_that_neither_is_lost(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity, wang = an_opportunity(session, lines={CRM_SUITE: "100000"}), actor(session, "wang")
        five, three = decided(session, opportunity.id, "5"), decided(session, opportunity.id, "3")
        first = quote_basis.basis(session, wang, opportunity.id, today=TODAY, decision_id=five.id)
        quote = quotes.draft(session, wang, opportunity.id, read(WriteQuote, as_typed(first.values)), today=TODAY, decision_id=five.id)
        again = quote_basis.basis(session, wang, opportunity.id, today=TODAY, decision_id=five.id)
        second = quote_basis.basis(session, wang, opportunity.id, today=TODAY, decision_id=three.id)
        assert (again.edits, second.edits) == (True, False)
        values = read(WriteQuote, as_typed(second.values))
        quotes.revise(session, wang, quote.id, values, version=quote.version, today=TODAY, decision_id=three.id)
        assert quotes.carried_out(session, wang, opportunity.id) == {five.id: 1, three.id: 2}
        for decision in (five, three):  # both are in the prices, and neither is taken off twice
            begun = quote_basis.basis(session, wang, opportunity.id, today=TODAY, decision_id=decision.id)
            assert [line["unit_price"] for line in begun.values["lines"]] == [D("92150.00")]


def test_a_decision_on_another_opportunity_is_none_here(engine: Engine) -> None:
    with transaction(engine) as session:
        elsewhere = decided(session, an_opportunity(session, "别处").id)
        advice = comments.write(
            session,
            actor(session, "lin"),
            (mine := an_opportunity(session)).id,
            read(comments.WriteComment, {"kind": "advice", "content": "快"}),
        )
        for comment in (elsewhere, advice):
            with pytest.raises(NotFound):
                quote_basis.basis(session, actor(session, "wang"), mine.id, today=TODAY, decision_id=comment.id)
            with pytest.raises(NotFound):
                quotes.draft(session, actor(session, "wang"), mine.id, form(), today=TODAY, decision_id=comment.id)


def test_a_draft_is_edited_in_place_and_what_it_was_is_kept(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = drafted(session, plan=[{"due_on": "2026-12-01", "amount": "111499.98"}])
    with transaction(engine) as session:
        wang = actor(session, "wang")
        after = quotes.edit(session, wang, quote.id, form(DAYS, terms="含安装"), version=quote.version, today=TODAY)
        assert (after.revision, after.total, after.terms, after.version) == (1, D("11499.98"), "含安装", quote.version + 1)
        plan = quotes.plan_of(session, quote.id)
        assert plan is not None
        assert plan.instalments == []
        by, act, subject, before, now = audited(session)[-2]
        assert (by, act, subject, before["total"], now["total"], len(before["lines"])) == (
            WANG,
            "changed",
            "quotes",
            "111499.98",
            "11499.98",
            2,
        )


def test_the_second_who_edits_a_draft_sees_what_the_first_changed(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = drafted(session)
    with transaction(engine) as session:
        quotes.edit(session, actor(session, "lin"), quote.id, form(SUITE), version=quote.version, today=TODAY)
    with transaction(engine) as session:
        with pytest.raises(ChangedMeanwhile) as changed:
            quotes.edit(session, actor(session, "wang"), quote.id, form(DAYS), version=quote.version, today=TODAY)
        assert changed.value.values["by"] == "林"
        assert changed.value.values["changes"]["total"] == (D("100000.00"), D("111499.98"))
        with pytest.raises(ChangedMeanwhile):
            quotes.revise(session, actor(session, "wang"), quote.id, form(DAYS), version=quote.version, today=TODAY)


@pytest.mark.parametrize(
    ("lines", "values", "faults"),
    [
        ([], {"lines": []}, {"lines": "Missing"}),
        ([SUITE | {"product_id": 99}], {}, {"lines.0.product_id": "NotAChoice"}),
        ([SUITE | {"discount_bp": "100"}], {}, {"lines.0.unit_price": "NotPositive"}),
        ([SUITE | {"unit_price": "0.01", "quantity": "0.001"}], {}, {"lines.0.unit_price": "NotPositive"}),
        ([SUITE], {"valid_until": TODAY - timedelta(days=1)}, {"valid_until": "ValidityOver"}),
        ([SUITE], {"plan": [{"due_on": "2026-12-01", "amount": "99999.99"}]}, {"plan": "PlanDoesNotSum"}),
    ],
)
def test_what_an_offer_cannot_say_is_told_at_its_field(
    engine: Engine, lines: list[dict[str, Any]], values: dict[str, Any], faults: dict[str, str]
) -> None:
    with transaction(engine) as session:
        with pytest.raises(Invalid) as refused:
            drafted(session, "wang", None, *lines, **values)
        assert {key: type(fault).__name__ for key, fault in refused.value.faults.items()} == faults
        assert session.scalars(select(Quote)).all() == []


@pytest.mark.parametrize("quantity", ["0", "-1", "0.0001", "NaN", "1e12", "zwei", "9" * 50])
def test_a_quantity_is_a_number_of_things(quantity: str) -> None:
    with pytest.raises(Invalid) as refused:
        form(SUITE | {"quantity": quantity})
    assert {key: type(fault).__name__ for key, fault in refused.value.faults.items()} == {"lines.0.quantity": "NotAQuantity"}


def test_a_retired_product_stays_where_it_stands_and_comes_nowhere_else(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = drafted(session, "wang", None, SUITE)
        session.get_one(Product, CRM_SUITE).active = session.get_one(Product, TRAINING).active = False
        session.flush()
        wang = actor(session, "wang")
        quotes.edit(session, wang, quote.id, form(SUITE | {"quantity": "2"}), version=quote.version, today=TODAY)
        with pytest.raises(Invalid):
            quotes.edit(session, wang, quote.id, form(SUITE, DAYS), version=quote.version, today=TODAY)


def test_what_was_submitted_or_superseded_is_not_edited(engine: Engine) -> None:
    with transaction(engine) as session:
        quote, wang = drafted(session), actor(session, "wang")
        approvals.submit(session, wang, quote.id, version=quote.version, today=TODAY)
        with pytest.raises(QuoteNotEditable):
            quotes.edit(session, wang, quote.id, form(), version=quote.version, today=TODAY)
        with pytest.raises(WaitsForDecision):
            quotes.revise(session, wang, quote.id, form(), version=quote.version, today=TODAY)
        with pytest.raises(QuoteExists):
            quotes.draft(session, wang, quote.opportunity_id, form(), today=TODAY)
        approvals.reject(
            session, actor(session, "lin"), quote.id, read(approvals.DecideQuote, {"note": "贵"}), version=quote.version, today=TODAY
        )
        second = quotes.revise(session, wang, quote.id, form(), version=quote.version, today=TODAY)
        with pytest.raises(QuoteNotEditable):
            quotes.edit(session, wang, quote.id, form(), version=quote.version, today=TODAY)
        with pytest.raises(QuoteCannotMove):
            quotes.revise(session, wang, quote.id, form(), version=quote.version, today=TODAY)
        assert [one.revision for one in quotes.of_opportunity(session, wang, quote.opportunity_id)] == [2, 1]
        assert second.created_by_id == WANG


def test_a_closed_opportunity_takes_no_quote(engine: Engine) -> None:
    with transaction(engine) as session:
        lost = an_opportunity(session, status=OpportunityStatus.LOST, closed=date(2026, 5, 1))
        with pytest.raises(OpportunityIsClosed):
            drafted(session, "wang", lost)


def test_finance_reads_what_was_approved_and_nothing_before(engine: Engine) -> None:
    with transaction(engine) as session:
        quote, fang = drafted(session), actor(session, "fang")
        with pytest.raises(NotFound):
            quotes.find(session, fang, quote.id)
        approvals.submit(session, actor(session, "wang"), quote.id, version=quote.version, today=TODAY)
        approvals.approve(session, actor(session, "lin"), quote.id, read(approvals.DecideQuote, {}), version=quote.version, today=TODAY)
        assert quotes.find(session, fang, quote.id).decided_by_id == LIN
        assert session.scalars(select(PaymentPlan)).all() == []
