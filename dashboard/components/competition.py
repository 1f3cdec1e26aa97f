"""How competition looks on an opportunity's page: whom we met, and how we compare."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from crm.services.competition import Met
from dashboard.components.badges import badge
from dashboard.components.page import section
from dashboard.i18n import _, day, money


def brief(opportunity_id: int, met: Sequence[Met], *, may_write: bool) -> Any:
    """The section: a record each, with the way to add one and to say it better."""
    if not met and not may_write:
        return None
    address = f"/opportunities/{opportunity_id}/competition"
    actions = [dcc.Link(_("Add"), href=address, className="button plain")] if may_write else []
    body = [_one(one, may_write) for one in met] or [html.P(_("No competitor was met yet."), className="field-hint")]
    return section(_("Competition records"), *body, actions=actions)


def _one(met: Met, may_write: bool) -> html.Article:
    price = money(met.their_unit_price) if met.their_unit_price is not None else ""
    theirs = " ".join(part for part in (met.their_product, price) if part)
    against = _("against {product}", product=met.our_product) if met.our_product else ""
    lines = [
        (_("Their offer"), " ".join(part for part in (theirs, against) if part)),
        (_("Our strengths"), "、".join(met.strengths)),
        (_("Our weaknesses"), "、".join(met.weaknesses)),
        (_("Note"), met.note),
    ]
    edit = [dcc.Link(_("Edit"), href=f"/competition/{met.id}/edit", className="button plain")] if may_write else []
    return html.Article(
        [
            html.Div(
                [
                    html.Span(met.competitor, className="said-who"),
                    badge(met.outcome),
                    html.Span(f"{met.by} · {day(met.day)}", className="said-when"),
                ],
                className="said-head",
            ),
            *(
                html.P([html.Span(label, className="said-label"), html.Span(text, className="said-text")], className="said-labelled")
                for label, text in lines
                if text
            ),
            *edit,
        ],
        className="said-comment",
    )  # fmt: skip
