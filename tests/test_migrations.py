"""Migrations run forward on a database with data in it, and end in the tables that the program's models describe."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from crm import schema
from crm.db import make_engine, transaction
from crm.models import Base, FollowUpVersion, PaymentPlan
from crm.services.follow_ups import step as step_of
from tests import people

NEUTRAL: dict[type[Any], Any] = {str: "-", int: 1, bool: False, date: date(2026, 3, 2), datetime: datetime(2026, 3, 2, 4)}
"""What stands in columns of which a story says nothing."""

MORNING, NOON = datetime(2026, 9, 1, 1, 30), datetime(2026, 9, 2, 4, 0)


@contextmanager
def at_revision(url: str, revision: str) -> Iterator[sa.Connection]:
    """The database brought to an old revision, to be written into."""
    engine = make_engine(url)
    try:
        with engine.execution_options(writing=True).begin() as connection:
            schema.migrate(connection, revision)
            yield connection
    finally:
        engine.dispose()


def keep(connection: sa.Connection, table: str, **said: Any) -> None:
    """One row as the tables were at that revision."""
    target = sa.Table(table, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    wanted = [column for column in target.columns if not column.nullable and column.server_default is None and column.name not in said]
    connection.execute(target.insert().values({column.name: NEUTRAL[column.type.python_type] for column in wanted} | said))


def test_all_migrations_make_the_tables_of_the_models(database_url: str) -> None:
    """Each column with its reference, whether it may be empty, and each check. (Indexes are held by the plans of the statements.)"""
    engine = make_engine(database_url)
    inspected = sa.inspect(engine)
    for name, table in Base.metadata.tables.items():
        columns = {(one["name"], one["nullable"]) for one in inspected.get_columns(name)}
        assert columns == {(one.name, one.nullable) for one in table.columns}, name
        there = {(*one["constrained_columns"], one["referred_table"]) for one in inspected.get_foreign_keys(name)}
        assert there == {(key.parent.name, key.column.table.name) for key in table.foreign_keys}, name
        checks = {str(one.name).removeprefix(f"ck_{name}_") for one in table.constraints if isinstance(one, sa.CheckConstraint)}
        # an early revision repeats the beginning of the name
        assert {str(one["name"]).rpartition(f"ck_{name}_")[2] for one in inspected.get_check_constraints(name)} == checks, name
    engine.dispose()


def a_contract_with_a_proposal(connection: sa.Connection) -> None:
    """Wang proposed twice on a contract with a plan, once on one without; Lin declined the first and the last, and took up the second."""
    for id, login in ((1, "wang"), (2, "lin")):
        keep(connection, "users", id=id, login=login, name=login, active=True, language="zh", theme="system")
    keep(connection, "customers", id=1, name="甲")
    for id in (1, 2):
        keep(connection, "contracts", id=id, number=f"HT-{id}", customer_id=1, status="in_progress", amount=10_000, version=1)
    january, march = date(2027, 1, 1), date(2027, 3, 1)
    versions: tuple[tuple[int, int, int, bool, int, str, date | None], ...] = (
        (1, 1, 1, False, 2, "", january),
        (2, 1, 2, True, 1, "客户要求", march),
        (3, 1, 3, False, 2, "按原计划", january),  # by which the first was declined
        (4, 1, 4, True, 1, "再次要求", january),
        (5, 1, 5, False, 2, "同意", january),  # taken up: it says what stood, and nobody declined it
        (6, 2, 1, True, 1, "新计划", march),
        (7, 2, 2, True, 2, "不需要", None),  # by which the last was declined, where no plan was in force
    )
    for id, contract, revision, proposed, by, reason, due in versions:
        keep(connection, "payment_plans", id=id, contract_id=contract, revision=revision, proposed=proposed, by_id=by, reason=reason)
        if due:
            keep(connection, "instalments", id=id, plan_id=id, contract_id=contract, no=1, due_on=due, amount=10_000, condition="")
    for id, subject, at in ((1, 2, MORNING), (2, 6, NOON)):
        said = {"subject": "payment_plans", "subject_id": subject, "before": "", "after": '{"declined":true}', "by_id": 2, "act": "changed"}
        keep(connection, "audit_entries", id=id, at=at, **said)


def test_a_plan_that_was_declined_says_so_after_the_migration(blank_url: str) -> None:
    with at_revision(blank_url, "0012") as connection:
        a_contract_with_a_proposal(connection)
    engine = make_engine(blank_url)
    assert schema.upgrade(engine) == "0012"
    with transaction(engine) as session:
        plans = session.scalars(sa.select(PaymentPlan).order_by(PaymentPlan.id)).all()
        declined = {plan.id: (plan.declined_at, plan.declined_by_id, plan.decline_reason) for plan in plans if plan.declined_at}
        assert [plan.id for plan in plans] == [1, 2, 3, 4, 5, 6]
        assert {id: (at.replace(tzinfo=None), by, why) for id, (at, by, why) in declined.items() if at} == {
            2: (MORNING, 2, "按原计划"),
            6: (NOON, 2, "不需要"),
        }
        assert session.scalar(sa.text("select count(*) from instalments")) == 6
    engine.dispose()


def test_an_edited_follow_up_knows_all_it_said_after_the_migration(blank_url: str) -> None:
    """Wang called, then says it was a visit and names a next step, then takes the step back."""
    with at_revision(blank_url, "0014") as connection:
        keep(connection, "users", id=1, login="wang", name="王", active=True, language="zh", theme="system")
        keep(connection, "customers", id=1, name="甲")
        keep(connection, "stages", id=1, name="洽谈")
        for id in (1, 2):
            keep(connection, "follow_up_methods", id=id, name=f"方式{id}")
        for id in (1, 2):
            keep(connection, "opportunities", id=id, title="机会", customer_id=1, stage_id=1, status="following")
            keep(connection, "follow_ups", id=id, opportunity_id=id, by_id=1, method_id=2, content="现在", next_step="")
        for id, follow_up, content in ((1, 1, "最早"), (2, 1, "中间"), (3, 2, "被删去的")):
            keep(connection, "follow_up_versions", id=id, follow_up_id=follow_up, content=content)
        step = {"next_step": "再访", "next_step_on": "2026-04-01"}
        none = {"next_step": "", "next_step_on": None}
        first, second = {"content": "最早", "method_id": 1, "edited_at": None}, {"content": "中间", "method_id": 2, "edited_at": "x"}
        edits = (
            (1, first | none, second | step),
            (1, {"content": "中间", "edited_at": "x", **step}, {"content": "现在", "edited_at": "y", **none}),
            (2, "", {"erased": True}),
        )
        for id, (follow_up, before, after) in enumerate(edits, 1):
            said = {"before": before and json.dumps(before), "after": json.dumps(after), "act": "changed"}
            keep(connection, "audit_entries", id=id, subject="follow_ups", subject_id=follow_up, **said)
    engine = make_engine(blank_url)
    schema.upgrade(engine)
    with transaction(engine) as session:
        kept = session.scalars(sa.select(FollowUpVersion).order_by(FollowUpVersion.id)).all()
        assert [(one.content, one.method_id, step_of(one)) for one in kept] == [
            ("最早", 1, ""), ("中间", 2, "2026-04-01 再访"), ("被删去的", None, ""),
        ]  # fmt: skip
    engine.dispose()


def test_the_database_itself_lets_nobody_decline_what_was_not_proposed(database_url: str) -> None:
    engine = people.company(database_url)
    with transaction(engine) as session:
        people.a_contract(session, plan=[(date(2026, 12, 1), "100000")])
    for change in ("declined_at = recorded_on, decline_reason = 'x'", "proposed = true, decline_reason = 'x'"):
        with pytest.raises(sa.exc.IntegrityError), transaction(engine) as session:
            session.execute(sa.text(f"update payment_plans set {change}"))
    engine.dispose()
