"""How the long lists of master data look: accounts, products and competitors, the state in front."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc
from sqlalchemy.orm import Session

from crm.models import Department, Team
from crm.scope import Actor
from crm.services import master_lists, offers
from crm.services.master_lists import ACCOUNTS, COMPETITORS, PRODUCTS, Account, Offered
from crm.vocabulary import Kind, Permission, PriceLevel, Role, Standing
from dashboard import session
from dashboard.components.record_list import Choices, Field, ListPage, choices_of
from dashboard.i18n import N_, _, moment, word

HEIGHT = "calc(100vh - 260px)"
"""What is left below the ways between lists."""

STATE = Field("state", N_("State"), "badge", words=Standing, width=88)


def _words(*sets: Any) -> list[list[tuple[str, str]]]:
    return [[(one.value, word(one)) for one in words] for words in sets]


def _account_offers(opened: Session, _actor: Actor) -> Choices:
    states, roles = _words(Standing, Role)
    teams, departments = (list(offers.names(opened, model).items()) for model in (Team, Department))
    return choices_of({"state": states, "role": roles, "team": teams, "department": departments}, as_they_are=("state", "role"))


def _product_offers(opened: Session, _actor: Actor) -> Choices:
    known = [(name, name) for name in master_lists.categories(opened)]
    return choices_of({"state": _words(Standing)[0], "category": known}, as_they_are=("state",))


def _competitor_offers(_opened: Session, _actor: Actor) -> Choices:
    states, levels = _words(Standing, PriceLevel)
    return choices_of({"state": states, "price_level": levels}, as_they_are=("state", "price_level"))


def _new(kind: Kind, address: str, title: str, actor: Actor) -> Sequence[Any]:
    if not actor.may(Permission.CREATE, kind):
        return ()
    return (dcc.Link(_(title), href=f"{address}/new", className="button primary"),)


def _to(address: str, kind: Kind) -> Callable[[Any], str | None]:
    """A row leads to its form, for who may change it."""
    return lambda row: f"{address}/{row.id}" if session.actor().may(Permission.UPDATE, kind) else None


def _last_seen(account: Account) -> str | None:
    return moment(account.last_sign_in_at, ZoneInfo(session.company().zone)) if account.last_sign_in_at else None


def _tax(product: Offered) -> str:
    return f"{(Decimal(product.tax_rate_bp) / 100).normalize():f} %"


USERS_PAGE = ListPage(
    ACCOUNTS,
    title=N_("Users"),
    kind=Kind.MASTER,
    fields=(
        STATE,
        Field("name", N_("Person's name"), opens=True, width=112, flex=2),
        Field("login", N_("Account"), width=152, flex=1),
        Field("roles", N_("Roles"), of=lambda row: ", ".join(word(role) for role in row.roles), width=160, flex=2),
        Field("team", N_("Team"), width=112, flex=1),
        Field("department", N_("Department"), width=112, flex=1),
        Field("customer_limit", N_("Limit of open customers"), "count", width=168),
        Field("last", N_("Last sign-in"), "moment", of=_last_seen, width=144),
    ),
    filters={"state": N_("State"), "role": N_("Roles"), "team": N_("Team"), "department": N_("Department")},
    offers=_account_offers,
    counted=N_("{count} accounts"),
    many=N_("More than {most} accounts"),
    seek=N_("Search name or account"),
    opens=_to("/master/people/users", Kind.MASTER),
    actions=partial(_new, Kind.MASTER, "/master/people/users", N_("New account")),
    path="/master/people/users",
    height=HEIGHT,
)

PRODUCTS_PAGE = ListPage(
    PRODUCTS,
    title=N_("Products"),
    kind=Kind.MASTER,
    fields=(
        STATE,
        Field("code", N_("Code"), width=112, flex=1),
        Field("name", N_("Name"), opens=True, width=152, flex=3),
        Field("category", N_("Category"), width=112, flex=1),
        Field("unit", N_("Unit"), width=72, flex=1),
        Field("list_price", N_("List price"), "money", width=128),
        Field("floor_price", N_("Floor price"), "money", width=128),
        Field("tax", N_("Tax rate %"), of=_tax, width=96),
    ),
    filters={"state": N_("State"), "category": N_("Category")},
    offers=_product_offers,
    counted=N_("{count} products"),
    many=N_("More than {most} products"),
    seek=N_("Search code or name"),
    opens=_to("/master/products/products", Kind.MASTER),
    actions=partial(_new, Kind.MASTER, "/master/products/products", N_("New")),
    path="/master/products/products",
)

COMPETITORS_PAGE = ListPage(
    COMPETITORS,
    title=N_("Competitors"),
    kind=Kind.COMPETITOR,
    fields=(
        STATE,
        Field("name", N_("Name"), opens=True, width=152, flex=2),
        Field("products", N_("Products"), width=152, flex=2),
        Field("price_level", N_("Price level"), "word", of=lambda row: word(row.price_level), width=128, flex=1),
    ),
    filters={"state": N_("State"), "price_level": N_("Price level")},
    offers=_competitor_offers,
    counted=N_("{count} competitors"),
    many=N_("More than {most} competitors"),
    seek=N_("Search name or product"),
    opens=_to("/master/competitors/competitors", Kind.COMPETITOR),
    actions=partial(_new, Kind.COMPETITOR, "/master/competitors/competitors", N_("New")),
    path="/master/competitors/competitors",
)

LISTS = {"users": USERS_PAGE, "products": PRODUCTS_PAGE, "competitors": COMPETITORS_PAGE}
"""The lists of master data that are paged, by their key."""
