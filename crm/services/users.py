"""The verbs of an account 用户: create, change, give a new password, deactivate."""

from datetime import date
from typing import Annotated, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from crm import audit
from crm.errors import CrmError, NotAllowed, NotFound
from crm.models import (
    Department,
    Product,
    Team,
    TeamMembership,
    User,
    UserRole,
    UserStrength,
)
from crm.scope import Actor
from crm.services import holdings, notices
from crm.services.input_faults import Missing, NotAChoice, Unreadable
from crm.services.input_types import Line, OptionalLine, Position, Reference
from crm.services.inputs import Control, Faults, Input, field, separated
from crm.services.people import LANGUAGES, check_password, hash_password
from crm.services.reach import chosen, require
from crm.services.versions import check_unchanged, grow
from crm.vocabulary import (
    N_,
    AuditAct,
    Kind,
    Parting,
    Permission,
    Role,
    StrengthKind,
)

IN_A_TEAM = frozenset({Role.REP, Role.TEAM_LEAD})
"""The roles that sell, and so belong to a team."""


class LoginTaken(CrmError):
    """Account names are unique in the company."""

    message = N_("There is an account with this name already.")


class NotOneself(CrmError):
    """Nobody locks themselves out."""

    message = N_("You can't do this to your own account.")


class LastAdministrator(CrmError):
    """Somebody must be able to administer."""

    message = N_("{person} is the only administrator.")


class PartingNotSaid(CrmError):
    """Whoever changes team, or sells no more, holds something open."""

    message = N_("{person} holds {count} open records: please say what becomes of them.")


class CannotGoAlong(CrmError):
    """Open work belongs to somebody who sells, in a team."""

    message = N_("Who sells no more, or belongs to no team, takes nothing along.")


class DescribeUser(Input):
    """Who somebody is in the company."""

    name: Annotated[Line, field(N_("Person's name"))]
    roles: Annotated[tuple[Role, ...], field(N_("Roles"), Control.CHOICES)]
    team_id: Annotated[Reference | None, field(N_("Team"), Control.CHOICE, offers="teams")] = None
    department_id: Annotated[Reference | None, field(N_("Department"), Control.CHOICE, offers="departments")] = None
    customer_limit: Annotated[Position | None, field(N_("Limit of open customers"), Control.COUNT)] = None
    language: Annotated[Line, field(N_("Language"), Control.CHOICE, offers="languages")] = "zh"
    strong_products: Annotated[tuple[Reference, ...], field(N_("Strong in products"), Control.CHOICES, offers="products")] = ()
    strong_industries: Annotated[OptionalLine, field(N_("Strong in industries"), hint=N_("Several with commas between."))] = ""
    strong_regions: Annotated[OptionalLine, field(N_("Strong in regions"), hint=N_("Several with commas between."))] = ""


class CreateUser(DescribeUser):
    """A new account; its first password is changed at the first sign-in."""

    login: Annotated[Line, field(N_("Account"))]
    password: Annotated[str, field(N_("First password"), Control.PASSWORD)]


class EditUser(DescribeUser):
    """The same of an account that is there; and what becomes of the person's open work where the team changes."""

    parting: Annotated[
        Parting | None, field(N_("Open work when the team changes"), Control.CHOICE, hint=N_("Asked only where the team changes."))
    ] = None


class NewPassword(Input):
    """A password that somebody is given, and changes at the next sign-in."""

    password: Annotated[str, field(N_("New password"), Control.PASSWORD)]


def create(session: Session, actor: Actor, values: CreateUser, *, today: date) -> User:
    """Give somebody an account."""
    require(actor, Permission.CREATE, Kind.MASTER)
    login = values.login.lower()
    faults = _described(session, values)
    if not login.isprintable() or " " in login:
        faults.add("login", Unreadable(character=" "))
    if session.scalar(select(User.id).where(User.login == login)) is not None:
        faults.add("login", LoginTaken())
    with faults.against("password"):
        check_password(login, values.password)
    strengths = _strengths(session, values, faults)
    faults.raise_any()
    user = User(
        login=login, name=values.name, password_hash=hash_password(values.password), must_change_password=True, team_id=values.team_id,
        department_id=values.department_id, customer_limit=values.customer_limit, language=values.language,
        roles=[UserRole(role=role) for role in dict.fromkeys(values.roles)], strengths=strengths,
    )  # fmt: skip
    session.add(user)
    audit.created(session, actor, user, "roles", "strengths")
    _join(session, user, None, today)
    return user


def edit(session: Session, actor: Actor, user_id: int, values: EditUser, *, version: int, today: date) -> User:
    """Change who somebody is. Where they change team or sell no more, what they hold goes along or stays, as the form says; their
    deeds stay where they were done."""
    user = _user(session, actor, user_id)
    check_unchanged(session, user, version, "roles", "strengths")
    faults = _described(session, values, user)
    strengths = _strengths(session, values, faults, user)
    if Role.ADMINISTRATOR not in values.roles:
        with faults.against("roles"):
            _check_administered(session, user)
    faults.raise_any()
    before = user.team_id
    if _parts(user, values):
        _pass_on(session, actor, user, values, today)
    with audit.changing(session, actor, user, "roles", "strengths"):
        user.strengths = strengths
        user.name, user.team_id, user.department_id = values.name, values.team_id, values.department_id
        user.customer_limit, user.language = values.customer_limit, values.language
        wanted = dict.fromkeys(values.roles)
        user.roles = [held for held in user.roles if held.role in wanted] + [
            UserRole(role=role) for role in wanted if role not in {held.role for held in user.roles}
        ]
        grow(user, "roles", "strengths")
    _join(session, user, before, today)
    return user


def _parts(user: User, values: EditUser) -> bool:
    """Whether the person leaves their team, or what sells."""
    sold, sells = IN_A_TEAM & {held.role for held in user.roles}, IN_A_TEAM & set(values.roles)
    return values.team_id != user.team_id or bool(sold and not sells)


def _pass_on(session: Session, actor: Actor, user: User, values: EditUser, today: date) -> None:
    """Let what the person holds go along or stay, as was said; both leads are told. A team that they lead gets another leader first."""
    held = dict(holdings.holds(session, user.id))
    led = held.pop(holdings.TEAMS_LED, 0)
    holdings.refuse_held(user, {holdings.TEAMS_LED: led} if led else {})
    if not held:
        return
    count, along, faults = sum(held.values()), values.parting is Parting.GOES_ALONG, Faults()
    with faults.against("parting"):
        if values.parting is None:
            raise PartingNotSaid(person=user.name, count=count)
        if along and (values.team_id is None or not IN_A_TEAM & set(values.roles)):
            raise CannotGoAlong()
        team_id, owner_id = (values.team_id, user.id) if along else (user.team_id, None)
        holdings.pass_on(session, actor, user, team_id, owner_id, why="", today=today)
    faults.raise_any()
    team = session.get(Team, team_id) if team_id else None
    if team:
        message = N_("{by} moved {person} to your team, with {count} open records.") if along else N_(
            "{by} moved {person} elsewhere: {count} open records stay with your team."
        )  # fmt: skip
        notices.tell(session, team.leader_id, message, team, team.id, by=actor, person=user.name, count=str(count))


def give_password(session: Session, actor: Actor, user_id: int, values: NewPassword) -> User:
    """Give somebody who forgot theirs a new password, to be changed at the next sign-in; all their sessions end."""
    user = _user(session, actor, user_id)
    faults = Faults()
    with faults.against("password"):
        check_password(user.login, values.password)
    faults.raise_any()
    user.password_hash, user.must_change_password = hash_password(values.password), True
    user.session_epoch += 1
    audit.write(session, actor, AuditAct.CHANGED, User.__tablename__, user.id, after={"password": "given"})
    session.flush()
    return user


def deactivate(session: Session, actor: Actor, user_id: int, *, version: int) -> User:
    """Let somebody act no longer: their sessions end at once, their records stay. Refused while anything open is theirs."""
    user = _user(session, actor, user_id)
    check_unchanged(session, user, version, "roles")
    if user.id == actor.user_id:
        raise NotOneself()
    _check_administered(session, user)
    holdings.check_holds_nothing(session, user)
    with audit.changing(session, actor, user, "roles"):
        user.active = False
        user.session_epoch += 1
    return user


def activate(session: Session, actor: Actor, user_id: int) -> User:
    """Let somebody who had left act again."""
    user = _user(session, actor, user_id)
    with audit.changing(session, actor, user, "roles"):
        user.active = True
    return user


def _user(session: Session, actor: Actor, user_id: int) -> User:
    if not actor.may(Permission.UPDATE, Kind.MASTER):
        raise NotAllowed()
    user = session.scalar(select(User).where(User.id == user_id).options(selectinload(User.roles), selectinload(User.strengths)))
    if user is None:
        raise NotFound()
    return user


def _described(session: Session, values: DescribeUser, standing: User | None = None) -> Faults:
    faults = Faults()
    chosen(session, Team, values.team_id, faults, "team_id", keep=standing.team_id if standing else None)
    chosen(session, Department, values.department_id, faults, "department_id", keep=standing.department_id if standing else None)
    if not values.roles:
        faults.add("roles", Missing())
    if IN_A_TEAM & set(values.roles) and values.team_id is None:
        faults.add("team_id", Missing())
    if Role.SERVICE in values.roles and values.department_id is None:
        faults.add("department_id", Missing())
    if values.language not in LANGUAGES:
        faults.add("language", NotAChoice())
    return faults


def _strengths(session: Session, values: DescribeUser, faults: Faults, standing: User | None = None) -> list[UserStrength]:
    """What the person is strong in: the rows that stand already, and new ones for what was added."""
    known = {(held.kind, held.value): held for held in standing.strengths} if standing else {}
    kept = {held.product_id for held in known.values()}
    wanted: dict[tuple[StrengthKind, str], int | None] = {}
    for id in dict.fromkeys(values.strong_products):
        product = chosen(session, Product, id, faults, "strong_products", keep=id if id in kept else None)
        if product:
            wanted[StrengthKind.PRODUCT, product.name] = product.id
    for kind, text in ((StrengthKind.INDUSTRY, values.strong_industries), (StrengthKind.REGION, values.strong_regions)):
        wanted |= {(kind, word): None for word in separated(text)}
    return [
        known.get((kind, value)) or UserStrength(kind=kind, value=value, product_id=product_id)
        for (kind, value), product_id in wanted.items()
    ]


def strengths_of(user: User) -> dict[str, Any]:
    """The person's strengths as the form shows them."""
    by_kind = {kind: [held for held in user.strengths if held.kind is kind] for kind in StrengthKind}
    return {
        "strong_products": [held.product_id for held in by_kind[StrengthKind.PRODUCT] if held.product_id is not None],
        "strong_industries": ", ".join(held.value for held in by_kind[StrengthKind.INDUSTRY]),
        "strong_regions": ", ".join(held.value for held in by_kind[StrengthKind.REGION]),
    }


def found(session: Session, actor: Actor, user_id: int) -> User:
    """The account with roles and strengths, for who administers."""
    return _user(session, actor, user_id)


def _check_administered(session: Session, user: User) -> None:
    """Refuse to take the last active administrator away."""
    others = (
        select(func.count())
        .select_from(UserRole)
        .join(User, User.id == UserRole.user_id)
        .where(UserRole.role == Role.ADMINISTRATOR, User.active, User.id != user.id)
    )
    if Role.ADMINISTRATOR in {held.role for held in user.roles} and not session.scalar(others):
        raise LastAdministrator(person=user.name)


def _join(session: Session, user: User, before: int | None, today: date) -> None:
    """Keep from when on somebody belongs to which team."""
    if user.team_id == before:
        return
    standing = session.scalar(select(TeamMembership).where(TeamMembership.user_id == user.id, TeamMembership.until_on.is_(None)))
    if standing:
        standing.until_on = today
    if user.team_id is not None:
        session.add(TeamMembership(user_id=user.id, team_id=user.team_id, from_on=today))
    session.flush()
