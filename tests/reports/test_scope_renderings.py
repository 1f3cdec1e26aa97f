"""Both renderings of the scope agree: over the operational tables and over the warehouse, each person sees the same records."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from crm.db import reading
from crm.models import Base, Contract, Customer, Lead, Opportunity
from crm.vocabulary import Kind
from tests.reports.conftest import Demo

RECORDS = (
    (Lead, Kind.LEAD, "mart.lead", "lead_id", "holder_id", "holder_team_id"),
    (Opportunity, Kind.OPPORTUNITY, "mart.opportunity_record", "opportunity_id", "owner_id", "team_id"),
    (Contract, Kind.CONTRACT, "mart.contract_record", "contract_id", "owner_id", "team_id"),
    (Customer, Kind.CUSTOMER, "mart.customer", "customer_id", "owner_id", "team_id"),
)


@pytest.mark.parametrize(("model", "kind", "table", "key", "owner", "team"), RECORDS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_warehouse_shows_a_person_what_the_database_shows(
    model: type[Base], kind: Kind, table: str, key: str, owner: str, team: str, demo: Demo
) -> None:
    seen = {}
    for login, who in demo.actors.items():
        scope = replace(who.scope, granted=frozenset())  # what was granted may be read, and is counted in nobody's figures
        with reading(demo.engine) as session:
            expected = set(session.scalars(scope.narrow(select(model.id), model)))  # type: ignore[attr-defined]
        phrase, values = scope.visible(kind, owner, team)
        found = {row[key] for row in demo.answers.warehouse.fetch(f"select {key} from {table} where {phrase}", values)}
        assert found == expected, login
        seen[login] = len(found)
    assert seen["chen"] > seen["lin"] > seen["wang"] > 0
