"""Work that is killed half way: a process that forks a child for each attempt, which ends itself by SIGKILL at a chosen point.

`Killer().attempt("sign", url, 7)` does the act "sign" on the database at `url` and dies at its 7th point; at point 0 it lives to
the end and says how many points there were. The points of an act are before and after each statement that writes, and before and
after the commit; those of following and building are each new line and each call within `etl`. The clock stands still at noon of
`TODAY`, so that an act leaves the same rows each time. `contents` says what a database or a warehouse holds.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from crm import clock
from crm.config import Settings
from crm.db import make_engine, transaction
from crm.models import Base
from crm.services import (
    amendments,
    approvals,
    comments,
    contracts,
    costs,
    customers,
    endings,
    files,
    follow_ups,
    hand_over,
    leads,
    opportunities,
    payment_plans,
    people,
    quotes,
    receipts,
    signing,
    targets,
)
from crm.services.inputs import Input, read
from crm.submissions import once
from crm.vocabulary import CommentKind, OpportunityStatus, PaymentMethod
from etl.build import build
from etl.relations import RELATIONS
from etl.store import Store
from etl.sync import Follower
from tests.people import (
    CALL,
    CRM_SUITE,
    EAST,
    PROPOSAL,
    SERVICE_DESK,
    TOO_EXPENSIVE,
    TRAINING,
    TRAVEL,
    WANG,
    WEB,
    ZHAO,
    a_contract,
    a_lead,
    actor,
    an_opportunity,
    noon,
)
from tests.people import TODAY as TODAY

OPEN, WON, POOLED, ASKED, OFFERED = 1, 2, 3, 4, 5
"""The opportunities of the stage; the second has the contract 1, the last two the quotes 1 (submitted) and 2 (approved)."""
LEAD = CONTRACT = RECEIPT = 1
VERSION = 1

Tables = dict[str, list[str]]


def stage(session: Session) -> None:
    """What the acts are done to: a lead and a deal of Wang's, a contract that was half paid, a customer who waits for a team."""
    a_lead(session, contact="刘女士", company="黄河", phone="13900000001", arrived=date(2026, 11, 2))
    an_opportunity(session, "企业版", lines={CRM_SUITE: "75000", TRAINING: "5000"}, amount="80000")
    plan = [(date(2026, 9, 1), "60000"), (date(2026, 12, 1), "40000")]
    contract = a_contract(session, "HT-1", opportunity=an_opportunity(session, "续约"), signed=date(2026, 8, 3), plan=plan)
    with clock.at(noon(date(2026, 9, 2))):
        form = read(receipts.Receive, {"amount": "60000", "received_on": "2026-09-02", "instalments": [1]})
        receipts.receive(session, actor(session, "fang"), contract.id, form, today=date(2026, 9, 2))
    an_opportunity(session, "长江", owner=None)
    _offered(session, an_opportunity(session, "待审批").id, approve=False)
    _offered(session, an_opportunity(session, "已批准").id, approve=True)
    files.keep(
        session, actor(session, "wang"), stored_name="a random name", name="合同.pdf", content_type="application/pdf", size=1, sha256="x"
    )  # fmt: skip


def _offered(session: Session, opportunity_id: int, *, approve: bool) -> None:
    """An offer of Wang's that waits for Lin's word, or has it."""
    wang, said = actor(session, "wang"), _form(approvals.DecideQuote)
    with clock.at(noon(date(2026, 11, 2))):
        quote = quotes.draft(session, wang, opportunity_id, _offer("100000"), today=date(2026, 11, 2))
        approvals.submit(session, wang, quote.id, version=quote.version, today=date(2026, 11, 2))
        if approve:
            approvals.approve(session, actor(session, "lin"), quote.id, said, version=quote.version, today=date(2026, 11, 2))


def _offer(price: str) -> Any:
    line = {"product_id": CRM_SUITE, "quantity": "1", "unit_price": price}
    plan = [{"due_on": "2026-12-01", "amount": "30000"}, {"due_on": "2027-03-01", "amount": str(int(price) - 30000)}]
    return _form(quotes.WriteQuote, lines=[line], valid_until="2026-12-31", plan=plan)


def _form(model: type[Input], **values: Any) -> Any:
    return read(model, values)


def _convert(session: Session) -> object:
    return leads.convert(session, actor(session, "wang"), LEAD, _form(leads.ConvertLead, title="黄河企业版"), today=TODAY)


def _enter_lead(session: Session) -> object:
    values = _form(leads.CreateLead, contact_name="何先生", phone="13900000002", source_id=WEB, owner_id=WANG)
    return leads.create(session, actor(session, "lin"), values, today=TODAY)


def _assign(session: Session) -> object:
    values = _form(customers.AssignCustomer, team_id=EAST, owner_id=WANG, why="上海客户")
    return customers.assign(session, actor(session, "chen"), POOLED, values, version=VERSION, today=TODAY)


def _hand_over(session: Session) -> object:
    return hand_over.hand_over(session, actor(session, "chen"), WANG, _form(hand_over.HandOver, to_id=ZHAO, why="离职"), today=TODAY)


def _create(session: Session) -> Any:
    values = _form(
        opportunities.CreateOpportunity, customer_id=OPEN, title="云盘", source_id=WEB, lines=[{"product_id": CRM_SUITE, "amount": "1"}]
    )
    return opportunities.create(session, actor(session, "wang"), values, today=TODAY)


def _create_once(session: Session) -> object:
    return once(session, actor(session, "wang"), "a key that the page drew", lambda: _create(session))


def _edit(session: Session) -> object:
    lines = [{"product_id": CRM_SUITE, "amount": "90000"}]
    values = _form(opportunities.EditOpportunity, title="企业版 2", stage_id=PROPOSAL, lines=lines, expected_close_on="2026-12-31")
    return opportunities.edit(session, actor(session, "wang"), OPEN, values, version=VERSION, today=TODAY)


def _lose(session: Session) -> object:
    values = _form(opportunities.CloseOpportunity, reason_id=TOO_EXPENSIVE)
    return opportunities.mark_lost(session, actor(session, "wang"), OPEN, values, version=VERSION, today=TODAY)


def _follow_up(session: Session) -> object:
    values = _form(
        follow_ups.WriteFollowUp, method_id=CALL, content="谈了方案", problem="登录慢", department_id=SERVICE_DESK, next_step="报价"
    )
    return follow_ups.write(session, actor(session, "wang"), OPEN, values, today=TODAY)


def _comment(session: Session) -> object:
    return comments.write(session, actor(session, "lin"), OPEN, _form(comments.WriteComment, kind=CommentKind.ADVICE, content="报价要快"))


def _draft(session: Session) -> object:
    return quotes.draft(session, actor(session, "wang"), OPEN, _offer("90000"), today=TODAY)


def _submit(session: Session) -> object:
    quote = quotes.draft(session, actor(session, "wang"), OPEN, _offer("80000"), today=TODAY)
    return approvals.submit(session, actor(session, "wang"), quote.id, version=quote.version, today=TODAY)


def _approve(session: Session) -> object:
    said = _form(approvals.DecideQuote, note="同意")
    return approvals.approve(session, actor(session, "lin"), 1, said, version=_version_of(session, quotes.Quote, 1), today=TODAY)


def _quote_again(session: Session) -> object:
    version = _version_of(session, quotes.Quote, 2)
    return quotes.revise(session, actor(session, "wang"), 2, _offer("95000"), version=version, today=TODAY)


def _sign(session: Session) -> object:
    values = _form(signing.SignContract, number="HT-3", signed_on=TODAY, files=[1])
    version = _version_of(session, signing.Opportunity, OFFERED)
    return signing.sign(session, actor(session, "wang"), 2, values, version=version, today=TODAY)


def _change_plan(session: Session) -> object:
    plan = [{"no": 1, "due_on": "2026-09-01", "amount": "60000"}, {"due_on": "2027-01-01", "amount": "40000"}]
    values = _form(payment_plans.ChangePlan, plan=plan, reason="延期")
    return payment_plans.change_plan(session, actor(session, "fang"), CONTRACT, values, version=_version(session), today=TODAY)


def _amend(session: Session) -> object:
    plan = [{"no": 1, "due_on": "2026-09-01", "amount": "60000"}, {"no": 2, "due_on": "2026-12-01", "amount": "50000"}]
    values = _form(amendments.AmendContract, amount="110000", day=TODAY, reason="增购", plan=plan)
    return amendments.amend(session, actor(session, "chen"), CONTRACT, values, version=_version(session), today=TODAY)


def _void(session: Session) -> object:
    with_refund = _form(receipts.Refund, amount="60000", refunded_on=TODAY, reason="退货")
    receipts.refund(session, actor(session, "fang"), CONTRACT, with_refund, today=TODAY)
    values = _form(endings.VoidContract, reason="客户破产", opportunity_becomes=OpportunityStatus.FOLLOWING)
    return endings.void(session, actor(session, "chen"), CONTRACT, values, version=_version(session), today=TODAY)


def _receive(session: Session) -> object:
    values = _form(receipts.Receive, amount="25000.01", received_on=TODAY, method=PaymentMethod.TRANSFER, instalments=[2])
    return receipts.receive(session, actor(session, "fang"), CONTRACT, values, today=TODAY)


def _cancel(session: Session) -> object:
    return receipts.cancel(session, actor(session, "fang"), RECEIPT, _form(contracts.CancelEntry, reason="录错"), today=TODAY)


def _pay_cost(session: Session) -> object:
    values = _form(costs.PayCost, category_id=TRAVEL, paid_on=TODAY, amount="321.09")
    return costs.pay_cost(session, actor(session, "fang"), CONTRACT, values, today=TODAY)


def _set_target(session: Session) -> object:
    values = _form(targets.SetTarget, month="2026-12-01", team_id=EAST, amount="500000")
    return targets.set_target(session, actor(session, "chen"), values, today=TODAY)


def _sign_in(session: Session) -> object:
    return people.sign_in(session, "wang", "not his password", "127.0.0.1", clock.now())


def _version(session: Session) -> int:
    return _version_of(session, receipts.Contract, CONTRACT)


def _version_of(session: Session, model: Any, record_id: int) -> int:
    return int(session.scalars(select(model.version).where(model.id == record_id)).one())


ACTS: Mapping[str, Callable[[Session], object]] = {
    "enter a lead": _enter_lead,
    "convert a lead": _convert,
    "assign a customer": _assign,
    "hand everything over": _hand_over,
    "open an opportunity": _create_once,
    "edit an opportunity": _edit,
    "lose an opportunity": _lose,
    "follow up": _follow_up,
    "comment": _comment,
    "sign a contract with its plan": _sign,
    "draft a quote with its plan": _draft,
    "submit a quote": _submit,
    "approve a quote": _approve,
    "quote again": _quote_again,
    "change a plan": _change_plan,
    "amend a contract": _amend,
    "give back and void": _void,
    "receive": _receive,
    "cancel a receipt": _cancel,
    "pay a cost": _pay_cost,
    "set a target": _set_target,
    "sign in with a wrong password": _sign_in,
}
"""What people do, each in one transaction."""


# ── what is there ────────────────────────────────────────────────────────────────────────────────────────────────────────────
COLUMNS = {table.name: ", ".join(f'"{column.name}"' for column in table.c if column.name != "xid") for table in Base.metadata.sorted_tables}


def contents(engine: Engine) -> Tables:
    """Every row of every table, as text, in an order of its own. The transaction's number is PostgreSQL's and no fact."""
    with engine.connect() as connection:
        return {
            table: sorted(map(repr, connection.exec_driver_sql(f"select {columns} from {table}"))) for table, columns in COLUMNS.items()
        }


def contents_of_warehouse(store: Store) -> Tables:
    """Every row of every relation, as text, in an order of its own."""
    cursor = store.cursor()
    try:
        return {relation.name: sorted(map(repr, cursor.execute(f"from mart.{relation.name}").fetchall())) for relation in RELATIONS}
    finally:
        cursor.close()


_compiled: dict[Any, Any] = {}
"""Statements that were compiled before: what the process did to the end, its forks need not work out again."""


# ── dying ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
class Fate:
    """Counts the points that work passes, and ends the process at the chosen one."""

    def __init__(self, point: int) -> None:
        self.point, self.passed = point, 0

    def pass_one(self) -> None:
        self.passed += 1
        if self.passed == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


def _act(fate: Fate, name: str, url: str) -> None:
    """One act of a person, in its transaction."""
    engine = make_engine(url)
    known = engine.execution_options(compiled_cache=_compiled)
    commit = engine.dialect.do_commit

    def committed(connection: Any) -> None:
        fate.pass_one()
        commit(connection)
        fate.pass_one()

    def at_write(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.split(None, 1)[0].lower() in ("insert", "update", "delete"):
            fate.pass_one()

    event.listen(engine, "before_cursor_execute", at_write)
    event.listen(engine, "after_cursor_execute", at_write)
    engine.dialect.do_commit = committed  # type: ignore[method-assign]
    with clock.at(noon(TODAY)), transaction(known) as session:
        ACTS[name](session)
    engine.dispose()


def _follow(fate: Fate, home: str, url: str) -> None:
    """The start of a follower and its first step: builds where there is nothing, else applies what was committed."""
    engine, settings = make_engine(url), settings_of(Path(home))
    with Watched(fate):
        follower = Follower(engine, settings)
        follower.open()
        follower.step()


def _build(fate: Fate, home: str, url: str) -> None:
    """A new version, published."""
    engine, settings = make_engine(url), settings_of(Path(home))
    with Watched(fate):
        build(engine, settings)


def settings_of(home: Path) -> Settings:
    return Settings(home=home, warehouse_threads=1, warehouse_memory="1GB")


class Watched:
    """Within it each call of `etl` and each line of it that was not run before is a point."""

    def __init__(self, fate: Fate) -> None:
        self._fate, self._seen = fate, set[tuple[str, int]]()

    def __enter__(self) -> Self:
        sys.settrace(self._called)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        sys.settrace(None)

    def _called(self, frame: FrameType, _event: str, _argument: object) -> Any:
        if Path(frame.f_code.co_filename).parent.name != "etl":
            return None
        self._fate.pass_one()
        return self._ran

    def _ran(self, frame: FrameType, happened: str, _argument: object) -> Any:
        line = frame.f_code.co_filename, frame.f_lineno
        if happened == "line" and line not in self._seen:
            self._seen.add(line)
            self._fate.pass_one()
        return self._ran


WORK: Mapping[str, Callable[[Fate, str, str], None]] = {"act": _act, "follow": _follow, "build": _build}


# ── the process that forks ───────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Attempt:
    """How a child ended: killed at its point, or alive after so many points."""

    killed: bool
    points: int


class Killer:
    """A process without threads, with everything imported: a fork of it costs some milliseconds, and holds nothing that is open."""

    def __init__(self) -> None:
        words = [sys.executable, "-m", "tests.killing"]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def attempt(self, work: str, what: str, url: str, point: int = 0) -> Attempt:
        """`work` is "act" (`what`: its name), "follow" or "build" (`what`: a home); `point` 0: to the end."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([work, what, url, point]) + "\n")
        self._process.stdin.flush()
        return Attempt(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate(timeout=30)


def main() -> None:
    """Read attempts, one a line, and say how each ended."""
    for line in sys.stdin:
        work, what, url, point = json.loads(line)
        if work == "act" and point == 0:
            _act(fate := Fate(0), what, url)  # here, so that the forks find its statements compiled
            ended = Attempt(killed=False, points=fate.passed)
        else:
            ended = _forked(work, what, url, point)
        print(json.dumps(asdict(ended)), flush=True)


def _forked(work: str, what: str, url: str, point: int) -> Attempt:
    """How a child ended that did the work."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            WORK[work](fate := Fate(point), what, url)
            os.write(tell, str(fate.passed).encode())
        finally:
            os._exit(0)  # nothing of this process is tidied up by its copy
    os.close(tell)
    with os.fdopen(told) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return Attempt(killed=os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, points=int(said or point))


if __name__ == "__main__":
    main()
