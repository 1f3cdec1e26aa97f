"""What happens to people at work: a form sent twice, two at one record, a stage, a reason or a person gone meanwhile, an offer approved.

The first two are tried with every form of the product (tests/pages/every_form.py). Each time: a sentence, the form as it was, nothing lost.
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.models import (
    Competitor,
    Contract,
    CostCategory,
    FollowUpMethod,
    Lead,
    LeadSource,
    LossReason,
    Opportunity,
    Quote,
    Receipt,
    Stage,
    User,
)
from crm.services.inputs import Control
from crm.vocabulary import ContractStatus, LeadStatus, OpportunityStatus, QuoteStatus
from tests.pages.every_form import DRAFTED, WHERE, control_of, each, found, press_of
from tests.pages.filling import Answer, Form, opened
from tests.pages.product import Product
from tests.people import CALL, LIN, NO_BUDGET, PROPOSAL, RIVAL, TODAY, TOO_EXPENSIVE, TRAVEL, WEB, ZHAO


def form_of(product: Product, key: str) -> Form:
    return found(product.visitor(WHERE[key][0]), key)


@pytest.mark.parametrize("key", each(WHERE, 4))
def test_a_form_sent_twice_acts_once(product: Product, key: str) -> None:
    form = form_of(product, key)
    try:
        first = press_of(form, product.forms[key])
        assert first.sound, first.text[:300]
        assert not first.refused, first.summary
        after = product.rows()
        second = press_of(form, product.forms[key])
        assert second.sound, second.text[:300]
        assert product.rows() == after
    finally:
        product.again()


ADDS = {
    "lead-note", "follow-up", "comment", "reply", "receive-money", "refund-money", "pay-cost", "issue-invoice", "add-files",
    "give-password", "record-competition", "convert-lead", "new-lead", "new-lead-source", "edit-lead-source", "new-customer",
    "new-opportunity", "new-user", "claim-contact", "ask-erasure", "erase-person", "hand-over", "copy-targets", "mend-follow-up",
    *(key for key in WHERE if key.endswith("-split")),
}  # fmt: skip
"""What adds, or fills in, and changes nothing that another one has seen. (A follow-up is its writer's own, and what it was is kept.)"""


@pytest.mark.parametrize("key", each(sorted(set(WHERE) - ADDS), 3))
def test_the_second_of_two_is_told_and_overwrites_nothing(product: Product, key: str) -> None:
    mine, theirs, model = form_of(product, key), form_of(product, key), product.forms[key]
    texts = [name for name, info in model.model_fields.items() if control_of(info) in (Control.TEXT, Control.AREA) and name in mine.names]
    try:
        assert not press_of(mine, model, **dict.fromkeys(texts[:1], "东海之滨")).refused
        after = product.rows()
        answer = press_of(theirs, model, **dict.fromkeys(texts[:1], "别的"))
        assert answer.sound, answer.text[:300]
        assert answer.refused
        assert not answer.changes
        assert product.rows() == after
    finally:
        product.again()


def meanwhile(product: Product, key: str, happens: Callable[[Session], object], **typed: Any) -> Answer:
    """What somebody is told who opened the form before that happened; nothing may be written, and everything is as it was again."""
    form = form_of(product, key)
    try:
        with transaction(product.engine) as session:
            happens(session)
        before = product.rows()
        answer = press_of(form, product.forms[key], **typed)
        assert answer.sound, answer.text[:300]
        assert answer.refused
        assert not answer.changes
        assert product.rows() == before
        return answer
    finally:
        product.again()


def retire(model: type[Any], id: int) -> Callable[[Session], object]:
    return lambda session: setattr(session.get_one(model, id), "active", False)


def becomes(model: type[Any], id: int, **values: Any) -> Callable[[Session], object]:
    return lambda session: [setattr(session.get_one(model, id), name, value) for name, value in values.items()]


@pytest.mark.parametrize(
    ("key", "happens", "typed"),
    [
        ("edit-opportunity", retire(Stage, PROPOSAL), {"stage_id": PROPOSAL}),
        ("close-opportunity", retire(LossReason, TOO_EXPENSIVE), {"reason_id": TOO_EXPENSIVE}),
        ("follow-up", retire(FollowUpMethod, CALL), {"method_id": CALL}),
        ("record-competition", retire(Competitor, RIVAL), {"competitor_id": RIVAL}),
        ("pay-cost", retire(CostCategory, TRAVEL), {"category_id": TRAVEL}),
        ("new-lead", retire(LeadSource, WEB), {"source_id": WEB}),
        ("edit-lead", retire(User, ZHAO), {"owner_id": ZHAO}),
        ("assign-customer", retire(User, LIN), {"owner_id": LIN}),
        ("change-carer", retire(User, LIN), {"owner_id": LIN}),
        ("hand-over", retire(User, ZHAO), {"to_id": ZHAO}),
        ("let-read", retire(User, ZHAO), {"user_id": ZHAO}),
    ],
)
def test_what_was_chosen_went_out_of_use_meanwhile(
    product: Product, key: str, happens: Callable[[Session], object], typed: dict[str, Any]
) -> None:
    answer = meanwhile(product, key, happens, **typed)
    assert all(answer.faults.get(name) for name in typed), answer.summary


STOPPED = becomes(Opportunity, 1, status=OpportunityStatus.STOPPED, closed_on=TODAY, loss_reason_id=NO_BUDGET)


@pytest.mark.parametrize(
    ("key", "happens"),
    [
        ("submit-quote", becomes(Quote, 3, status=QuoteStatus.SUBMITTED)),
        ("decide-quote", becomes(Quote, 1, status=QuoteStatus.SUPERSEDED)),
        ("sign-contract", becomes(Quote, 2, status=QuoteStatus.SUPERSEDED)),
        ("convert-lead", becomes(Lead, 1, status=LeadStatus.FAILED, failed_on=TODAY)),
        ("write-quote", STOPPED),
        ("close-opportunity", STOPPED),
        ("edit-opportunity", STOPPED),
        ("receive-money", becomes(Contract, 1, status=ContractStatus.VOIDED, voided_on=TODAY, void_reason="x")),
        ("change-plan", becomes(Contract, 1, status=ContractStatus.COMPLETED, completed_on=TODAY)),
        ("decline-plan", becomes(Contract, 5, status=ContractStatus.COMPLETED, completed_on=TODAY)),
        ("cancel-receipt", becomes(Receipt, 1, cancelled_on=TODAY, cancel_reason="x")),
    ],
)
def test_the_record_itself_went_on_meanwhile(product: Product, key: str, happens: Callable[[Session], object]) -> None:
    meanwhile(product, key, happens)


def test_an_offer_that_was_approved_meanwhile_is_not_edited(product: Product) -> None:
    """The page of the draft stands open while the offer is submitted and approved."""
    form = opened(product.visitor("wang"), "write-quote", f"/opportunities/{DRAFTED}/quote")
    assert form.is_there
    try:
        with transaction(product.engine) as session:
            session.get_one(Quote, 3).status = QuoteStatus.APPROVED
        before = product.rows()
        answer = press_of(form, product.forms["write-quote"])
        assert answer.sound, answer.text[:300]
        assert answer.refused
        assert product.rows() == before
    finally:
        product.again()


@pytest.mark.parametrize("key", each(WHERE, 8))
def test_who_was_deactivated_while_typing_writes_nothing(product: Product, key: str) -> None:
    form = form_of(product, key)
    try:
        with transaction(product.engine) as session:
            session.scalars(select(User).where(User.login == WHERE[key][0])).one().active = False
        before = product.rows()
        press_of(form, product.forms[key])
        assert product.rows() == before
    finally:
        product.again()
