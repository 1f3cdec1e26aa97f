"""`saleslens user`: accounts, from the machine itself; above all the first one.

Whoever may run this on the server may do it; where nobody administers yet, the program itself is who acts.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm import clock
from crm.db import transaction
from crm.errors import CrmError, Invalid
from crm.models import Base, CompanySettings, Department, Team, User, UserRole
from crm.permissions import permissions_of
from crm.scope import Actor, scope_of
from crm.services import inputs, people, users
from crm.services.users import CreateUser
from crm.vocabulary import N_, Role
from dashboard.i18n import _, explain

Opener = Callable[[Any], AbstractContextManager[Engine]]


class NoSuchName(CrmError):
    """A team or department that does not exist."""

    message = N_("There is none called “{name}”.")


def command(opened: Opener) -> click.Group:
    """The group `user`; `opened` gives the database."""

    @click.group()
    def user() -> None:
        """Accounts."""

    @user.command()
    @click.argument("login")
    @click.argument("name")
    @click.option(
        "--role",
        "roles",
        type=click.Choice([role.value for role in Role]),
        multiple=True,
        required=True,
        help="May be given several times.",
    )
    @click.option("--team", default="", help="The team's name; reps and team leads need one.")
    @click.option("--department", default="", help="The department's name; service people need one.")
    @click.option("--language", type=click.Choice(people.LANGUAGES), default="zh", show_default=True)
    @click.password_option(help="The first password, changed at the first sign-in. Asked for when left out.")
    @click.pass_obj
    def add(settings: Any, login: str, name: str, roles: tuple[str, ...], team: str, department: str, language: str, password: str) -> None:
        """Give somebody an account."""
        typed = {"login": login, "name": name, "roles": list(roles), "language": language, "password": password}
        try:
            with opened(settings) as engine, transaction(engine) as session:
                typed |= {"team_id": _named(session, Team, team), "department_id": _named(session, Department, department)}
                zone = session.scalar(select(CompanySettings.zone)) or "Asia/Shanghai"
                today = clock.today(zone)
                users.create(session, _administrator(session, today), inputs.read(CreateUser, typed), today=today)
        except Invalid as refused:
            for field, fault in refused.faults.items():
                click.echo(f"{field}: {explain(fault)}", err=True)
            raise
        click.echo(_("{name} can sign in as “{login}” and will choose a password of their own.", name=name, login=login.lower()))

    return user


def _named(session: Session, model: type[Base], name: str) -> int | None:
    """The id of the team or department of that name."""
    if not name:
        return None
    columns = model.__table__.c
    found = session.scalar(select(columns.id).where(columns.name == name))
    if found is None:
        raise NoSuchName(name=name)
    return int(found)


def _administrator(session: Session, today: Any) -> Actor:
    """The first administrator; where there is none, the program, with the same rights."""
    first = session.scalar(
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role == Role.ADMINISTRATOR, User.active)
        .order_by(User.id)
    )
    if first is not None:
        return people.actor_of(session, first, today)
    roles = frozenset({Role.ADMINISTRATOR})
    return Actor(None, "", "", roles, None, scope_of(0, roles), permissions_of(roles))  # type: ignore[arg-type]  # nobody: the audit line says so
