"""Every verb of the services, found in the code: who may, who may not (with a forged call), what it writes, what history and audit keep.

A verb is a public function that takes a session and an actor and writes, itself or through another one; each has its line in
tests/services/deeds.py, and one without fails here. Everybody tries each of them, and it is taken back.
"""

import ast
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

import crm.services
from crm.db import make_engine, transaction
from crm.errors import CrmError, NotAllowed, NotFound
from crm.models import AuditEntry, ContractHistory, OpportunityHistory
from tests.pages.every_form import stage
from tests.people import actor
from tests.services.deeds import DEEDS, EVERYBODY, Deed, last

# ── the verbs, as the code has them ──────────────────────────────────────────────────────────────────────────────────────────
WRITES = {"audit.changing", "audit.created", "audit.write", "history.record", "session.add", "session.add_all", "session.delete"}

HELPERS = {
    "customers.enter", "customers.move", "files.attach", "payment_plans.write_plan", "people.sign_in", "notices.tell", "founding.found",
    "founding.first_account", "holdings.pass_on", "traces.strip", "traces.erased",
}  # fmt: skip
"""What verbs call and no page: they are given what the verb found and checked; before anybody is signed in nobody acts."""


def _functions() -> dict[str, ast.FunctionDef]:
    found = {}
    for path in Path(crm.services.__path__[0]).glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                found[f"{path.stem}.{node.name}"] = node
    return found


def _called(name: str, node: ast.FunctionDef, known: Mapping[str, ast.FunctionDef]) -> set[str]:
    """What a function calls, by module and name."""
    module = name.partition(".")[0]
    calls = {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
    return {f"{module}.{call}" if f"{module}.{call}" in known else call for call in calls}


def verbs() -> set[str]:
    """The public functions that take who acts and write something in the end."""
    known = _functions()
    calls = {name: _called(name, node, known) for name, node in known.items()}
    writing = {name for name, called in calls.items() if called & WRITES} | {"notices.mark_read", "people._set_habit", "saved_views._own"}
    while grown := {name for name, called in calls.items() if called & writing} - writing:
        writing |= grown
    takes = {name for name in writing if {"session", "actor"} <= {argument.arg for argument in known[name].args.args}}
    return {name for name in takes if not name.partition(".")[2].startswith("_")} - HELPERS


def test_every_verb_has_its_line() -> None:
    assert set(DEEDS) == verbs()


# ── tried by everybody ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def acted(sqlite_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The company in which every verb can act."""
    engine = make_engine(f"sqlite:///{shutil.copy(sqlite_company, tmp_path_factory.mktemp('verbs') / 'saleslens.db')}")
    with transaction(engine) as session:
        stage(session)
    yield engine
    engine.dispose()


class Tried:
    """What became of an act: refused, and how; or what it left in the audit log and in the histories."""

    def __init__(self, engine: Engine, deed: Deed, login: str) -> None:
        self.refusal: CrmError | None = None
        with Session(engine.execution_options(writing=True), expire_on_commit=False) as session:
            deed.before(session, actor(session, login))
            session.flush()
            audited, changed, signed = (last(session, model) for model in (AuditEntry, OpportunityHistory, ContractHistory))
            self.statements: list[str] = []
            event.listen(engine, "before_cursor_execute", self._note)
            try:
                deed.act(session, actor(session, login))
                session.flush()
            except CrmError as error:
                self.refusal = error
            finally:
                event.remove(engine, "before_cursor_execute", self._note)
            self.kept = "" if self.refusal else _kept(session, audited, changed, signed)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.split(None, 1)[0].lower() in ("insert", "update", "delete"):
            self.statements.append(statement)


def _kept(session: Session, audited: int, changed: int, signed: int) -> str:
    """The lines of audit log and histories since, each kind once, in words."""
    entries = session.scalars(select(AuditEntry).where(AuditEntry.id > audited).order_by(AuditEntry.id))
    said = [f"{line.act.value} {line.subject}" for line in entries]
    said += [f"history {line.act.value}" for line in session.scalars(select(OpportunityHistory).where(OpportunityHistory.id > changed))]
    said += [f"contract {line.act.value}" for line in session.scalars(select(ContractHistory).where(ContractHistory.id > signed))]
    return ", ".join(sorted(set(said)))


OTHERWISE = {
    ("leads.create", "sun"), ("leads.create", "zhao"), ("target_grid.set_cells", "sun"),  # somebody out of reach is no choice
    ("claims.open_claim", "chen"), ("claims.open_claim", "sun"), ("claims.open_claim", "zhao"),  # theirs already
    ("erasures.erase", "chen"),  # who asked
    ("taking_back.take_back", "chen"),  # who did not give it
    ("follow_ups.edit", "chen"), ("follow_ups.edit", "lin"), ("follow_ups.edit", "xia"),  # they read it
}  # fmt: skip
"""Whom a rule of the verb refuses, in a sentence of its own."""


@pytest.mark.parametrize("whole", [pytest.param(False, id="some"), pytest.param(True, id="all", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", DEEDS)
def test_who_may_and_what_is_kept(acted: Engine, name: str, whole: bool) -> None:
    """Some: of those who may, the first; those who may not always all."""
    deed = DEEDS[name]
    may = deed.may.split()
    for login in EVERYBODY.split():
        if whole or login not in may[1:]:
            _check(name, deed, login, Tried(acted, deed, login), may=login in may)


def _check(name: str, deed: Deed, login: str, one: Tried, *, may: bool) -> None:
    assert (one.refusal is None) == may, (login, repr(one.refusal))
    if may:
        assert one.statements, "it writes something"
        assert one.kept in deed.keeps.split(" or "), login
    else:
        assert isinstance(one.refusal, NotAllowed | NotFound) or (name, login) in OTHERWISE, (login, repr(one.refusal))
        assert one.statements == [], (login, one.statements)
