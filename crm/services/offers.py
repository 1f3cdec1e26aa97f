"""What forms and filters offer to choose from: master data in use, and of people, teams and customers those within reach."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import Session

from crm.models import (
    Base,
    Campaign,
    Competitor,
    CompetitorAlias,
    Contact,
    CostCategory,
    Customer,
    Department,
    FollowUpMethod,
    LeadSource,
    LossReason,
    Product,
    Stage,
    Team,
    User,
    UserRole,
)
from crm.scope import Actor
from crm.services.customers import HOLDS_CUSTOMERS, has_room
from crm.services.reach import acting, reaches_company
from crm.vocabulary import Kind, LossKind, Permission, Reach, Role

Offer = tuple[int, str]
"""The id of a value and what it is called."""

MOST = 50
"""Customers offered for what was typed; who wants another types more."""


def stages(session: Session, *, by_hand: bool = False, keep: int | None = None) -> list[Offer]:
    """The stages in their order; `by_hand` without those that the system sets, but for the one to `keep`."""
    settable = Stage.active if not by_hand else Stage.active & Stage.meaning.is_(None)
    return _offers(session, select(Stage.id, Stage.name).where(or_(settable, Stage.id == keep)).order_by(Stage.position, Stage.id))


def sources(session: Session, keep: Sequence[int] = ()) -> list[Offer]:
    """The lead sources in use, and those to `keep`."""
    return _active(session, LeadSource, keep)


def campaigns(session: Session, keep: Sequence[int] = ()) -> list[Offer]:
    """The campaigns in use, and those to `keep`."""
    return _active(session, Campaign, keep)


def sellers(session: Session, actor: Actor, kind: Kind) -> list[Offer]:
    """Whom the person may give a record of this kind: who sells within the reach of their assigning, and themselves if they sell."""
    sells = select(User.id, User.name).where(
        User.active, User.id.in_(select(UserRole.user_id).where(UserRole.role.in_((Role.REP, Role.TEAM_LEAD))))
    )
    if not reaches_company(actor, Permission.ASSIGN, kind):
        mine = sorted(actor.scope.team_ids) if actor.may(Permission.ASSIGN, kind) else []
        sells = sells.where(or_(User.team_id.in_(mine), User.id == actor.user_id))
    return _offers(session, sells.order_by(User.id))


def teams_for(session: Session, actor: Actor, customer: Customer) -> list[Offer]:
    """Where the person may send the customer: to any team in use, who assigns over the company; else only within the one that it has."""
    if not actor.may(Permission.ASSIGN, Kind.CUSTOMER):
        return []
    open_to = Team.active if reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER) else false()
    return _offers(session, select(Team.id, Team.name).where(or_(open_to, Team.id == customer.team_id)).order_by(Team.id))


def takers(session: Session, actor: Actor, customer: Customer, team_id: int | None) -> list[Offer]:
    """Who of a team may be given the customer by this person (`customers.assign`), and who has it."""
    if team_id is None or team_id not in dict(teams_for(session, actor, customer)):
        return []
    sells = select(UserRole.user_id).where(UserRole.role.in_(HOLDS_CUSTOMERS))
    members = select(User).where(User.team_id == team_id, User.active, User.id.in_(sells)).order_by(User.id)
    return [(one.id, one.name) for one in session.scalars(members) if one.id == customer.owner_id or has_room(session, one)]


def seen(session: Session, actor: Actor, model: type[Base], record_id: int) -> bool:
    """Whether the person sees this record."""
    key = model.__table__.c.id
    return session.scalar(actor.scope.narrow(select(key), model).where(key == record_id)) is not None


def products(session: Session, keep: Sequence[int] = ()) -> list[Offer]:
    """The products in use, and those to `keep`."""
    return _active(session, Product, keep)


def list_prices(session: Session) -> dict[int, Decimal]:
    """What each product in use costs by the list."""
    return dict(session.execute(select(Product.id, Product.list_price).where(Product.active)).all())


def cost_categories(session: Session) -> list[Offer]:
    """What money is spent for."""
    return _active(session, CostCategory)


def methods(session: Session, keep: Sequence[int] = ()) -> list[Offer]:
    """How a customer can be spoken to, in the order in which the company listed it, and those to `keep`."""
    return _active(session, FollowUpMethod, keep)


def departments(session: Session, keep: Sequence[int] = ()) -> list[Offer]:
    """Where problems can be sent, and those to `keep`."""
    return _active(session, Department, keep)


def competitors(session: Session, keep: Sequence[int] = ()) -> list[Offer]:
    """Who else can win, and those to `keep`."""
    return _active(session, Competitor, keep)


def other_names(session: Session) -> dict[int, str]:
    """The other names of each competitor, under which people look for it."""
    found: dict[int, list[str]] = {}
    aliases = select(CompetitorAlias.competitor_id, CompetitorAlias.name).order_by(CompetitorAlias.name)
    for competitor_id, name in session.execute(aliases):
        found.setdefault(competitor_id, []).append(name)
    return {competitor_id: " ".join(names) for competitor_id, names in found.items()}


def reasons(session: Session, kind: LossKind) -> list[Offer]:
    """Why an opportunity can be lost, or stopped."""
    return _offers(
        session, select(LossReason.id, LossReason.name).where(LossReason.active, LossReason.kind == kind).order_by(LossReason.id)
    )


def contacts(session: Session, customer_id: int) -> list[Offer]:
    """The contacts of a customer that the person has found within reach."""
    mine = select(Contact.id, Contact.name, Contact.title).where(Contact.customer_id == customer_id).order_by(Contact.id)
    return [(id, f"{name} · {title}" if title else name) for id, name, title in session.execute(mine)]


def customers(session: Session, actor: Actor, text: str, keep: int | None = None) -> list[Offer]:
    """Customers with whom the person may open an opportunity and whose name contains `text`; the one to `keep` among them."""
    scope = acting(actor, Permission.CREATE, Kind.OPPORTUNITY, Customer)
    statement = scope.narrow(select(Customer.id, Customer.name), Customer)
    named = Customer.name.icontains(text.strip()[:100], autoescape=True)
    found = _offers(session, statement.where(named).order_by(Customer.id.desc()).limit(MOST))
    kept = [] if keep is None or keep in dict(found) else _offers(session, statement.where(Customer.id == keep))
    return kept + found


def teams(session: Session, actor: Actor, kind: Kind = Kind.OPPORTUNITY) -> list[Offer]:
    """The teams whose records of this kind the person sees."""
    statement = select(Team.id, Team.name).order_by(Team.id)
    match actor.scope.over(kind):
        case Reach.COMPANY:
            return _offers(session, statement)
        case Reach.TEAMS:
            return _offers(session, statement.where(Team.id.in_(sorted(actor.scope.team_ids))))
    return []


def reps(session: Session, actor: Actor, kind: Kind = Kind.OPPORTUNITY) -> list[Offer]:
    """The people whose records of this kind the person sees, besides their own."""
    statement = select(User.id, User.name).where(User.team_id.is_not(None)).order_by(User.id)
    match actor.scope.over(kind):
        case Reach.COMPANY:
            return _offers(session, statement)
        case Reach.TEAMS:
            return _offers(session, statement.where(User.team_id.in_(sorted(actor.scope.team_ids))))
    return []


def leaders(session: Session, keep: Sequence[int] = ()) -> list[Offer]:
    """Who can lead a team: people with the role, and those to `keep`."""
    leads = select(UserRole.user_id).where(UserRole.role == Role.TEAM_LEAD)
    shown = or_(User.active & User.id.in_(leads), User.id.in_(keep))
    return _offers(session, select(User.id, User.name).where(shown).order_by(User.id))


def names(session: Session, model: type[Base]) -> dict[int, str]:
    """What all values of a list are called, retired ones too, by id."""
    columns: Any = model
    return dict(session.execute(select(columns.id, columns.name)).all())


def values(session: Session, model: type[Base], keep: Sequence[int] = ()) -> list[Offer]:
    """The values of a list in use, and those to `keep`."""
    return _active(session, model, keep)


def _active(session: Session, model: type[Base], keep: Sequence[int] = ()) -> list[Offer]:
    columns: Any = model
    shown = or_(columns.active, columns.id.in_(keep)) if keep else columns.active
    return _offers(session, select(columns.id, columns.name).where(shown).order_by(columns.id))


def _offers(session: Session, statement: Select[int, str]) -> list[Offer]:
    return [(id, name) for id, name in session.execute(statement)]
