"""Many people at once: how many requests a second the server answers, and how long people wait while two hundred are at work.

The server is a process of its own; the people are threads of this one, so their own work is part of what two cores must do.
"""

import json
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, func, select, update

from crm import clock
from crm.config import Settings
from crm.db import make_engine, reading, transaction
from crm.models import FollowUp, FollowUpMethod, Opportunity, User
from crm.scope import Actor
from crm.services.people import actor_of
from crm.vocabulary import Kind, OpportunityStatus, Permission
from dashboard.queries import REPORTS
from dashboard.queries.report import Report
from dashboard.session import identity
from scripts.bench.bars import Bars, p95
from scripts.bench.clients import Client, Values, signed
from scripts.server import Server

CLIENTS, PEOPLE = 32, 200
SECONDS, AT_WORK = 15.0, 40.0
"""How long the clients ask without a pause, and how long the people work."""
WARM = 0.6
THINK, WRITING = 5.0, 0.1
"""Seconds between two acts of a person in the mean, and the share of acts that write."""
OF_ITSELF = ("lines", "redrawn")
"""What an open report asks for without anybody's doing: the lines of its last periods, and itself after what others committed."""
ROWS = "opportunities-table-main.getRowsResponse"
FOLLOW_UP = '{"form":"follow-up","part":"summary"}.children'


@dataclass
class Worker:
    """A person of the company with a browser; what they waited, in milliseconds, by what they did."""

    actor: Actor
    client: Client
    dice: random.Random
    owned: Sequence[int] = ()
    open: "Open | None" = None
    waits: list[tuple[str, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def timed(self, what: str, ask: Callable[[], tuple[int, bytes]]) -> None:
        """Do one thing, and note how long its answer took."""
        begun = time.perf_counter()
        try:
            status, body = ask()
        except OSError as error:
            self.errors.append(f"{what}: {error!r}")
            return
        self.waits.append((what, (time.perf_counter() - begun) * 1000))
        if status not in (200, 204):
            self.errors.append(f"{what}: {status} {body[:200]!r}")


@dataclass(frozen=True, slots=True)
class Open:
    """The report that stands open before a person: its filters, and at which change it was drawn."""

    report: Report
    chosen: Mapping[str, Any]
    version: int


def measure(settings: Settings, bars: Bars) -> None:
    """Both, one after the other, on the server's own home."""
    engine = make_engine(settings.url)
    server = Server(settings.home).start()
    try:
        people = _people(engine, settings, server.port)
        _requests(people[:CLIENTS], bars)
        _work(engine, people, bars)
    finally:
        server.stop()
        engine.dispose()


def _people(engine: Engine, settings: Settings, port: int) -> list[Worker]:
    """As many people as there are to be, some at several browsers where the company is small; all are let in without a new password."""
    today = clock.today("Asia/Shanghai")
    with transaction(engine) as session:
        session.execute(update(User).where(User.must_change_password).values(must_change_password=False))
    with reading(engine) as session:
        users = list(session.scalars(select(User).where(User.active, User.team_id.is_not(None)).order_by(User.id).limit(PEOPLE - 1)))
        users = [*session.scalars(select(User).where(User.login == "chen")), *users]
        known = [(actor_of(session, user.id, today), signed(settings.home, identity(user)), _owned(engine, user.id)) for user in users]
    return [
        Worker(actor, Client(port, cookie), random.Random(number), owned)  # noqa: S311  (the same day at work from the same seed)
        for number in range(PEOPLE)
        for actor, cookie, owned in [known[number % len(known)]]
    ]


def _owned(engine: Engine, user_id: int) -> Sequence[int]:
    with reading(engine) as session:
        open_ones = select(Opportunity.id).where(Opportunity.owner_id == user_id, Opportunity.status == OpportunityStatus.FOLLOWING)
        return session.scalars(open_ones.order_by(Opportunity.id).limit(20)).all()


# ── requests a second ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _requests(workers: Sequence[Worker], bars: Bars) -> None:
    for worker in workers:
        for report in _open_to(worker):
            worker.timed("warming", lambda worker=worker, report=report: _report(worker, report, {"period": "this_month"}))
        worker.waits.clear()
    begun = time.perf_counter()
    _all_at_once(workers, lambda worker: _asking(worker, begun + SECONDS))
    took = time.perf_counter() - begun
    bars.at_least("requests per second, 32 clients, 60 % warm", sum(len(worker.waits) for worker in workers) / took, 80, "1/s")
    bars.add("requests of 32 clients: errors", _errors(workers), 0, "")
    for worker in workers:
        worker.waits.clear()


def _asking(worker: Worker, until: float) -> None:
    """One report after the other: most as they open by themselves, the others over days that nobody has asked for."""
    while time.perf_counter() < until:
        report = worker.dice.choice(_open_to(worker))
        warm = worker.dice.random() < WARM
        chosen = {"period": "this_month"} if warm else _own_days(worker)
        worker.timed("report", lambda report=report, chosen=chosen: _report(worker, report, chosen))


def _own_days(worker: Worker) -> dict[str, str]:
    """A month somewhere in the last two years, as no other client asks for it."""
    end = date.today() - timedelta(days=worker.dice.randrange(700))  # noqa: DTZ011  (any day serves)
    start = end - timedelta(days=worker.dice.randrange(20, 45))
    return {"period": "custom", "start": start.isoformat(), "end": end.isoformat()}


def _open_to(worker: Worker) -> list[Report]:
    return [report for report in REPORTS if report.open_to(worker.actor.roles)]


# ── people at work ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _work(engine: Engine, workers: Sequence[Worker], bars: Bars) -> None:
    with reading(engine) as session:
        before = session.scalar(select(func.count()).select_from(FollowUp)) or 0
        method = session.scalars(select(FollowUpMethod.id).limit(1)).one()
    _known(workers[0])
    begun = time.perf_counter()
    _all_at_once(workers, lambda worker: _working(worker, method, begun + AT_WORK))
    with reading(engine) as session:
        written = (session.scalar(select(func.count()).select_from(FollowUp)) or 0) - before
    acts = _waits(workers, "report", "list", "write")
    wrote = len(_waits(workers, "write"))
    bars.add("200 people at work: p95", p95(acts), 300, "ms")
    for kind in ("report", "list", "write"):
        bars.add(f"200 people at work, {kind}: p95", p95(_waits(workers, kind)), 300, "ms")
    for kind in OF_ITSELF:
        bars.add(f"200 people at work, {kind}: p95", p95(_waits(workers, kind) or [0.0]), 2000, "ms")
    bars.add("200 people at work: errors, and follow-ups lost", _errors(workers) + abs(wrote - written), 0, "")


def _working(worker: Worker, method: int, until: float) -> None:
    """Act, think, act; meanwhile the open page asks once a second whether there is news, and is drawn anew where there is."""
    _think(worker, worker.dice.random() * THINK, until)
    while time.perf_counter() < until:
        what = worker.dice.random()
        if what < WRITING and worker.owned and worker.actor.may(Permission.CREATE, Kind.FOLLOW_UP):
            worker.timed("write", lambda: _follow_up(worker, worker.dice.choice(worker.owned), method))
        elif what < 0.5 and worker.actor.may(Permission.READ, Kind.OPPORTUNITY):
            worker.open = None
            worker.timed("list", lambda: _list(worker))
        else:
            report = worker.dice.choice(_open_to(worker))
            period = worker.dice.choice(("this_month", "last_month", "this_quarter", "this_year"))
            worker.timed("report", lambda report=report, period=period: _opened(worker, report, {"period": period}))
            worker.timed("lines", lambda: _lines(worker))
        _think(worker, worker.dice.uniform(0.5, 1.5) * THINK, until)


def _think(worker: Worker, seconds: float, until: float) -> None:
    ends = min(time.perf_counter() + seconds, until)
    while (left := ends - time.perf_counter()) > 0:
        time.sleep(min(left, 1.0))
        worker.timed("live", lambda: _live(worker))


def _live(worker: Worker) -> tuple[int, bytes]:
    """What the open page asks by itself; where what it shows is other now, it is drawn anew."""
    shown = worker.open
    status, body = worker.client.get(f"/live?reads={shown.report.key}" if shown else "/live")
    if shown and status == 200 and json.loads(body)["position"] > shown.version:
        worker.timed("redrawn", lambda: _opened(worker, shown.report, shown.chosen))
    return status, body


def _of_report(report: Report) -> tuple[str, str]:
    """What the callback fills that draws a report."""
    return f"{report.key}-headline.children", f"{report.key}-tables.children"


def _of_lines(report: Report) -> str:
    return f"{report.key}-headline.children@"


# ── what they ask for ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _report(worker: Worker, report: Report, chosen: Mapping[str, Any]) -> tuple[int, bytes]:
    spec = _spec(worker, *_of_report(report))
    values: Values = {f"{report.key}-filters.data": {"compare": "none", **chosen}, f"{report.key}-view.value": report.views[0].name}
    return worker.client.call(spec, values)


def _opened(worker: Worker, report: Report, chosen: Mapping[str, Any]) -> tuple[int, bytes]:
    """The same, before a person who goes on reading it."""
    status, body = _report(worker, report, chosen)
    drawn = re.search(rb'-shown":\{"data":\{"version":(\d+)', body)
    worker.open = Open(report, chosen, int(drawn[1])) if drawn else None
    return status, body


def _lines(worker: Worker) -> tuple[int, bytes]:
    """The lines of the last periods, which the page asks for when it has its headline."""
    assert worker.open is not None
    key, chosen = worker.open.report.key, {"compare": "none", **worker.open.chosen}
    spec = _spec(worker, _of_lines(worker.open.report))
    return worker.client.call(spec, {f"{key}-shown.data": {"version": worker.open.version, "chosen": chosen}})


def _list(worker: Worker) -> tuple[int, bytes]:
    asked = {"startRow": 0, "endRow": 100, "sortModel": []}
    spec = _spec(worker, ROWS)
    wished = worker.dice.choice(({}, {"status": ["following"]}, {"q": worker.dice.choice("东华苏海南宁")}))
    return worker.client.call(spec, {"opportunities-table-main.getRowsRequest": asked, "opportunities-filters.data": wished})


def _follow_up(worker: Worker, opportunity_id: int, method: int) -> tuple[int, bytes]:
    spec = _spec(worker, FOLLOW_UP)
    typed = [({"form": "follow-up", "field": name}, value) for name, value in (("method_id", method), ("content", "电话沟通，下周再联系"))]
    values: dict[str, Any] = {}
    for item in (*spec["inputs"], *spec["state"]):
        place = f"{item['id']}.{item['property']}"
        if "n_clicks" in place:
            values[place] = 1
        elif '"field":["ALL"]' in place:
            values[place] = [(id, id if item["property"] == "id" else value) for id, value in typed]
        elif item["id"].endswith("about"):
            values[place] = {"id": opportunity_id, "version": 1}
        elif "key" in item["id"]:
            values[place] = f"{worker.actor.user_id}-{time.perf_counter_ns()}"
    return worker.client.call(spec, values)


SPECS: dict[tuple[str, ...], dict[str, Any]] = {}


def _spec(worker: Worker, *outputs: str) -> dict[str, Any]:
    """The callback that fills these: asked of the server once for all people."""
    if outputs not in SPECS:
        SPECS[outputs] = worker.client.filling(*outputs)
    return SPECS[outputs]


def _known(worker: Worker) -> None:
    """Learn how everything is asked before anybody works: no page asks for that again."""
    for report in REPORTS:
        _spec(worker, *_of_report(report))
        _spec(worker, _of_lines(report))
    for output in (ROWS, FOLLOW_UP):
        _spec(worker, output)


def _all_at_once(workers: Sequence[Worker], act: Callable[[Worker], None]) -> None:
    threads = [threading.Thread(target=act, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _waits(workers: Sequence[Worker], *kinds: str) -> list[float]:
    """What all of them waited for things of these kinds."""
    return [wait for worker in workers for what, wait in worker.waits if what in kinds]


def _errors(workers: Sequence[Worker]) -> int:
    found = [error for worker in workers for error in worker.errors]
    for error in found[:3]:
        print(error, flush=True)
    return len(found)
