"""The forms of an opportunity: a new one, editing, closing as lost or stopped, reopening; and what somebody else changed meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from crm.models import Opportunity
from crm.services.opportunities import CloseOpportunity, CreateOpportunity, EditOpportunity
from crm.vocabulary import N_, LossKind
from dashboard.components import form, states
from dashboard.components.filters import Choice
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.i18n import NOTHING, _, day, money

IDS = Ids("opportunity-form")
ABOUT, KEY = IDS.named("about"), IDS.named("key")
"""The stores of what is edited, {"id", "version"} as opened, and of the submission key."""

EDIT, CREATE, CLOSE, REOPEN = "edit-opportunity", "new-opportunity", "close-opportunity", "reopen-opportunity"

Choices = Mapping[str, Sequence[Choice]]

OTHERS = {"status": N_("Status"), "owner_id": N_("Rep"), "team_id": N_("Team"), "customer_id": N_("Customer")}
"""What can change beside the form's own fields, as it is called."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody changed meanwhile: what they made of it, and what stands in this form (None: not touched here)."""

    field: str
    theirs: str
    mine: str | None


def edit(opportunity: Opportunity, choices: Choices, key: str, mark: Mapping[str, Any]) -> Any:
    """The form of an opportunity that is being followed; `mark`: how it hears of changes by others."""
    values = {name: getattr(opportunity, name) for name in EditOpportunity.model_fields}
    values["lines"] = [{"product_id": line.product_id, "amount": line.amount} for line in opportunity.lines]
    return page(
        _("Edit {title}", title=opportunity.title),
        states.overtaken(IDS.news, mark),
        form.form(EDIT, _("Opportunity"), form.fields(EDIT, EditOpportunity, values, choices=choices)),
        *_kept({"id": opportunity.id, "version": opportunity.version}, key),
    )


def create(choices: Choices, key: str, begun: Mapping[str, Any]) -> Any:
    """A form with what is known of it (`begun`); the opportunity will belong to the customer's owner."""
    return page(
        _("New opportunity"),
        form.form(CREATE, _("Opportunity"), form.fields(CREATE, CreateOpportunity, begun, choices=choices)),
        *_kept({}, key),
        subtitle=_("It belongs to the rep who takes care of the customer."),
    )


def close(opportunity: Opportunity, kind: LossKind, choices: Choices, key: str, competitor_id: int | None) -> Any:
    """Why the opportunity ends; it begins with the competitor that was met there, if that was one."""
    lost = kind is LossKind.LOST
    title = _("Mark “{title}” as lost", title=opportunity.title) if lost else _("Mark “{title}” as stopped", title=opportunity.title)
    fields = form.fields(CLOSE, CloseOpportunity, {"competitor_id": competitor_id}, choices=choices)
    shown = [field for field, name in zip(fields, CloseOpportunity.model_fields, strict=True) if name != "competitor_id" or lost]
    return page(
        title,
        form.form(CLOSE, _("Why it ends"), shown, save=_("Mark as lost") if lost else _("Mark as stopped")),
        *_kept({"id": opportunity.id, "version": opportunity.version, "kind": kind.value}, key),
        subtitle=_("A team lead can reopen it. Until then it can't be edited."),
    )


def reopen(opportunity: Opportunity, key: str) -> Any:
    """Asks before a closed opportunity is followed again."""
    reason = opportunity.loss_reason.name if opportunity.loss_reason else NOTHING
    said = html.P(_("It was closed on {day}: {reason}. That stays in its history.", day=opportunity.closed_on, reason=reason))
    return page(
        _("Reopen “{title}”", title=opportunity.title),
        form.form(REOPEN, _("Follow it again"), [said], save=_("Reopen")),
        *_kept({"id": opportunity.id, "version": opportunity.version}, key),
    )


def conflict(by: str, differences: Sequence[Difference], version: int, address: str) -> list[Any]:
    """What somebody else saved meanwhile, and the choice: what was typed here goes over it, or is given up."""
    rows = [
        html.Tr([html.Th(difference.field, scope="row"), html.Td(difference.theirs), html.Td(difference.mine or _("not changed by you"))])
        for difference in differences
    ]
    head = html.Thead(html.Tr([html.Th(""), html.Th(_("{name} saved", name=by), scope="col"), html.Th(_("Yours"), scope="col")]))
    return [
        html.Div(
            [
                html.Strong(_("{by} changed this record while you were editing it. Look at the changes and choose.", by=by)),
                html.Table([head, html.Tbody(rows)]),
                html.Div(
                    [
                        html.Button(
                            _("Keep mine"), id={"form": EDIT, "press": "keep"}, type="button", className="button primary", n_clicks=0
                        ),
                        html.A(_("Take theirs"), href=address, className="button"),
                    ],
                    className="conflict-actions",
                ),
                html.P(_("Keeping yours leaves what you did not change as {name} saved it.", name=by), className="field-hint"),
                dcc.Store(id={"form": EDIT, "part": "seen"}, data=version),
            ],
            className="conflict",
            role="alert",
        )
    ]


def written(name: str, value: Any, choices: Choices) -> str:
    """A value of a form as words."""
    if name == "lines":
        labels = {choice.value: choice.label for choice in choices.get("products", ())}
        return ", ".join(f"{labels.get(row['product_id'], '')} {money(row.get('amount'))}" for row in value or ()) or NOTHING
    if name == "expected_amount":
        return money(value)
    if name == "expected_close_on":
        return day(value)
    if value is None:
        return NOTHING
    labels = {choice.value: choice.label for choice in choices.get(name, ())}
    return labels.get(value, str(value))


def label(name: str) -> str:
    """What a field is called."""
    return _(OTHERS[name]) if name in OTHERS else form.field_label(EditOpportunity, name)


def _kept(about: Mapping[str, Any], key: str) -> list[Any]:
    return [dcc.Store(id=ABOUT, data=dict(about)), dcc.Store(id=KEY, data=key)]
