"""What happens in the forms of a follow-up: its writer mends it, who should act answers its problem."""

from secrets import token_urlsafe
from typing import Any

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import NotFound
from crm.models import Contact, Customer, FollowUp, Opportunity, User
from crm.scope import Actor
from crm.services import follow_ups, offers, reach
from crm.services.follow_ups import MendFollowUp, SolveProblem
from crm.submissions import once
from crm.vocabulary import Kind, Permission
from dashboard import frame, session
from dashboard.callbacks import forms
from dashboard.callbacks.opportunity import number
from dashboard.components.filters import Choice
from dashboard.i18n import _
from dashboard.pages import follow_up_form as page
from dashboard.pages.follow_up_form import ABOUT, KEY, MEND, SOLVE

About = dict[str, Any]


def mend_layout(follow_up_id: str = "", **_address: str) -> Any:
    """The form of one's own follow-up of the last day."""
    actor = session.actor()
    with session.looking() as opened:
        found = reach.find(opened, actor, FollowUp, number(follow_up_id))
        if not follow_ups.may_edit(actor, found):
            raise NotFound()
        _trail(opened, actor, found, _("Edit the follow-up"))
        choices = {
            "method_id": [Choice(*offer) for offer in offers.methods(opened, [found.method_id])],
            "department_id": [Choice(*offer) for offer in offers.departments(opened, [found.department_id] if found.department_id else ())],
        }
        return page.mend(found, choices, _back(actor, found), token_urlsafe())


def solve_layout(follow_up_id: str = "", **_address: str) -> Any:
    """A problem, for its department and for those who follow the opportunity; one that was solved with its answer."""
    actor = session.actor()
    with session.looking() as opened:
        found = reach.find(opened, actor, FollowUp, number(follow_up_id))
        if not found.problem:
            raise NotFound()
        _trail(opened, actor, found, _("A customer's problem"))
        customer, contact, phone = opened.execute(
            select(Customer.name, Contact.name, Contact.phone)
            .join(Opportunity, Opportunity.customer_id == Customer.id)
            .join(Contact, Contact.id == Opportunity.contact_id, isouter=True)
            .where(Opportunity.id == found.opportunity_id)
        ).one()
        whom = " · ".join(part for part in (contact, phone) if part)
        by = opened.get(User, found.problem_solved_by_id).name if found.problem_solved_by_id else ""
        return page.solve(found, customer, whom, _back(actor, found), token_urlsafe(), by)


def _trail(opened: Session, actor: Actor, found: FollowUp, title: str) -> None:
    """Where the page stands: under the opportunity, for who sees it."""
    opportunity = opened.scalar(actor.scope.narrow(select(Opportunity), Opportunity).where(Opportunity.id == found.opportunity_id))
    above = [*frame.trail_of("/opportunities", actor), (opportunity.title, f"/opportunities/{opportunity.id}")] if opportunity else []
    frame.trail(*above, (title, None))


def _back(actor: Actor, found: FollowUp) -> str:
    """Where the person came from: the opportunity, or the workbench for who sees no opportunities."""
    return f"/opportunities/{found.opportunity_id}" if actor.may(Permission.READ, Kind.OPPORTUNITY) else "/"


def register(app: Dash) -> None:
    """Both forms save by their verb and lead back."""
    onward = [Output(forms.LOCATION, "href", allow_duplicate=True)]
    known = [State(ABOUT, "data"), State(KEY, "data")]

    def mend(values: MendFollowUp, _typed: forms.Typed, about: About, key: str) -> Any:
        actor = session.actor()
        with session.acting() as opened:
            found = once(opened, actor, key, lambda: follow_ups.edit(opened, actor, int(about["id"]), values))
        return [_back(actor, found)]

    def solve(values: SolveProblem, _typed: forms.Typed, about: About, key: str) -> Any:
        actor = session.actor()
        with session.acting() as opened:
            found = once(opened, actor, key, lambda: follow_ups.solve_problem(opened, actor, int(about["id"]), values))
        return [_back(actor, found)]

    forms.register(app, MEND, MendFollowUp, onward, known, mend)
    forms.register(app, SOLVE, SolveProblem, onward, known, solve)
    for form in (MEND, SOLVE):
        _register_cancel(app, form)


def _register_cancel(app: Dash, form: str) -> None:
    """Cancel leads back without saving."""

    @app.callback(
        Output(forms.LOCATION, "href", allow_duplicate=True),
        Input({"form": form, "press": "cancel"}, "n_clicks"),
        State(ABOUT, "data"),
        prevent_initial_call=True,
    )
    def cancel(clicks: int, about: About) -> Any:
        back = str(about.get("back", "/"))
        if not clicks:
            raise PreventUpdate
        return back if back.startswith("/") and not back.startswith("//") else "/"
