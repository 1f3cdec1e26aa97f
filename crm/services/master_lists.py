"""Master data that may grow: accounts, products and competitors as lists that the server pages, narrows and searches.

They are short beside what people do with them: what is sought is looked at row by row, and their rows are put in order by `list_short`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from crm.models import Competitor, CompetitorAlias, Department, Product, Team, User, UserRole
from crm.services.list_terms import Filter, Related, Sort, among
from crm.services.lists import RecordList
from crm.vocabulary import PriceLevel, Role, Standing


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signs in, or did."""

    id: int
    state: Standing
    name: str
    login: str
    roles: tuple[Role, ...]
    team: str | None
    department: str | None
    customer_limit: int | None
    last_sign_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class Offered:
    """A product."""

    id: int
    state: Standing
    code: str
    name: str
    category: str
    unit: str
    list_price: Decimal
    floor_price: Decimal
    tax_rate_bp: int


@dataclass(frozen=True, slots=True)
class Rival:
    """A competitor."""

    id: int
    state: Standing
    name: str
    products: str
    price_level: PriceLevel


def _standing(active: bool) -> Standing:
    return Standing.IN_USE if active else Standing.RETIRED


def _accounts(session: Session, ids: Sequence[int]) -> list[Account]:
    held: dict[int, list[Role]] = {}
    for user_id, role in session.execute(select(UserRole.user_id, UserRole.role).where(UserRole.user_id.in_(ids)).order_by(UserRole.role)):
        held.setdefault(user_id, []).append(role)
    statement = (
        select(User, Team.name, Department.name)
        .join(Team, Team.id == User.team_id, isouter=True)
        .join(Department, Department.id == User.department_id, isouter=True)
        .where(User.id.in_(ids))
    )
    return [
        Account(
            user.id, _standing(user.active), user.name, user.login, tuple(held.get(user.id, ())), team, department, user.customer_limit,
            user.last_sign_in_at,
        )
        for user, team, department in session.execute(statement)
    ]  # fmt: skip


def _products(session: Session, ids: Sequence[int]) -> list[Offered]:
    return [
        Offered(
            product.id, _standing(product.active), product.code, product.name, product.category, product.unit, product.list_price,
            product.floor_price, product.tax_rate_bp,
        )
        for product in session.scalars(select(Product).where(Product.id.in_(ids)))
    ]  # fmt: skip


def _competitors(session: Session, ids: Sequence[int]) -> list[Rival]:
    found = session.scalars(select(Competitor).where(Competitor.id.in_(ids)))
    return [Rival(one.id, _standing(one.active), one.name, one.products, one.price_level) for one in found]


def _in_state(model: Any) -> Filter:
    """In use, retired, or either."""

    def condition(_session: Session, chosen: Sequence[Standing], _along: bool) -> ColumnElement[bool]:
        found: ColumnElement[bool] = model.active.in_([one is Standing.IN_USE for one in chosen])
        return found

    return Filter(Standing, condition)


def _with_role(_session: Session, roles: Sequence[Role], _along: bool) -> ColumnElement[bool]:
    return User.id.in_(select(UserRole.user_id).where(UserRole.role.in_(roles)))


def _text(value: Any) -> str:
    return str(value)[:200]


def categories(session: Session) -> list[str]:
    """What products are sorted into."""
    return [name for name in session.scalars(select(Product.category).distinct()) if name]


def _listed(
    key: str, model: Any, rows: Callable[[Session, Sequence[int]], Sequence[Any]], sorts: dict[str, Sort], filters: dict[str, Filter],
    searched: Sequence[Any], related: Sequence[Related] = (),
) -> RecordList[Any]:  # fmt: skip
    return RecordList(
        key, model, sorts, {"state": _in_state(model)} | filters, rows, searched, related, descending=False, short=True
    )


ACCOUNTS = _listed(
    "accounts", User, _accounts,
    {"login": Sort(User.login), "name": Sort(User.name), "customer_limit": Sort(User.customer_limit, nullable=True)},
    {"role": Filter(Role, _with_role), "team": among(User.team_id), "department": among(User.department_id)},
    (User.name, User.login),
)  # fmt: skip

PRODUCTS = _listed(
    "products", Product, _products,
    {"code": Sort(Product.code), "name": Sort(Product.name), "list_price": Sort(Product.list_price)},
    {"category": among(Product.category, _text)},
    (Product.code, Product.name),
)  # fmt: skip


def _levels(_session: Session) -> Sequence[StrEnum]:
    return tuple(PriceLevel)


COMPETITORS = _listed(
    "competitors", Competitor, _competitors,
    {"name": Sort(Competitor.name), "price_level": Sort(Competitor.price_level, ranks=_levels)},
    {"price_level": among(Competitor.price_level, PriceLevel)},
    (Competitor.name, Competitor.products),
    (Related(CompetitorAlias, (CompetitorAlias.name,), back=CompetitorAlias.__table__.c.competitor_id),),
)  # fmt: skip
