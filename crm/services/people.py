"""Who acts, and how they show who they are: roles, teams led or stood in for; signing in and out, passwords, habits.

Passwords are kept as argon2id hashes. A refused sign-in says nothing about the account, neither in words nor in time.
"""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated, Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.orm import Session

from crm import audit
from crm.errors import CrmError, NotFound
from crm.models import Deputy, OpportunityReader, SignInAttempt, Team, User, UserRole
from crm.permissions import permissions_of
from crm.scope import Actor, scope_of
from crm.services.input_faults import Missing
from crm.services.inputs import Control, Faults, Input, field
from crm.vocabulary import N_, AuditAct, Role

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000
"""Characters; beyond the longest nobody's password is compared."""

FREE_ATTEMPTS_OF_ACCOUNT, FREE_ATTEMPTS_OF_ADDRESS = 5, 20
"""Refused sign-ins in a row (of one account; from one address, behind which a whole office may sit) before each next one must wait."""

FORGOTTEN_AFTER = timedelta(minutes=15)
"""How long a refused sign-in counts, and the longest anybody waits."""

LANGUAGES, THEMES = ("zh", "en"), ("system", "light", "dark")

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

STANDS_IN = frozenset({Role.TEAM_LEAD, Role.EXECUTIVE})
"""The roles that can be taken over by a deputy."""


def actor_of(session: Session, user_id: int, today: date) -> Actor:
    """The person as they act on `today`; `NotFound` for who does not exist or is no longer active."""
    user = session.scalar(select(User).where(User.id == user_id, User.active))
    if user is None:
        raise NotFound()
    own = set(session.scalars(select(UserRole.role).where(UserRole.user_id == user_id)))
    principals = _principals(session, user_id, today)
    roles = frozenset(own | {role for held in principals.values() for role in held & STANDS_IN})
    leaders = [principal for principal, held in principals.items() if Role.TEAM_LEAD in held] + [user_id]
    teams = frozenset(session.scalars(select(Team.id).where(Team.leader_id.in_(leaders))))
    department = user.department_id if Role.SERVICE in roles else None
    scope = scope_of(user_id, roles, teams, _opened_to(session, user_id), department)
    return Actor(user_id, user.login, user.name, roles, user.team_id, scope, permissions_of(roles), user.language)


def _principals(session: Session, user_id: int, today: date) -> dict[int, set[Role]]:
    """The active people that this one stands in for today, with their roles."""
    held: dict[int, set[Role]] = {}
    for principal, role in session.execute(
        select(UserRole.user_id, UserRole.role)
        .join(Deputy, Deputy.principal_id == UserRole.user_id)
        .join(User, User.id == UserRole.user_id)
        .where(Deputy.deputy_id == user_id, Deputy.from_on <= today, Deputy.until_on >= today, User.active)
    ):
        held.setdefault(principal, set()).add(role)
    return held


def leads(session: Session, team_id: int | None, today: date) -> set[int]:
    """Who leads a team today, and who stands in for them; nobody who has left."""
    leader = select(Team.leader_id).where(Team.id == team_id)
    return with_deputies(session, leader, today)


def with_deputies(session: Session, principals: Select[Any], today: date) -> set[int]:
    """The active people whose ids are selected, and who stands in for them today."""
    held = set(session.scalars(select(User.id).where(User.id.in_(principals), User.active)))
    standing_in = select(Deputy.deputy_id).where(Deputy.principal_id.in_(held), Deputy.from_on <= today, Deputy.until_on >= today)
    return held | set(session.scalars(select(User.id).where(User.id.in_(standing_in), User.active)))


def reaches(session: Session, today: date) -> tuple[Any, ...]:
    """All that decides who reaches what on `today`, but for what was granted one by one: while it is the same, so is everybody's reach."""
    asked = (
        select(User.id).where(User.active),
        select(UserRole.user_id, UserRole.role),
        select(Team.id, Team.leader_id),
        select(Deputy.principal_id, Deputy.deputy_id).where(Deputy.from_on <= today, Deputy.until_on >= today),
    )
    return tuple(frozenset(map(tuple, session.execute(statement))) for statement in asked)


def _opened_to(session: Session, user_id: int) -> frozenset[int]:
    """The opportunities that a lead lets this person read."""
    opened = select(OpportunityReader.opportunity_id).where(OpportunityReader.user_id == user_id, OpportunityReader.withdrawn_at.is_(None))
    return frozenset(session.scalars(opened))


class SignInRefused(CrmError):
    """Unknown account, wrong password, person who has left: one answer for all."""

    message = N_("Account or password is not right.")


class TooManyAttempts(CrmError):
    """So many refusals that the next attempt must wait; nothing was checked."""

    message = N_("Too many attempts. Please try again in {seconds} seconds.")


class PasswordTooShort(CrmError):
    """Fewer characters than the policy wants."""

    message = N_("A password has at least {least} characters.")


class PasswordTooLong(CrmError):
    """More characters than anybody types."""

    message = N_("A password has at most {most} characters.")


class PasswordIsLogin(CrmError):
    """The password contains nothing but what everybody knows."""

    message = N_("The password must not be the account's name.")


class PasswordUnchanged(CrmError):
    """The new password is the old one."""

    message = N_("Please choose another password than the present one.")


class PasswordsDiffer(CrmError):
    """The new password was typed in two ways."""

    message = N_("The two new passwords are not the same.")


class ChangePassword(Input):
    """The present password, and the new one twice. What is typed is taken as it is, spaces included."""

    current: Annotated[str, field(N_("Present password"), Control.PASSWORD)]
    new: Annotated[str, field(N_("New password"), Control.PASSWORD, hint=N_("At least 10 characters, and not the account's name."))]
    again: Annotated[str, field(N_("New password, again"), Control.PASSWORD)]


def sign_in(session: Session, login: str, password: str, address: str, now: datetime) -> User | SignInRefused | TooManyAttempts:
    """The person, if account and password are right; else the refusal, as a value: raising it would undo the record of the attempt."""
    login = "".join(character for character in login.strip().lower() if character.isprintable())[:200]
    address = address[:60]
    last_success = select(func.coalesce(func.max(SignInAttempt.id), 0)).where(SignInAttempt.login == login, SignInAttempt.succeeded)
    of_account = and_(SignInAttempt.login == login, SignInAttempt.id > last_success.scalar_subquery())
    # a success from an address forgives the address nothing: whoever guesses may have an account of their own
    of_address = SignInAttempt.address == address
    waiting = max(_wait(session, of_account, FREE_ATTEMPTS_OF_ACCOUNT, now), _wait(session, of_address, FREE_ATTEMPTS_OF_ADDRESS, now))
    if waiting > timedelta(0):
        audit.write(session, None, AuditAct.SIGN_IN_REFUSED, User.__tablename__, after={"login": login, "waiting": True}, address=address)
        return TooManyAttempts(seconds=-(-waiting // timedelta(seconds=1)))
    user = session.scalar(select(User).where(User.login == login))
    right = _matches(user.password_hash if user else None, password)
    welcome = user is not None and right and user.active
    session.add(SignInAttempt(login=login, address=address, at=now, succeeded=welcome))
    if user is None or not welcome:
        audit.write(session, None, AuditAct.SIGN_IN_REFUSED, User.__tablename__, after={"login": login}, address=address)
        return SignInRefused()
    # past the version of the record: that somebody signed in outdates nobody's form
    session.execute(update(User).where(User.id == user.id).values(last_sign_in_at=now))
    if user.password_hash and _hasher.check_needs_rehash(user.password_hash):
        session.execute(update(User).where(User.id == user.id).values(password_hash=hash_password(password)))
    audit.write(session, None, AuditAct.SIGNED_IN, User.__tablename__, user.id, address=address)
    return user


def signed_in(session: Session, user_id: int, epoch: int) -> User | None:
    """The person of a session that began at this epoch; None once they left or were signed out everywhere."""
    return session.scalar(select(User).where(User.id == user_id, User.session_epoch == epoch, User.active))


def sign_out(session: Session, actor: Actor, address: str = "") -> None:
    """Keep that the person signed out; the session itself is the page's."""
    audit.write(session, actor, AuditAct.SIGNED_OUT, User.__tablename__, actor.user_id, address=address)


def sign_out_everywhere(session: Session, actor: Actor) -> User:
    """End all sessions of this person; the page begins a new one with the epoch of who is returned."""
    user = session.get_one(User, actor.user_id)
    user.session_epoch += 1
    audit.write(session, actor, AuditAct.SIGNED_OUT, User.__tablename__, user.id, after={"everywhere": True})
    session.flush()
    return user


def change_password(session: Session, actor: Actor, values: ChangePassword) -> User:
    """Give oneself a new password; all sessions end, the page begins a new one with the epoch of who is returned."""
    user = session.get_one(User, actor.user_id)
    faults = Faults()
    if not _matches(user.password_hash, values.current):
        faults.add("current", SignInRefused())
    with faults.against("new"):
        check_password(user.login, values.new)
    if values.new == values.current:
        faults.add("new", PasswordUnchanged())
    if values.again != values.new:
        faults.add("again", PasswordsDiffer())
    faults.raise_any()
    user.password_hash, user.must_change_password = hash_password(values.new), False
    user.session_epoch += 1
    audit.write(session, actor, AuditAct.CHANGED, User.__tablename__, user.id, after={"password": "changed"})
    session.flush()
    return user


def set_language(session: Session, actor: Actor, language: str) -> None:
    """The language in which this person reads from now on."""
    _set_habit(session, actor, LANGUAGES, language=language)


def set_theme(session: Session, actor: Actor, theme: str) -> None:
    """The colours in which this person sees the pages from now on."""
    _set_habit(session, actor, THEMES, theme=theme)


def check_password(login: str, password: str) -> None:
    """Refuse a password that the policy does not allow."""
    if not password:
        raise Missing()
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(least=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise PasswordTooLong(most=LONGEST_PASSWORD)
    if password.strip().lower() == login.lower():
        raise PasswordIsLogin()


def hash_password(password: str) -> str:
    """The argon2id hash that is kept of a password."""
    return _hasher.hash(_bytes(password))


def _matches(kept: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed. It takes as long where there is no account, no password, or one too long."""
    comparable = kept is not None and len(password) <= LONGEST_PASSWORD
    try:
        _hasher.verify(kept if kept and comparable else _of_nobody(), _bytes(password[:LONGEST_PASSWORD]))
    except (VerificationError, InvalidHashError):
        return False
    return comparable


@cache
def _of_nobody() -> str:
    """A hash to compare with where there is no account."""
    return hash_password("nobody has this password")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _wait(session: Session, same: ColumnElement[bool], free: int, now: datetime) -> timedelta:
    """How long the next attempt must still wait: one second after the free ones, twice as long after each further refusal."""
    refused = select(func.count(), func.max(SignInAttempt.at)).where(
        same, ~SignInAttempt.succeeded, SignInAttempt.at > now - FORGOTTEN_AFTER
    )
    count, last = session.execute(refused).one()
    if count < free or last is None:
        return timedelta(0)
    pause = min(timedelta(seconds=2 ** min(count - free, 12)), FORGOTTEN_AFTER)
    return max(min(last + pause - now, pause), timedelta(0))  # also where the clock went backwards


def _set_habit(session: Session, actor: Actor, allowed: tuple[str, ...], **habit: str) -> None:
    (value,) = habit.values()
    if value not in allowed:
        raise NotFound()
    session.execute(update(User).where(User.id == actor.user_id).values(**habit))
