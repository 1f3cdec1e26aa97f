"""A quote is submitted, approved or rejected: whose word it takes, that nobody decides their own, and that the revision is the one seen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, CrmError, Invalid, NotAllowed, NotFound
from crm.models import Deputy, Opportunity, Product, Quote, UserRole
from crm.rules.quotes import ExecutiveDecides, OwnQuote, QuoteCannotMove, QuoteHasExpired, QuoteNotApproved
from crm.services import approvals, quotes
from crm.services.approval_list import APPROVALS
from crm.services.approvals import DecideQuote
from crm.services.inputs import read
from crm.services.opportunities import OpportunityIsClosed
from crm.services.quotes import ValidityOver
from crm.services.signing import SignContract, sign
from crm.vocabulary import OpportunityAct, OpportunityStatus, QuoteStatus, Role
from tests.people import CHEN, CRM_SUITE, LIN, QUOTED, SUN, TALKS, TODAY, WANG, ZHAO, actor, an_opportunity
from tests.services.stories import audited, kept, told
from tests.services.test_quotes import SOON, SUITE, drafted, form

CHEAP = SUITE | {"unit_price": "89999.99"}
"""More than ten per cent below the list price."""

BELOW_FLOOR = {"product_id": CRM_SUITE, "quantity": "1", "unit_price": "79999.99"}


def submitted(session: Session, login: str = "wang", *lines: dict[str, Any], opportunity: Opportunity | None = None) -> Quote:
    quote = drafted(session, login, opportunity, *lines)
    return approvals.submit(session, actor(session, login), quote.id, version=quote.version, today=TODAY)


def decide(session: Session, login: str, quote: Quote, verb: Any = approvals.approve, note: str = "同意") -> Quote:
    made: Quote = verb(session, actor(session, login), quote.id, read(DecideQuote, {"note": note}), version=quote.version, today=TODAY)
    return made


def test_submitting_brings_the_opportunity_to_the_stage_quoted_and_tells_its_lead(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版", stage=TALKS)
        quote = submitted(session, opportunity=opportunity)
        assert (quote.status, quote.submitted_by_id, quote.submitted_on) == (QuoteStatus.SUBMITTED, WANG, TODAY)
        assert opportunity.stage_id == QUOTED
        assert kept(session, opportunity, "act", "stage_id", "by_id")[1:] == [(OpportunityAct.STAGE, QUOTED, WANG)]
        assert told(session) == [(LIN, "{by} asks for approval of the quote on “{title}”.", {"by": "王", "title": "企业版"})]
        assert [line[:3] for line in audited(session)][1:] == [(WANG, "changed", "quotes"), (WANG, "changed", "opportunities")]


def test_who_stands_in_for_the_lead_is_told_while_they_do(engine: Engine) -> None:
    with transaction(engine) as session:
        for deputy, first, last in ((SUN, TODAY, TODAY), (ZHAO, TODAY - timedelta(days=9), TODAY - timedelta(days=1))):
            session.add(Deputy(principal_id=LIN, deputy_id=deputy, from_on=first, until_on=last))
        session.flush()
        submitted(session)
        assert sorted(whom for whom, _, _ in told(session)) == sorted((LIN, SUN))


@pytest.mark.parametrize(
    ("login", "refusal"), [("chen", NotAllowed), ("zhao", NotFound), ("sun", NotFound), ("fang", NotFound), ("mei", NotFound)]
)
def test_owner_and_lead_submit_and_nobody_else(engine: Engine, login: str, refusal: type[CrmError]) -> None:
    with transaction(engine) as session:
        quote = drafted(session)
        with pytest.raises(refusal):
            approvals.submit(session, actor(session, login), quote.id, version=quote.version, today=TODAY)


def test_the_lead_approves_and_the_rep_is_told(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = decide(session, "lin", submitted(session))
        assert (quote.status, quote.decided_by_id, quote.decided_on, quote.decision_note) == (QuoteStatus.APPROVED, LIN, TODAY, "同意")
        assert told(session)[-1] == (WANG, "{by} approved the quote on “{title}”.", {"by": "林", "title": "企业版"})
        with pytest.raises(QuoteCannotMove):
            decide(session, "lin", quote)


@pytest.mark.parametrize(
    ("login", "refusal"), [("wang", NotAllowed), ("zhao", NotFound), ("sun", NotFound), ("fang", NotFound), ("mei", NotFound)]
)
def test_nobody_else_decides(engine: Engine, login: str, refusal: type[CrmError]) -> None:
    with transaction(engine) as session:
        quote = submitted(session)
        for verb in (approvals.approve, approvals.reject):
            with pytest.raises(refusal):
                decide(session, login, quote, verb)


@pytest.mark.parametrize("line", [CHEAP, BELOW_FLOOR, SUITE | {"discount_bp": "10.01"}])
def test_a_low_price_waits_for_the_executive(engine: Engine, line: dict[str, Any]) -> None:
    with transaction(engine) as session:
        quote = submitted(session, "wang", line)
        assert told(session)[0][0] == CHEN
        with pytest.raises(ExecutiveDecides):
            decide(session, "lin", quote)
        assert decide(session, "chen", quote).decided_by_id == CHEN


def test_at_the_limit_the_lead_decides_and_prices_are_those_of_the_day(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = submitted(session, "wang", SUITE | {"discount_bp": "10"})
        product = session.get_one(Product, CRM_SUITE)
        product.list_price = Decimal("100000.01")
        session.flush()
        with pytest.raises(ExecutiveDecides):
            decide(session, "lin", quote)
        product.list_price = Decimal(100000)
        session.flush()
        assert decide(session, "lin", quote).status is QuoteStatus.APPROVED


def test_nobody_decides_their_own_and_a_leads_own_is_the_executives(engine: Engine) -> None:
    with transaction(engine) as session:
        submitted_by_lin = submitted(session, "lin", opportunity=an_opportunity(session))
        lins_deal = submitted(session, "wang", opportunity=an_opportunity(session, "林的", owner=WANG))
        for verb in (approvals.approve, approvals.reject):
            with pytest.raises(OwnQuote):
                decide(session, "lin", submitted_by_lin, verb)
        assert decide(session, "chen", submitted_by_lin).decided_by_id == CHEN
        assert decide(session, "lin", lins_deal).decided_by_id == LIN
        session.add(UserRole(user_id=CHEN, role=Role.TEAM_LEAD))
        session.flush()
        own = drafted(session, "lin", an_opportunity(session, "二"))
        approvals.submit(session, actor(session, "wang"), own.id, version=own.version, today=TODAY)
        with pytest.raises(OwnQuote):  # she wrote it, though he submitted it
            decide(session, "lin", own)


def test_a_rejection_says_why(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = submitted(session)
        with pytest.raises(Invalid) as refused:
            decide(session, "lin", quote, approvals.reject, note="")
        assert list(refused.value.faults) == ["note"]
        assert decide(session, "lin", quote, approvals.reject, note="付款条件不行").status is QuoteStatus.REJECTED
        assert told(session)[-1][1] == "{by} rejected the quote on “{title}”."


def test_an_approval_is_of_the_revision_that_was_seen(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = drafted(session)
        seen = quote.version
        quotes.edit(session, actor(session, "wang"), quote.id, form(SUITE), version=seen, today=TODAY)
        approvals.submit(session, actor(session, "wang"), quote.id, version=quote.version, today=TODAY)
        with pytest.raises(ChangedMeanwhile):
            approvals.approve(session, actor(session, "lin"), quote.id, read(DecideQuote, {}), version=seen, today=TODAY)


def test_an_expired_offer_is_neither_submitted_nor_approved_nor_signed(engine: Engine) -> None:
    later = SOON + timedelta(days=1)
    signed = {"number": "HT-1", "signed_on": later}
    with transaction(engine) as session:
        wang, lin = actor(session, "wang"), actor(session, "lin")
        quote = drafted(session)
        with pytest.raises(ValidityOver):
            approvals.submit(session, wang, quote.id, version=quote.version, today=later)
        approvals.submit(session, wang, quote.id, version=quote.version, today=TODAY)
        with pytest.raises(QuoteHasExpired):
            approvals.approve(session, lin, quote.id, read(DecideQuote, {}), version=quote.version, today=later)
        approvals.approve(session, lin, quote.id, read(DecideQuote, {}), version=quote.version, today=TODAY)
        opportunity = session.get_one(Opportunity, quote.opportunity_id)
        assert approvals.rights(session, wang, quote, opportunity, today=later).revise
        with pytest.raises(QuoteHasExpired):
            sign(session, wang, quote.id, read(SignContract, signed), version=opportunity.version, today=later)
        newer = quotes.revise(session, wang, quote.id, form(), version=quote.version, today=TODAY)
        values = read(SignContract, signed | {"signed_on": TODAY})
        for one in (quote, newer):
            with pytest.raises(QuoteNotApproved):
                sign(session, wang, one.id, values, version=opportunity.version, today=TODAY)


def test_a_closed_opportunity_has_nothing_to_decide(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = submitted(session)
        opportunity = session.get_one(Opportunity, quote.opportunity_id)
        opportunity.status, opportunity.closed_on, opportunity.loss_reason_id = OpportunityStatus.LOST, TODAY, 1
        session.flush()
        with pytest.raises(OpportunityIsClosed):
            decide(session, "lin", quote)
        assert waiting(session, "lin") == []


def test_what_waits_is_listed_for_who_decides_there(engine: Engine) -> None:
    with transaction(engine) as session:
        cheap, plain = submitted(session, "wang", CHEAP), submitted(session, "wang", SUITE)
        drafted(session)
        found = [(cheap.id, Role.EXECUTIVE), (plain.id, Role.TEAM_LEAD)]
        assert waiting(session, "lin") == waiting(session, "chen") == found
        for login in ("sun", "wang", "zhao", "fang", "mei", "ada"):
            assert waiting(session, login) == [], login


def waiting(session: Session, login: str) -> list[tuple[int, Role]]:
    """What waits in a person's list, and whose word it needs."""
    rows = APPROVALS.page(session, actor(session, login), APPROVALS.asked({}))
    return [(row.id, row.needs) for row in rows]
