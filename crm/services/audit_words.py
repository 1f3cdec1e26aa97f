"""What the values of the audit log mean: a record that is named by its number as people call it, a word of the vocabulary, an amount.

The log keeps columns as they stand. To be read they are spoken: `{"owner_id": 3}` becomes `{"owner_id": "王"}`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Enum, select
from sqlalchemy.orm import Session

from crm.models import (
    Base,
    Campaign,
    CompetitionFactor,
    Competitor,
    Contact,
    Contract,
    CostCategory,
    Customer,
    Department,
    FollowUpMethod,
    Lead,
    LeadSource,
    LossReason,
    Opportunity,
    Product,
    Stage,
    Team,
    User,
)
from crm.models.base import Money

CALLED: Mapping[str, Any] = {
    model.__tablename__: column
    for model, column in (
        (User, User.name), (Team, Team.name), (Department, Department.name), (Stage, Stage.name), (LeadSource, LeadSource.name),
        (Campaign, Campaign.name), (Product, Product.name), (LossReason, LossReason.name), (Competitor, Competitor.name),
        (CompetitionFactor, CompetitionFactor.name), (CostCategory, CostCategory.name), (FollowUpMethod, FollowUpMethod.name),
        (Customer, Customer.name), (Contact, Contact.name), (Lead, Lead.contact_name), (Opportunity, Opportunity.title),
        (Contract, Contract.number),
    )
}  # fmt: skip
"""The column by which people call the records of a table."""

Values = Mapping[str, Any]
Names = Mapping[tuple[str, int], str]
MODELS: Mapping[str, type[Base]] = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
"""Every table's class."""


def names(session: Session, said: Iterable[tuple[str, Values | None]]) -> Names:
    """What the records are called that these values of these tables name by their numbers; asked once for each table."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for table, values in said:
        for target, id in _references(MODELS.get(table), values or {}):
            wanted[target].add(id)
    found: dict[tuple[str, int], str] = {}
    for target, ids in wanted.items():
        key: Any = MODELS[target].__table__.c.id
        found |= {(target, id): str(name) for id, name in session.execute(select(key, CALLED[target]).where(key.in_(ids)))}
    return found


def spoken(table: str, values: Values | None, known: Names) -> Values | None:
    """`values` of a record of `table` with names, words and amounts in place of what the columns hold."""
    model = MODELS.get(table)
    return values if values is None or model is None else _spoken(model, values, known)


def _spoken(model: type[Base], values: Values, known: Names) -> dict[str, Any]:
    return {name: _value(model, name, value, known) for name, value in values.items()}


def _value(model: type[Base], name: str, value: Any, known: Names) -> Any:
    part = _part(model, name)
    if part is not None and isinstance(value, list):
        return [_spoken(part, row, known) for row in value]
    column = model.__table__.c.get(name)
    if column is None or value is None:
        return value
    target = _target(column)
    if target and isinstance(value, int):
        return known.get((target, value), value)
    if isinstance(column.type, Enum) and column.type.enum_class and isinstance(value, str):
        return column.type.enum_class(value)
    return Decimal(value) if isinstance(column.type, Money) and isinstance(value, str) else value


def _references(model: type[Base] | None, values: Values) -> Iterator[tuple[str, int]]:
    """The records that these values name: table and number."""
    for name, value in values.items() if model is not None else ():
        assert model is not None
        part = _part(model, name)
        if part is not None and isinstance(value, list):
            for row in value:
                yield from _references(part, row)
        column = model.__table__.c.get(name)
        target = _target(column) if column is not None else None
        if target and isinstance(value, int):
            yield target, value


def _target(column: Any) -> str | None:
    """The table that a column refers to, where its records have names."""
    found = next((key.column.table.name for key in column.foreign_keys), None)
    return found if found in CALLED else None


def _part(model: type[Base], name: str) -> type[Base] | None:
    """The class of the rows that a record has under this name."""
    relation = model.__mapper__.relationships.get(name)
    return relation.mapper.class_ if relation is not None else None
