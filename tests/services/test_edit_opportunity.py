"""Editing an opportunity: who may, what it changes, what is kept, and what two people at once see."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from crm import submissions
from crm.db import reading, transaction
from crm.errors import ChangedMeanwhile, Invalid, NotAllowed, NotFound
from crm.models import FormerOpportunityLine, Opportunity, OpportunityHistory, OpportunityReader, Product, Stage, Submission
from crm.services import opportunities
from crm.services.inputs import read
from crm.services.opportunities import EditOpportunity, OpportunityIsClosed
from crm.vocabulary import OpportunityAct, OpportunityStatus
from tests.people import (
    CRM_SUITE,
    EAST,
    LIN,
    PROPOSAL,
    QUOTED,
    SIGNED,
    TALKS,
    TODAY,
    TRAINING,
    WANG,
    ZHAO,
    a_customer,
    actor,
    an_opportunity,
    noon,
)
from tests.services.stories import audited, kept

D = Decimal


def an_edit(**values: Any) -> EditOpportunity:
    """The whole form, with these values in it."""
    return read(EditOpportunity, {"title": "企业版", "stage_id": TALKS, "expected_amount": "100000", **values})


def saved(session: Session, login: str, opportunity: Opportunity, **values: Any) -> Opportunity:
    """The opportunity after somebody saved the form, opened just before."""
    version = session.get_one(Opportunity, opportunity.id).version
    return opportunities.edit(session, actor(session, login), opportunity.id, an_edit(**values), version=version, today=TODAY)


def test_a_change_of_stage_is_kept(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版", created=date(2026, 3, 2))
        changed = saved(session, "wang", opportunity, stage_id=PROPOSAL, expected_amount="120000.50", expected_close_on="2026-12-31")
        assert (changed.stage_id, changed.expected_amount, changed.expected_close_on) == (PROPOSAL, D("120000.50"), date(2026, 12, 31))
    with reading(engine) as session:
        assert kept(session, opportunity, "seq", "act", "day", "recorded_on", "by_id", "stage_id", "amount", "expected_close_on") == [
            (1, OpportunityAct.CREATED, date(2026, 3, 2), date(2026, 3, 2), WANG, TALKS, D("100000.00"), None),
            (2, OpportunityAct.STAGE, TODAY, TODAY, WANG, PROPOSAL, D("120000.50"), date(2026, 12, 31)),
        ]
        assert audited(session) == [
            (
                WANG, "changed", "opportunities",
                {"stage_id": TALKS, "expected_amount": "100000.00", "expected_close_on": None},
                {"stage_id": PROPOSAL, "expected_amount": "120000.50", "expected_close_on": "2026-12-31"},
            )
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "act"),
    [
        ({"expected_amount": "1"}, OpportunityAct.AMOUNT),
        ({"expected_close_on": "2027-01-01"}, OpportunityAct.EXPECTED_CLOSE),
        ({"title": "集团版"}, OpportunityAct.EDITED),
        ({"stage_id": PROPOSAL}, OpportunityAct.STAGE),
    ],
)
def test_an_edit_is_named_after_what_it_changed(engine: Engine, values: dict[str, Any], act: OpportunityAct) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版")
        saved(session, "lin", opportunity, **values)
        assert kept(session, opportunity, "act", "by_id")[1:] == [(act, LIN)]


def test_saving_without_a_change_writes_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版", lines={CRM_SUITE: "100000"})
        after = saved(session, "wang", opportunity, lines=[{"product_id": CRM_SUITE, "amount": "100000"}])
        assert (after.version, kept(session, opportunity, "act"), audited(session)) == (1, [(OpportunityAct.CREATED,)], [])


@pytest.mark.parametrize(
    ("login", "refusal"), [("zhao", NotFound), ("sun", NotFound), ("fang", NotFound), ("mei", NotFound), ("ada", NotFound)]
)
def test_who_does_not_see_it_can_not_tell_it_from_none(engine: Engine, login: str, refusal: type[Exception]) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        for opportunity_id in (opportunity.id, 999_999):
            with pytest.raises(refusal) as refused:
                opportunities.edit(session, actor(session, login), opportunity_id, an_edit(), version=1, today=TODAY)
            assert str(refused.value) == str(NotFound())


def test_who_may_only_read_it_does_not_edit(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=ZHAO)
        session.add(OpportunityReader(opportunity_id=opportunity.id, user_id=WANG, granted_by_id=LIN, granted_at=noon(TODAY)))
        session.flush()
        wang = actor(session, "wang")
        assert opportunities.find(session, wang, opportunity.id).id == opportunity.id
        assert not opportunities.may_edit(session, wang, opportunity)
        with pytest.raises(NotAllowed):
            opportunities.edit(session, wang, opportunity.id, an_edit(), version=1, today=TODAY)


def test_the_second_of_two_sees_what_the_first_changed(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版", expected_close=date(2026, 12, 1))
        opened = opportunity.version
    with transaction(engine) as session:
        saved(session, "lin", opportunity, expected_amount="90000", expected_close_on="2026-12-24")
        saved(session, "lin", opportunity, expected_amount="95000", expected_close_on="2026-12-24", lines=[{"product_id": CRM_SUITE}])
    with transaction(engine) as session, pytest.raises(ChangedMeanwhile) as refused:
        opportunities.edit(session, actor(session, "wang"), opportunity.id, an_edit(stage_id=PROPOSAL), version=opened, today=TODAY)
    assert refused.value.values == {
        "by": "林",
        "changes": {
            "expected_amount": (D("95000.00"), D("100000.00")),
            "expected_close_on": (date(2026, 12, 24), date(2026, 12, 1)),
            "lines": ([{"opportunity_id": opportunity.id, "product_id": CRM_SUITE}], []),
        },
        "version": 3,
    }
    with transaction(engine) as session:  # who has looked passes the new version, and chooses
        after = opportunities.edit(session, actor(session, "wang"), opportunity.id, an_edit(), version=3, today=TODAY)
        assert after.expected_amount == D("100000.00")


def test_changed_lines_alone_are_a_change_to_the_next_person(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版")
        saved(session, "lin", opportunity, lines=[{"product_id": TRAINING}])
        with pytest.raises(ChangedMeanwhile):
            opportunities.edit(session, actor(session, "wang"), opportunity.id, an_edit(), version=1, today=TODAY)


def test_product_lines_are_replaced_and_sum_to_the_amount(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版", lines={CRM_SUITE: "100000"})
        lines = [{"product_id": CRM_SUITE, "amount": "80000"}, {"product_id": TRAINING, "amount": "5000.50"}]
        after = saved(session, "wang", opportunity, expected_amount="", lines=lines)
        assert after.expected_amount == D("85000.50")
        assert {line.product_id: line.amount for line in after.lines} == {CRM_SUITE: D("80000.00"), TRAINING: D("5000.50")}
        assert saved(session, "wang", opportunity, expected_amount="7", lines=[]).lines == []


def test_what_product_lines_were_between_which_acts_is_kept(engine: Engine) -> None:
    """The suite is bought throughout; its part changes with the second act, the training comes with that one and goes with the third."""
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版", lines={CRM_SUITE: "100000"})
        lines = [{"product_id": CRM_SUITE, "amount": "80000"}, {"product_id": TRAINING, "amount": "5000"}]
        saved(session, "wang", opportunity, expected_amount="", lines=lines)
        after = saved(session, "wang", opportunity, expected_amount="80000", lines=lines[:1])
        assert [(line.product_id, line.amount, line.since_seq) for line in after.lines] == [(CRM_SUITE, D(80000), 2)]
        former = session.scalars(select(FormerOpportunityLine).order_by(FormerOpportunityLine.id)).all()
        assert [(line.product_id, line.amount, line.since_seq, line.until_seq) for line in former] == [
            (CRM_SUITE, D(100000), 1, 2),
            (TRAINING, D(5000), 2, 3),
        ]


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"lines": [{"product_id": CRM_SUITE, "amount": "1"}]}, {"expected_amount": "LinesDoNotSum"}),
        ({"lines": [{"product_id": CRM_SUITE}, {"product_id": CRM_SUITE}]}, {"lines.1.product_id": "ProductTwice"}),
        ({"lines": [{"product_id": 99}]}, {"lines.0.product_id": "NotAChoice"}),
        ({"stage_id": QUOTED}, {"stage_id": "StageIsSetBySystem"}),
        ({"stage_id": SIGNED}, {"stage_id": "StageIsSetBySystem"}),
        ({"stage_id": 99, "contact_id": 99}, {"stage_id": "NotAChoice", "contact_id": "NotAChoice"}),
    ],
)
def test_what_the_rules_refuse_is_said_at_its_field(engine: Engine, values: dict[str, Any], faults: dict[str, str]) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版")
        with pytest.raises(Invalid) as refused:
            saved(session, "wang", opportunity, **values)
        assert {key: type(error).__name__ for key, error in refused.value.faults.items()} == faults


def test_a_contact_of_another_customer_is_not_offered(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity, other = an_opportunity(session, "企业版"), a_customer(session)
        contact = opportunities.find(session, actor(session, "wang"), an_opportunity(session, customer=other).id).customer.contacts[0]
        with pytest.raises(Invalid):
            saved(session, "wang", opportunity, contact_id=contact.id)


def test_a_retired_stage_or_product_stays_where_it_stands_and_is_not_taken_anew(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版", stage=PROPOSAL, amount="5", lines={TRAINING: "5"})
        other = an_opportunity(session, "企业版")
        session.get_one(Stage, PROPOSAL).active = session.get_one(Product, TRAINING).active = False
        session.flush()
        form = {"stage_id": PROPOSAL, "expected_amount": "5", "lines": [{"product_id": TRAINING, "amount": "5"}]}
        assert saved(session, "wang", opportunity, **{**form, "title": "新名"}).title == "新名"
        with pytest.raises(Invalid) as refused:
            saved(session, "wang", other, **form)
        assert refused.value.faults.keys() == {"stage_id", "lines.0.product_id"}


@pytest.mark.parametrize("status", [OpportunityStatus.WON, OpportunityStatus.LOST, OpportunityStatus.STOPPED])
def test_a_closed_opportunity_is_not_edited(engine: Engine, status: OpportunityStatus) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, status=status)
        with pytest.raises(OpportunityIsClosed):
            saved(session, "wang", opportunity)


def test_a_form_sent_twice_acts_once(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版", owner=None, team=EAST)
    made = []
    for _ in range(2):
        with transaction(engine) as session:
            lin = actor(session, "lin")
            made.append(
                submissions.once(
                    session, lin, "key", lambda lin=lin, session=session: opportunities.edit(
                        session, lin, opportunity.id, an_edit(expected_amount="1"), version=1, today=TODAY
                    ),
                ).id
            )  # fmt: skip
    with reading(engine) as session:
        assert made == [opportunity.id] * 2
        assert session.scalar(select(func.count()).select_from(OpportunityHistory)) == 2


def test_another_person_s_key_is_not_mine_and_a_failed_act_is_forgotten(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版")
    with transaction(engine) as session:
        zhao = actor(session, "zhao")
    with pytest.raises(NotFound), transaction(engine) as session:
        submissions.once(session, zhao, "key", lambda: opportunities.find(session, zhao, opportunity.id))
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 0
        wang, lin = actor(session, "wang"), actor(session, "lin")
        submissions.once(session, wang, "key", lambda: saved(session, "wang", opportunity, expected_amount="1"))
        submissions.once(session, lin, "key", lambda: saved(session, "lin", opportunity, expected_amount="2"))
        assert session.get_one(Opportunity, opportunity.id).expected_amount == D("2.00")
