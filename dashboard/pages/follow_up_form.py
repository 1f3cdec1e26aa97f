"""The forms of a follow-up: mending one's own within a day, and answering the customer's problem that it tells of."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from crm.models import FollowUp
from crm.services.follow_ups import MendFollowUp, SolveProblem
from dashboard.components import form
from dashboard.components.filters import Choice
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.i18n import _, day

IDS = Ids("follow-up-form")
ABOUT, KEY = IDS.named("about"), IDS.named("key")
"""The stores of which follow-up it is, {"id", "back"}, and of the submission key."""

MEND, SOLVE = "mend-follow-up", "solve-problem"


def mend(follow_up: FollowUp, choices: Mapping[str, Sequence[Choice]], back: str, key: str) -> Any:
    """The follow-up as it stands, to be changed."""
    values = {name: getattr(follow_up, name) for name in MendFollowUp.model_fields if name != "files"}
    return page(
        _("Edit the follow-up of {day}", day=follow_up.day),
        form.form(MEND, _("Follow-up"), form.fields(MEND, MendFollowUp, values, choices=choices)),
        *_kept(follow_up, back, key),
        subtitle=_("What stood there before is kept."),
    )


def solve(follow_up: FollowUp, customer: str, contact: str, back: str, key: str, solved_by: str) -> Any:
    """The problem, whom to call, and the form of the answer; of one that was solved, the answer and whose it is."""
    facts = [(_("Customer"), customer), (_("Contact"), contact), (_("Reported on"), day(follow_up.day))]
    if follow_up.problem_solved_at:
        facts += [(_("Solved by"), solved_by), (_("Answer"), html.Span(follow_up.problem_answer, className="said-text"))]
    said = [
        html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts if value], className="facts"),
        html.P(follow_up.problem, className="said-text problem-text"),
    ]
    if follow_up.problem_solved_at:
        return page(_("A customer's problem"), *said)
    return page(
        _("A customer's problem"),
        *said,
        form.form(SOLVE, _("What was done about it"), form.fields(SOLVE, SolveProblem), save=_("Mark as solved")),
        *_kept(follow_up, back, key),
    )


def _kept(follow_up: FollowUp, back: str, key: str) -> list[Any]:
    return [dcc.Store(id=ABOUT, data={"id": follow_up.id, "back": back}), dcc.Store(id=KEY, data=key)]
