"""Competition records: whom we met at an opportunity; its rep and lead write them, everybody in reach reads them."""

from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import Invalid, NotAllowed, NotFound
from crm.models import CompetitionRecord, Competitor
from crm.services import competition, sharing
from crm.services.competition import RecordCompetition
from crm.services.inputs import read
from crm.services.sharing import LetRead
from crm.vocabulary import CompetitionOutcome, OpportunityStatus
from tests.people import CRM_SUITE, DELIVERY_TIME, PRICE, RIVAL, TODAY, WANG, ZHAO, actor, an_opportunity
from tests.services.stories import audited

MET: dict[str, Any] = {
    "competitor_id": RIVAL, "their_product": "云盘标准版", "their_unit_price": "9,800", "our_product_id": CRM_SUITE,
    "strengths": [DELIVERY_TIME], "weaknesses": [PRICE], "note": "报价更低",
}  # fmt: skip


def met(session: Session, login: str, opportunity_id: int, **values: Any) -> CompetitionRecord:
    """A record by whose account it says."""
    return competition.record(session, actor(session, login), opportunity_id, read(RecordCompetition, MET | values), today=TODAY)


def test_whom_we_met_stands_on_the_opportunity(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        record = met(session, "wang", opportunity.id)
        (told,) = competition.of_opportunity(session, actor(session, "lin"), opportunity.id)
        rival = session.get_one(Competitor, RIVAL).name
        assert (told.competitor, told.by, told.day, str(told.their_unit_price)) == (rival, "王", TODAY, "9800.00")
        assert (len(told.strengths), len(told.weaknesses), told.note) == (1, 1, "报价更低")
        values = read(RecordCompetition, MET | {"strengths": [PRICE, DELIVERY_TIME], "weaknesses": [], "note": ""})
        competition.edit(session, actor(session, "lin"), record.id, values, was=read(RecordCompetition, MET))
        (told,) = competition.of_opportunity(session, actor(session, "wang"), opportunity.id)
        assert (len(told.strengths), told.weaknesses, told.day) == (2, (), TODAY)
        assert [line[:3] for line in audited(session)] == [(WANG, "created", "competition_records"), (2, "changed", "competition_records")]


def test_out_of_reach_there_is_nothing_to_write_or_read(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        record = met(session, "wang", opportunity.id)
        for login in ("zhao", "sun", "fang", "mei", "ada"):
            assert competition.of_opportunity(session, actor(session, login), opportunity.id) == []
            with pytest.raises(NotFound):
                met(session, login, opportunity.id)
            with pytest.raises(NotFound):
                competition.edit(session, actor(session, login), record.id, read(RecordCompetition, MET), was=read(RecordCompetition, MET))
        assert len(session.scalars(select(CompetitionRecord.id)).all()) == 1


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"competitor_id": 99}, "competitor_id"),
        ({"their_unit_price": "-1"}, "their_unit_price"), ({"our_product_id": 99}, "our_product_id"),
        ({"strengths": [PRICE]}, "weaknesses"), ({"strengths": [99]}, "strengths"),
    ],
)  # fmt: skip
def test_a_record_that_can_not_be(engine: Engine, values: dict[str, Any], fault: str) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        with pytest.raises(Invalid) as refused:
            met(session, "wang", opportunity.id, **values)
        assert list(refused.value.faults) == [fault]


def test_who_was_let_to_read_writes_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        sharing.let_read(session, actor(session, "lin"), opportunity.id, read(LetRead, {"user_id": ZHAO}))
        with pytest.raises(NotAllowed):
            met(session, "zhao", opportunity.id)


@pytest.mark.parametrize(
    ("status", "lost_to", "outcome"),
    [
        (OpportunityStatus.FOLLOWING, None, CompetitionOutcome.OPEN),
        (OpportunityStatus.WON, None, CompetitionOutcome.WON),
        (OpportunityStatus.LOST, RIVAL, CompetitionOutcome.LOST),
        (OpportunityStatus.LOST, None, CompetitionOutcome.LOST_OTHERWISE),
        (OpportunityStatus.STOPPED, None, CompetitionOutcome.STOPPED),
    ],
)
def test_a_record_tells_what_became_of_the_competition(
    engine: Engine, status: OpportunityStatus, lost_to: int | None, outcome: CompetitionOutcome
) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG, status=status, competitor=lost_to)
        met(session, "wang", opportunity.id)
        (told,) = competition.of_opportunity(session, actor(session, "wang"), opportunity.id)
        assert told.outcome is outcome
