"""How examples look: the list of published opportunities, and the way one of them went."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from crm.services.sharing import Example, Step
from dashboard.components import states
from dashboard.components.page import page
from dashboard.i18n import NOTHING, _, day


def listing(examples: Sequence[Example]) -> Any:
    """All examples, the newest first."""
    if not examples:
        body: Any = states.empty(_("No example has been published yet."), why=_("Team leads publish won opportunities on their pages."))
    else:
        body = html.Ul([html.Li(_brief(one)) for one in examples], className="told examples")
    return page(_("Examples"), body, subtitle=_("How others won: the way it went, without customer, contacts and prices."))


def one(example: Example) -> Any:
    """The way one went."""
    facts = [
        (_("Team"), example.team or NOTHING), (_("Industry"), example.industry or NOTHING), (_("Region"), example.region or NOTHING),
        (_("Products"), "、".join(example.products) or NOTHING), (_("Created on"), day(example.created_on)),
        (_("Signed on"), day(example.closed_on)),
    ]  # fmt: skip
    return page(
        example.title,
        html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts"),
        html.Div([_step(step) for step in example.steps], className="timeline"),
        subtitle=_("Customer, contacts and prices are left out; an ellipsis stands for them."),
    )


def _brief(one: Example) -> list[Any]:
    words = " · ".join(part for part in (one.team, one.industry, one.region, "、".join(one.products)) if part)
    link = html.Span([dcc.Link(one.title, href=f"/examples/{one.id}"), html.Span(words, className="said-label told-words")])
    return [link, html.Span(day(one.closed_on), className="said-when")]


def _step(step: Step) -> html.Article:
    head = html.Div([html.Span(step.stage or step.method, className="said-who"), html.Span(day(step.day), className="said-when")],
                    className="said-head")  # fmt: skip
    text = [html.P(step.text, className="said-text")] if step.text else []
    return html.Article([head, *text], className="said-item")
