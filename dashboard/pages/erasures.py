"""How the requests look to erase a person's data: who asks and why, and what the other one does about it."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from crm.models import Contact
from crm.services.erasures import AskErasure, AskForPerson, Waiting
from dashboard.components import form, states
from dashboard.components.act import act_page, kept
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.i18n import _, moment

IDS = Ids("erasures")
ASK, PERSON = "ask-erasure", "erase-person"


def layout(waiting: Sequence[Waiting], zone: tzinfo, *, by_number: bool) -> Any:
    """The page. `by_number`: this person names whom by a phone number or an e-mail address."""
    asking = [form.form(PERSON, _("A person asked for it"), form.fields(PERSON, AskForPerson), save=_("Ask for it"))] if by_number else []
    said = _("An executive and an administrator do it together; figures stay. It can't be undone. Backups made before keep the data.")
    return page(
        _("Erase personal data"),
        html.Div(listed(waiting, zone), id=IDS.body),
        *asking,
        *kept({"back": "/erasures", "here": "/erasures"}),
        subtitle=said,
    )


def listed(waiting: Sequence[Waiting], zone: tzinfo) -> list[Any]:
    """What waits, the oldest first."""
    return [_request(one, zone) for one in waiting] or [states.empty(_("No request waits."))]


def ask(contact: Contact) -> Any:
    """Why a contact's data go."""
    about = {"id": contact.id, "back": f"/customers/{contact.customer_id}", "here": "/erasures"}
    said = _("Name, phone, e-mail and what names the person in notes, follow-ups and comments. An administrator confirms it.")
    title, body = _("Erase the data of {title}", title=contact.name), form.fields(ASK, AskErasure)
    return act_page(title, ASK, _("Erase personal data"), body, about, save=_("Ask for it"), subtitle=said)


def _request(one: Waiting, zone: tzinfo) -> html.Article:
    whom: Any = _("A contact out of your reach")
    if one.contact:
        whom = [one.contact, " · ", dcc.Link(one.customer, href=f"/customers/{one.customer_id}")]
    erase: Any = html.Button(_("Erase for ever"), className="button danger", disabled=not one.mine)
    if one.mine:
        question = _("Erase this person's data for ever? It can't be undone. Backups made before keep them until they are deleted.")
        erase = dcc.ConfirmDialogProvider(erase, id={"type": IDS.named("erase"), "request": one.id}, message=question)
    leave = html.Button(_("Withdraw"), id={"type": IDS.named("withdraw"), "request": one.id}, className="button", n_clicks=0)
    when = html.Time(moment(one.asked_at, zone), className="said-when")
    waits = [] if one.mine else [html.P(_("Waits for the other one: an executive and an administrator erase together."), className="note")]
    return html.Article(
        [
            html.Div([html.Span(one.asked_by, className="said-who"), when], className="said-head"),
            html.P(whom),
            html.P(one.reason, className="said-text"),
            *waits,
            html.Div([erase, leave], className="conflict-actions"),
        ],
        className="said-item",
    )
