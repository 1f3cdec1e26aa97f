"""The list of contracts: each with its money, and for each person those within reach."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.services.contract_list import CONTRACTS
from tests.people import TODAY, ZHAO, a_contract, a_receipt, actor

D = Decimal


def numbers(session: Session, login: str, **wished: Any) -> list[str]:
    """What a person finds, in the order of the list."""
    return [row.number for row in CONTRACTS.page(session, actor(session, login), CONTRACTS.asked(wished))]


def test_each_shows_what_came_in_and_what_is_to_come(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, "HT-1", amount="1000")
        a_receipt(session, contract, "600", TODAY)
        a_receipt(session, contract, "-100", TODAY)
        a_receipt(session, contract, "400", TODAY, cancelled=TODAY)
        a_contract(session, "HT-2", amount="50")
        rows = {row.number: (row.received, row.outstanding) for row in CONTRACTS.page(session, actor(session, "fang"), CONTRACTS.asked({}))}
        assert rows == {"HT-1": (D("500.00"), D("500.00")), "HT-2": (D("0.00"), D("50.00"))}


def test_everybody_finds_those_within_reach(engine: Engine) -> None:
    with transaction(engine) as session:
        a_contract(session, "HT-1", amount="10", signed=date(2026, 5, 1), completed=date(2026, 6, 1))
        a_contract(session, "HT-2", amount="30", signed=date(2026, 4, 1))
        a_contract(session, "HT-3", amount="20", signed=date(2026, 6, 1), owner=ZHAO)
        for login, found in {
            "wang": ["HT-1", "HT-2"], "lin": ["HT-1", "HT-2"], "zhao": ["HT-3"], "sun": ["HT-3"], "mei": [], "xia": [], "ada": [],
            "chen": ["HT-3", "HT-1", "HT-2"], "fang": ["HT-3", "HT-1", "HT-2"],
        }.items():  # fmt: skip
            assert numbers(session, login) == found, login
        assert numbers(session, "fang", sort="amount", dir="asc") == ["HT-1", "HT-3", "HT-2"]
        assert numbers(session, "fang", status="completed") == ["HT-1"]
        assert numbers(session, "wang", rep=str(ZHAO)) == numbers(session, "wang", q="HT-3") == []
        assert numbers(session, "fang", q="HT-3") == ["HT-3"]
