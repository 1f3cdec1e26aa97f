"""The company of tests/people.py as the warehouse has it, filled by hand: a row is exactly what a test says it is.

Teams, people, products and the like have the ids of tests/people.py. Each builder writes one row of one relation, with defaults that a
test about something else need not think of; whatever is not named is Wang's, of the East team, bought for the CRM suite, found on the
web, and stands from its day on.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from crm.permissions import permissions_of
from crm.scope import Actor, scope_of
from crm.vocabulary import Role
from dashboard.queries.answers import Answers
from dashboard.queries.warehouse import Warehouse
from tests.people import (
    ADA,
    CHEN,
    CLOUD_DRIVE,
    CRM_SUITE,
    EAST,
    EXPO,
    FANG,
    HARDWARE,
    LIN,
    MEI,
    NO_BUDGET,
    OLD_RIVAL,
    POSTPONED,
    PROPOSAL,
    QUOTED,
    REFERRAL,
    RIVAL,
    SIGNED,
    SPRING_EXPO,
    SUN,
    TALKS,
    TO_COMPETITOR,
    TODAY,
    TOO_EXPENSIVE,
    TRAINING,
    TRAVEL,
    WANG,
    WEB,
    WEST,
    XIA,
    ZHAO,
)

TABLES = Path(__file__).parents[2] / "etl" / "tables.sql"
FOREVER = date(9999, 12, 31)
LONG_AGO = date(2020, 1, 1)
NOVEMBER = date(2026, 11, 1)
POSITION = 12

PEOPLE = (
    (CHEN, "chen", "陈", "chen", None, Role.EXECUTIVE),
    (LIN, "lin", "林", "lin", EAST, Role.TEAM_LEAD),
    (WANG, "wang", "王", "wang", EAST, Role.REP),
    (SUN, "sun", "孙", "sun", WEST, Role.TEAM_LEAD),
    (ZHAO, "zhao", "赵", "zhao", WEST, Role.REP),
    (FANG, "fang", "方", "fang", None, Role.FINANCE),
    (MEI, "mei", "梅", "mei", None, Role.MARKETING),
    (XIA, "xia", "夏", "xia", None, Role.SERVICE),
    (ADA, "ada", "安达", "anda", None, Role.ADMINISTRATOR),
)
TEAM_OF = {id: team for id, _login, _name, _key, team, _role in PEOPLE}
LED_BY = {LIN: EAST, SUN: WEST}

MASTER = {
    "team": [(EAST, "华东", "huadong", LIN, True), (WEST, "华西", "huaxi", SUN, True)],
    "person": [(id, login, name, key, team, True, role in (Role.REP, Role.TEAM_LEAD)) for id, login, name, key, team, role in PEOPLE],
    "source": [
        (WEB, "网站", "wangzhan", "online", True),
        (EXPO, "展会", "zhanhui", "event", True),
        (REFERRAL, "客户推荐", "kehu tuijian", "referral", True),
    ],
    "campaign": [(SPRING_EXPO, "春季展", EXPO, None, date(2026, 3, 1), date(2026, 3, 31), 31000)],
    "product": [
        (CRM_SUITE, "CRM", "客户管理套件", "kehu", "软件", 0, True),
        (CLOUD_DRIVE, "DRIVE", "云盘", "yunpan", "软件", 1, True),
        (TRAINING, "TRAIN", "培训", "peixun", "服务", 2, True),
    ],
    "stage": [
        (TALKS, "前期洽谈", 1, Decimal("0.1"), None, True),
        (PROPOSAL, "提报方案", 2, Decimal("0.3"), None, True),
        (QUOTED, "销售报价", 3, Decimal("0.6"), "quoted", True),
        (SIGNED, "签订合同", 4, Decimal(1), "signed", True),
    ],
    "stage_version": [
        (TALKS, LONG_AGO, FOREVER, "前期洽谈", 1, Decimal("0.1")),
        (PROPOSAL, LONG_AGO, FOREVER, "提报方案", 2, Decimal("0.3")),
        (QUOTED, LONG_AGO, FOREVER, "销售报价", 3, Decimal("0.6")),
        (SIGNED, LONG_AGO, FOREVER, "签订合同", 4, Decimal(1)),
    ],
    "reason": [
        (TOO_EXPENSIVE, "价格太高", "jiage", "lost", False),
        (TO_COMPETITOR, "输给竞争对手", "shugei", "lost", True),
        (NO_BUDGET, "没有预算", "meiyou", "stopped", False),
        (POSTPONED, "项目推迟", "xiangmu", "stopped", False),
    ],
    "competitor": [(RIVAL, "远景科技", "yuanjing"), (OLD_RIVAL, "旧友软件", "jiuyou")],
    "cost_category": [(TRAVEL, "差旅", "chailv"), (HARDWARE, "硬件", "yingjian")],
    "settings": [("东西软件", "Asia/Shanghai", "CNY", 1, 14, True, False)],
    "setting_version": [(LONG_AGO, FOREVER, 14)],
    "state": [(POSITION, "", datetime(2026, 11, 23, 6, 3, 22), datetime(2026, 11, 23, 1, 0), "test")],
}
"""Relation → its rows, as columns stand in etl/tables.sql."""


def actor(user_id: int) -> Actor:
    """One of the company's people, as they act today."""
    (login, name, team, role) = next((login, name, team, role) for id, login, name, _key, team, role in PEOPLE if id == user_id)
    teams = frozenset({LED_BY[user_id]} if user_id in LED_BY else ())
    return Actor(user_id, login, name, frozenset({role}), team, scope_of(user_id, {role}, teams), permissions_of({role}))


class Company:
    """A warehouse in memory, and the answers of the reports over it."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as mart")
        self.connection.execute(TABLES.read_text(encoding="utf-8"))
        self._ids = count(1)
        self._customers: dict[int, int] = {}
        for relation, rows in MASTER.items():
            self.connection.executemany(f"insert into mart.{relation} values ({', '.join('?' * len(rows[0]))})", rows)
        tables = self.connection.execute("select table_name from duckdb_tables() where database_name = 'mart'").fetchall()
        self.connection.executemany("insert into mart.version values (?, ?, ?)", [[name, POSITION, POSITION] for (name,) in tables])
        self.warehouse = Warehouse(self.connection.cursor)
        self.answers = Answers(self.warehouse)

    def put(self, relation: str, **values: Any) -> dict[str, Any]:
        """One row of any relation; columns that are not named are null. Returns it."""
        names = ", ".join(values)
        self.connection.execute(f"insert into mart.{relation} ({names}) values ({', '.join('?' * len(values))})", list(values.values()))
        self.changed(relation)
        return values

    def changed(self, relation: str) -> None:
        """A relation is another one for everybody from now on."""
        ((at,),) = self.connection.execute("update mart.state set position = position + 1 returning position").fetchall()
        self.connection.execute("update mart.version set position = ?, everybody = ? where relation = ?", [at, at, relation])

    def fact(
        self, relation: str, day: date, owner: int | None = WANG, products: Iterable[int] = (CRM_SUITE,), **values: Any
    ) -> dict[str, Any]:
        """One row of a relation of facts, with what scope and filters speak of."""
        products = list(products)
        common = {
            "valid_from": day, "valid_to": FOREVER, "basis": 0, "owner_id": owner, "team_id": TEAM_OF.get(owner) if owner else None,
            "customer_id": self._customers.get(values.get("contract_id") or values.get("opportunity_id") or 0),
            "source_id": WEB, "product_ids": products, "product_mask": sum(1 << product - 1 for product in products),
        }  # fmt: skip
        columns = {row[0] for row in self.connection.execute(f"select column_name from (describe mart.{relation})").fetchall()}
        known = {name: value for name, value in ({"day": day} | common).items() if name in columns}
        return self.put(relation, **known | values)

    # ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
    def customer(self, name: str = "", owner: int | None = WANG, **values: Any) -> int:
        """A customer of `owner`; returns its id."""
        id = next(self._ids)
        self.put("customer", **{"customer_id": id, "name": name or f"客户{id}", "owner_id": owner, "team_id": _team(owner)} | values)
        return id

    def opportunity(self, title: str = "", customer: int | None = None, owner: int | None = WANG, **values: Any) -> int:
        """The record of an opportunity, as it is held today; returns its id. Facts about it are rows of their own."""
        id = next(self._ids)
        self._customers[id] = customer or self.customer(owner=owner)
        said = {"opportunity_id": id, "title": title or f"机会{id}", "owner_id": owner, "team_id": _team(owner), "status": "following"}
        self.put("opportunity_record", **said | {"customer_id": self._customers[id], "amount": 0} | values)
        return id

    def contract(self, number: str = "", customer: int | None = None, owner: int | None = WANG, **values: Any) -> int:
        """The record of a contract, as it is held today; returns its id."""
        id = next(self._ids)
        said = {"contract_id": id, "number": number or f"HT-{id:04d}", "owner_id": owner, "team_id": _team(owner), "has_plan": True}
        self._customers[id] = customer or self.customer(owner=owner)
        said |= {"status": "in_progress", "customer_id": self._customers[id], "amount": 0}
        self.put("contract_record", **said | values)
        return id

    # ── deeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    def lead(self, day: date = TODAY, owner: int | None = WANG, **values: Any) -> dict[str, Any]:
        """A lead that arrived on `day`; `converted_on`, `failed_on`, `first_handled_on` say what became of it."""
        held = {"holder_id": owner, "holder_team_id": _team(owner), "contact_name": "李先生", "company": "大地集团"}
        return self.fact("lead", day, owner, **{"lead_id": next(self._ids)} | held | values)

    def created(self, day: date = TODAY, owner: int | None = WANG, amount: Any = 100000, **values: Any) -> dict[str, Any]:
        """An opportunity that was created on `day`."""
        said = {"opportunity_id": values.get("opportunity_id") or self.opportunity(owner=owner), "amount": amount, "amount_known": True}
        return self.fact("created", day, owner, **said | values)

    def closed(
        self, status: str = "lost", day: date = TODAY, owner: int | None = WANG, amount: Any = 100000, **values: Any
    ) -> dict[str, Any]:
        """A closing: "won", "lost" (too expensive, unless said) or "stopped" (no budget)."""
        reason = {"lost": TOO_EXPENSIVE, "stopped": NO_BUDGET}.get(status)
        said = {"opportunity_id": values.get("opportunity_id") or self.opportunity(owner=owner), "status": status, "reason_id": reason}
        return self.fact("closed", day, owner, **said | {"stage_id": TALKS, "amount": amount, "amount_known": True} | values)

    def signed(self, day: date = TODAY, owner: int | None = WANG, amount: Any = 100000, **values: Any) -> dict[str, Any]:
        """A signing."""
        contract = values.get("contract_id") or self.contract(owner=owner, signed_on=day, amount=amount)
        return self.fact("signed", day, owner, **{"contract_id": contract, "amount": amount} | values)

    def received(self, day: date = TODAY, owner: int | None = WANG, amount: Any = 1000, **values: Any) -> dict[str, Any]:
        """A receipt, or a refund below zero."""
        contract = values.get("contract_id") or self.contract(owner=owner)
        return self.fact("received", day, owner, **{"receipt_id": next(self._ids), "contract_id": contract, "amount": amount} | values)

    def follow_up(self, day: date = TODAY, owner: int | None = WANG, **values: Any) -> dict[str, Any]:
        """A follow-up that `owner` wrote."""
        said = {"follow_up_id": next(self._ids), "opportunity_id": values.get("opportunity_id") or self.opportunity(owner=owner)}
        return self.fact("follow_up", day, owner, **said | values)

    def became(self, step: str, day: date = TODAY, owner: int | None = WANG, amount: Any = 0, **values: Any) -> dict[str, Any]:
        """What became of a lead that arrived on `day`: "won", "signed" or "received"."""
        said = {"lead_id": next(self._ids), "contract_id": values.get("contract_id") or self.contract(owner=owner), "step": step}
        return self.fact("cohort", day, owner, **said | {"step_day": day, "amount": amount} | values)

    # ── states ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
    def open(self, since: date = NOVEMBER, owner: int | None = WANG, amount: Any = 100000, **values: Any) -> dict[str, Any]:
        """An opportunity that has stood open, unchanged, since a day."""
        said = {"opportunity_id": values.get("opportunity_id") or self.opportunity(owner=owner), "stage_id": TALKS, "amount": amount}
        said |= {"amount_known": True, "products_varied": False, "created_on": since, "assigned_on": since}
        return self.fact("open_now", since, owner, **said | values)

    def balance(
        self, since: date = NOVEMBER, owner: int | None = WANG, amount: Any = 100000, received: Any = 0, **values: Any
    ) -> dict[str, Any]:
        """What stood on the account of a contract in progress since a day."""
        contract = values.get("contract_id") or self.contract(owner=owner, signed_on=since, amount=amount)
        amount, received = Decimal(amount), Decimal(received)
        said = {"contract_id": contract, "status": "in_progress", "signed_on": since, "amount": amount, "received": received, "cost": 0}
        said |= {"outstanding": max(amount - received, Decimal(0)), "prepaid": max(received - amount, Decimal(0)), "has_plan": True}
        return self.fact("balance", since, owner, **said | values)

    def cost(self, since: date = NOVEMBER, owner: int | None = WANG, amount: Any = 1000, **values: Any) -> dict[str, Any]:
        """A cost of a contract in progress, from the day it was paid."""
        said = {"cost_id": next(self._ids), "contract_id": values.get("contract_id") or self.contract(owner=owner), "category_id": TRAVEL}
        return self.fact("cost_state", since, owner, **said | {"status": "in_progress", "amount": amount} | values)

    def instalment(
        self, due: date = TODAY, owner: int | None = WANG, amount: Any = 10000, met: Any = 0, since: date = NOVEMBER, **values: Any
    ) -> dict[str, Any]:
        """An instalment of a contract in progress, and what has met it since a day."""
        said = {"contract_id": values.get("contract_id") or self.contract(owner=owner), "no": 1, "status": "in_progress", "due_on": due}
        said |= {"amount": amount, "met": met, "open": Decimal(amount) - Decimal(met)}
        return self.fact("instalment_state", since, owner, **said | values)

    def target(
        self, amount: Any, month: date = NOVEMBER, team: int | None = None, owner: int | None = None, **values: Any
    ) -> dict[str, Any]:
        """The target of a rep, else of a team, else of the company, for a month."""
        unit = "rep" if owner else "team" if team else "company"
        said = {"target_id": next(self._ids), "month": month, "unit": unit, "team_id": team or _team(owner), "owner_id": owner}
        return self.put("target", **said | {"amount": amount, "valid_from": LONG_AGO, "valid_to": FOREVER} | values)


def _team(owner: int | None) -> int | None:
    return TEAM_OF.get(owner) if owner else None
