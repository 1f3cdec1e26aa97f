"""A contract comes into other hands: by who assigns, among whom they assign to; its signer keeps the credit."""

import pytest
from sqlalchemy import Engine

from crm.db import transaction
from crm.errors import ChangedMeanwhile, Invalid, NotAllowed, NotFound
from crm.services import carers
from crm.services.carers import ChangeCarer, NotRunning
from crm.services.inputs import read
from crm.vocabulary import ContractAct
from tests.people import EAST, FANG, LIN, TODAY, WANG, WEST, ZHAO, a_contract, actor
from tests.services.stories import kept_of_contract, told


def to(owner: int) -> ChangeCarer:
    return read(ChangeCarer, {"owner_id": owner, "reason": "转岗"})


def test_the_lead_gives_a_contract_to_another_of_the_team_and_the_executive_to_another_team(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, "HT-7", owner=WANG)
        carers.change(session, actor(session, "lin"), contract.id, to(LIN), version=1, today=TODAY)
        assert (contract.owner_id, contract.team_id, contract.signer_id, contract.signer_team_id) == (LIN, EAST, WANG, EAST)
        carers.change(session, actor(session, "chen"), contract.id, to(ZHAO), version=2, today=TODAY)
        assert (contract.owner_id, contract.team_id, contract.signer_id) == (ZHAO, WEST, WANG)
        assert kept_of_contract(session, contract, "act", "owner_id", "reason")[1:] == [
            (ContractAct.CARER, LIN, "转岗"), (ContractAct.CARER, ZHAO, "转岗"),
        ]  # fmt: skip
        assert told(session) == [(ZHAO, "{by} gave you the contract {number} to look after.", {"by": "陈", "number": "HT-7"})]
        with pytest.raises(NotFound):
            carers.change(session, actor(session, "lin"), contract.id, to(WANG), version=3, today=TODAY)


@pytest.mark.parametrize(
    ("login", "owner", "refusal"),
    [
        ("wang", LIN, NotAllowed), ("fang", LIN, NotAllowed), ("zhao", ZHAO, NotFound), ("sun", ZHAO, NotFound), ("mei", LIN, NotFound),
        ("lin", ZHAO, NotAllowed), ("lin", FANG, Invalid), ("lin", WANG, Invalid),
    ],
)  # fmt: skip
def test_who_may_not(engine: Engine, login: str, owner: int, refusal: type[Exception]) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, owner=WANG)
        with pytest.raises(refusal):
            carers.change(session, actor(session, login), contract.id, to(owner), version=1, today=TODAY)
        assert contract.owner_id == WANG


def test_only_what_runs_and_is_as_it_was_seen(engine: Engine) -> None:
    with transaction(engine) as session:
        ended, running = a_contract(session, completed=TODAY), a_contract(session)
        with pytest.raises(NotRunning):
            carers.change(session, actor(session, "lin"), ended.id, to(LIN), version=ended.version, today=TODAY)
        with pytest.raises(ChangedMeanwhile):
            carers.change(session, actor(session, "lin"), running.id, to(LIN), version=7, today=TODAY)
