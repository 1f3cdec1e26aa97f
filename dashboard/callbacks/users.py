"""What happens with accounts: made, changed, given a password, closed and opened again, each by its verb."""

from secrets import token_urlsafe
from typing import Any

from dash import Dash, Output, State
from sqlalchemy.orm import Session

from crm.errors import NotFound
from crm.models import Department, Product, Team, User
from crm.scope import Actor
from crm.services import holdings, offers, users
from crm.services.users import CreateUser, EditUser, NewPassword
from crm.submissions import once
from crm.vocabulary import Kind, Permission
from dashboard import frame, session
from dashboard.callbacks import forms, record_list, retiring
from dashboard.callbacks.master import tabs_of
from dashboard.callbacks.opportunity import number
from dashboard.components.filters import Choice, by_name
from dashboard.components.master import tabs
from dashboard.i18n import _
from dashboard.pages import users as page
from dashboard.pages.master_lists import LISTS
from dashboard.pages.users import ABOUT, CREATE, EDIT, IDS, KEY, PASSWORD, PASSWORD_KEY

ADDRESS = "/master/people/users"

About = dict[str, Any]


def layout(record: str = "", **wished: Any) -> Any:
    """All accounts, or the form of one; none for who does not administer."""
    actor = session.actor()
    if not actor.may(Permission.READ, Kind.MASTER):
        raise NotFound()
    steps = (*frame.trail_of("/master/people", actor), (_("Users"), ADDRESS))
    with session.looking() as opened:
        if record == "new":
            frame.trail(*steps, (_("New account"), None))
            return page.adding(_choices(opened, None), token_urlsafe())
        if record:
            found = users.found(opened, actor, number(record))
            frame.trail(*steps, (found.name, None))
            keys = token_urlsafe(), token_urlsafe()
            return page.editing(found, _values(found), _choices(opened, found), holdings.holds(opened, found.id), keys)
    frame.trail(*steps)
    return record_list.layout(LISTS["users"], ways=tabs(tabs_of(actor, "people"), ADDRESS), **wished)


def _values(user: User) -> dict[str, Any]:
    """The account as its form shows it."""
    plain = {name: getattr(user, name) for name in ("name", "team_id", "department_id", "customer_limit", "language")}
    return plain | {"roles": [held.role.value for held in user.roles]} | users.strengths_of(user)


def _choices(opened: Session, found: User | None) -> dict[str, list[Choice]]:
    """Teams, departments and products in use, and those that stand there already."""
    strong = users.strengths_of(found)["strong_products"] if found else []
    keep = ([found.team_id] if found and found.team_id else [], [found.department_id] if found and found.department_id else [])
    offered = {
        "team_id": offers.values(opened, Team, keep[0]),
        "department_id": offers.values(opened, Department, keep[1]),
        "strong_products": offers.values(opened, Product, strong),
    }
    return {name: by_name(found) for name, found in offered.items()}


def register(app: Dash) -> None:
    """The forms save by their verbs; an account is closed and opened."""
    onward = [Output(forms.LOCATION, "href", allow_duplicate=True)]
    known = [State(ABOUT, "data"), State(KEY, "data")]
    forms.register(app, EDIT, EditUser, onward, known, _edit)
    forms.register(app, CREATE, CreateUser, onward, known, _create)
    given = [Output(IDS.named("given"), "children"), Output(PASSWORD_KEY, "data")]
    forms.register(app, PASSWORD, NewPassword, given, [State(ABOUT, "data"), State(PASSWORD_KEY, "data")], _give)
    for key in (EDIT, CREATE, PASSWORD):
        forms.register_cancel(app, key, known[:1], lambda _about: ADDRESS)
    retiring.register(app, IDS, ABOUT, _turn, button="active", told=page.refused)


def _edit(values: EditUser, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, id, version = session.actor(), int(about["id"]), int(about["version"])
    with session.acting() as opened:
        once(opened, actor, key, lambda: users.edit(opened, actor, id, values, version=version, today=session.today()))
    return [ADDRESS]


def _create(values: CreateUser, _typed: forms.Typed, _about: About, key: str) -> Any:
    actor = session.actor()
    with session.acting() as opened:
        once(opened, actor, key, lambda: users.create(opened, actor, values, today=session.today()))
    return [ADDRESS]


def _give(values: NewPassword, _typed: forms.Typed, about: About, key: str) -> Any:
    actor = session.actor()
    with session.acting() as opened:
        given = once(opened, actor, key, lambda: users.give_password(opened, actor, int(about["id"]), values))
    return [_("{person} has a new password, to be changed at the next sign-in.", person=given.name), token_urlsafe()]


def _turn(opened: Session, actor: Actor, about: About) -> str:
    """An account is closed, or opened again."""
    found = users.found(opened, actor, int(about["id"]))
    if found.active:
        users.deactivate(opened, actor, found.id, version=int(about["version"]))
    else:
        users.activate(opened, actor, found.id)
    return ADDRESS
