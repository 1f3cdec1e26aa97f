"""What was retired is offered in no form, and taken by no verb from a form that was opened before; what chose it keeps it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.models import (
    Base,
    Campaign,
    CompetitionFactor,
    Competitor,
    CostCategory,
    Department,
    FollowUpMethod,
    LeadSource,
    LossReason,
    Product,
    Stage,
)
from crm.services import competition, costs, follow_ups, leads, offers
from crm.services.competition import RecordCompetition
from crm.services.costs import PayCost
from crm.services.follow_ups import WriteFollowUp
from crm.services.inputs import read
from crm.services.leads import CreateLead
from crm.vocabulary import LossKind
from tests.people import CALL, HARDWARE, PRICE, RIVAL, SERVICE_DESK, SPRING_EXPO, TODAY, WANG, WEB, a_contract, actor, an_opportunity
from tests.services.stories import refused

OFFERED: Mapping[type[Base], Callable[[Session], Any]] = {
    LeadSource: offers.sources,
    Campaign: offers.campaigns,
    Product: offers.products,
    Stage: offers.stages,
    FollowUpMethod: offers.methods,
    LossReason: lambda session: offers.reasons(session, LossKind.LOST),
    Competitor: offers.competitors,
    CompetitionFactor: lambda session: offers.values(session, CompetitionFactor),
    CostCategory: offers.cost_categories,
    Department: offers.departments,
}


@pytest.mark.parametrize("model", OFFERED, ids=lambda model: model.__name__)
def test_no_form_offers_it(engine: Engine, model: Any) -> None:
    with transaction(engine) as session:
        (id, _name), *others = OFFERED[model](session)
        session.get_one(model, id).active = False
        session.flush()
        assert [offer[0] for offer in OFFERED[model](session)] == [offer[0] for offer in others]


def follow_up(session: Session, **values: Any) -> Any:
    form = read(WriteFollowUp, {"method_id": CALL, "content": "谈了价格", **values})
    return follow_ups.write(session, actor(session, "wang"), an_opportunity(session, owner=WANG).id, form, today=TODAY)


def met(session: Session, **values: Any) -> Any:
    form = read(RecordCompetition, {"competitor_id": RIVAL, **values})
    return competition.record(session, actor(session, "wang"), an_opportunity(session, owner=WANG).id, form, today=TODAY)


def paid(session: Session) -> Any:
    form = read(PayCost, {"category_id": HARDWARE, "paid_on": TODAY, "amount": "1"})
    return costs.pay_cost(session, actor(session, "fang"), a_contract(session).id, form, today=TODAY)


def entered(session: Session, **values: Any) -> Any:
    form = {"contact_name": "李", "phone": "13800000001", "source_id": WEB, "owner_id": WANG, **values}
    return leads.create(session, actor(session, "wang"), read(CreateLead, form), today=TODAY)


@pytest.mark.parametrize(
    ("model", "id", "act", "field"),
    [
        (FollowUpMethod, CALL, follow_up, "method_id"),
        (Department, SERVICE_DESK, lambda session: follow_up(session, problem="坏了", department_id=SERVICE_DESK), "department_id"),
        (Competitor, RIVAL, met, "competitor_id"),
        (CompetitionFactor, PRICE, lambda session: met(session, strengths=[PRICE]), "strengths"),
        (CostCategory, HARDWARE, paid, "category_id"),
        (LeadSource, WEB, entered, "source_id"),
        (Campaign, SPRING_EXPO, lambda session: entered(session, campaign_id=SPRING_EXPO), "campaign_id"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_no_verb_takes_it(engine: Engine, model: Any, id: int, act: Callable[[Session], Any], field: str) -> None:
    with transaction(engine) as session:
        session.get_one(model, id).active = False
        session.flush()
        assert list(refused(lambda: act(session))) == [field]
