"""How two customers are merged: which other one, then both beside each other with what moves, and what the one that stays says."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from crm.models import Customer
from crm.services.customer_list import place_of
from crm.services.merging import MergeCustomers, Pair
from dashboard.components import form, states
from dashboard.components.act import act_page
from dashboard.components.badges import badge
from dashboard.components.filters import dropdown_words
from dashboard.components.ids import Ids
from dashboard.components.page import page, section
from dashboard.i18n import NOTHING, _, count, day

IDS = Ids("merge")
OTHER = IDS.named("other")
MERGE = "merge-customer"

Offer = tuple[int, str]


def choose(customer: Customer, alike: Sequence[Offer]) -> Any:
    """Which other customer is the same one: those that look so, or any that is found by its name."""
    found = [html.Li(dcc.Link(name, href=f"/customers/{customer.id}/merge?other={id}")) for id, name in alike]
    sought = dcc.Dropdown(id=OTHER, options=[], placeholder=_("Type a part of the name"), labels=dropdown_words(), maxHeight=320)
    return page(
        _("Merge {title} with another customer", title=customer.name),
        section(
            _("Looks like the same"),
            html.Ul(found, className="plain-list") if found else states.empty(_("No other customer has this name, phone or e-mail.")),
        ),
        section(_("Another customer"), html.Div([html.Label(_("Customer"), htmlFor=OTHER), sought], className="field narrow")),
        dcc.Store(id=IDS.named("about"), data={"id": customer.id}),
        subtitle=_("Nothing happens before you have seen both beside each other."),
        actions=[dcc.Link(_("Back"), href=f"/customers/{customer.id}", className="button")],
    )


def compare(pair: Pair) -> Any:
    """Both customers beside each other, and the form of what the one that stays says afterwards."""
    stays, goes = pair.stays, pair.goes
    here = f"/customers/{stays.id}/merge?other={goes.id}"
    about = {
        "id": stays.id, "version": stays.version, "other": goes.id, "other_version": goes.version,
        "back": f"/customers/{stays.id}", "here": here,
    }  # fmt: skip
    swap = dcc.Link(_("Swap: keep “{name}”", name=goes.name), href=f"/customers/{goes.id}/merge?other={stays.id}", className="button")
    body = [_beside(pair), _moves(pair), html.Div(swap, className="wide"), *form.fields(MERGE, MergeCustomers, pair.proposed)]
    title = _("“{goes}” goes into “{stays}”", goes=goes.name, stays=stays.name)
    said = _("This can't be undone. The address of the one that goes leads to the other from then on.")
    return act_page(title, MERGE, _("Merge customers"), body, about, save=_("Merge"), subtitle=said)


def gone(name: str, into: Customer) -> Any:
    """What the address of a customer says that went into another one."""
    way = dcc.Link(_("Open “{name}”", name=into.name), href=f"/customers/{into.id}", className="button primary")
    return page(name, states.empty(_("“{name}” was merged into “{into}”.", name=name, into=into.name)), html.Div(way))


def _beside(pair: Pair) -> html.Div:
    """What both say, field by field; where they differ it shows."""
    head = html.Tr([html.Td(""), html.Th(_("Stays"), scope="col"), html.Th(_("Goes"), scope="col")])
    said = [
        (_("Customer's name"), [one.name for one in _both(pair)]),
        (_("Status"), [badge(place_of(one)) for one in _both(pair)]),
        (_("Rep"), [_held(one) for one in _both(pair)]),
        (_("Industry"), [one.industry or NOTHING for one in _both(pair)]),
        (_("Region"), [one.region or NOTHING for one in _both(pair)]),
        (_("Address"), [one.address or NOTHING for one in _both(pair)]),
        (_("Created on"), [day(one.created_on) for one in _both(pair)]),
        (_("Contacts"), [_people(one) for one in _both(pair)]),
    ]
    rows = [html.Tr([html.Th(name, scope="row"), *[html.Td(value) for value in values]]) for name, values in said]
    counted = [
        html.Tr([html.Th(_(name), scope="row"), html.Td(count(mine)), html.Td(count(theirs))])
        for name, mine, theirs in pair.counts
        if name != "Contacts" and (mine or theirs)
    ]
    return html.Div(
        html.Table([html.Thead(head), html.Tbody([*rows, *counted])], className="plain-table beside"), className="table-scroll wide"
    )


def _both(pair: Pair) -> tuple[Customer, Customer]:
    return pair.stays, pair.goes


def _held(customer: Customer) -> str:
    owner = customer.owner.name if customer.owner else _("Not assigned")
    return f"{owner} · {customer.team.name}" if customer.team else owner


def _people(customer: Customer) -> Any:
    people = [" · ".join(said for said in (one.name, one.phone, one.email) if said) for one in customer.contacts]
    return html.Ul([html.Li(said) for said in people], className="plain-list") if people else NOTHING


def _moves(pair: Pair) -> html.P:
    """What moves, as a sentence."""
    moved = [_("{what}: {count}", what=_(name), count=theirs) for name, _mine, theirs in pair.counts if theirs]
    said = [_("It goes along: {what}.", what=", ".join(moved)) if moved else _("Nothing else goes along.")]
    if pair.changes_hands and any(theirs for name, _mine, theirs in pair.counts if name == "Opportunities"):
        said.append(_("Its opportunities come to {rep}.", rep=_held(pair.stays)))
    if any(theirs for name, _mine, theirs in pair.counts if name == "Contracts"):
        said.append(_("Its contracts keep their signer and carer."))
    return html.P(" ".join(said), className="note wide")
