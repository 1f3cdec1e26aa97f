"""Two people at the same moment: one act holds, the other is asked to try again, and no sum is ever too large."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from crm import submissions
from crm.db import reading, transaction
from crm.errors import AlreadySubmitted, CrmError, DatabaseBusy
from crm.models import Contract, FollowUp, Opportunity
from crm.services import follow_ups, receipts, signing
from crm.services.follow_ups import WriteFollowUp
from crm.services.inputs import read
from crm.services.receipts import Receive
from crm.services.signing import SignContract
from tests.people import CALL, TODAY, a_contract, a_quote, actor, an_opportunity

Act = Callable[[Session], object]


def at_once(engine: Engine, *acts: Act) -> list[CrmError]:
    """What was refused when these acts began at the same moment, each in a transaction of its own."""
    ready = Barrier(len(acts))

    def run(act: Act) -> CrmError | None:
        ready.wait(timeout=30)
        try:
            with transaction(engine) as session:
                act(session)
        except CrmError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as threads:
        return [error for error in threads.map(run, acts) if error is not None]


def test_two_receipts_at_once_are_never_more_than_outstanding(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, amount="100")
    form = read(Receive, {"amount": "60", "received_on": TODAY})

    def receive(session: Session) -> None:
        receipts.receive(session, actor(session, "fang"), contract.id, form, today=TODAY)

    refused = at_once(engine, *[receive] * 4)
    assert len(refused) == 3
    with reading(engine) as session:
        assert receipts.received(session, contract.id) == Decimal("60.00")


def test_two_signings_at_once_make_one_contract(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        quote = a_quote(session, opportunity)

    def signed(number: str) -> Act:
        form = read(SignContract, {"number": number, "signed_on": TODAY})
        return lambda session: signing.sign(session, actor(session, "wang"), quote.id, form, version=1, today=TODAY)

    assert len(at_once(engine, signed("HT-1"), signed("HT-2"))) == 1
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Contract)) == 1
        assert session.get_one(Opportunity, opportunity.id).closed_on == TODAY


def test_one_form_sent_three_times_at_once_acts_once(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
    form = read(WriteFollowUp, {"method_id": CALL, "content": "谈了价格"})

    def send(session: Session) -> None:
        wang = actor(session, "wang")
        submissions.once(session, wang, "one key", lambda: follow_ups.write(session, wang, opportunity.id, form, today=TODAY))

    refused = at_once(engine, send, send, send)
    assert all(isinstance(error, AlreadySubmitted | DatabaseBusy) for error in refused)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(FollowUp)) == 1
