"""How the follow-up stages look: in their order, which is changed by dragging or by the buttons; and the form of one."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dash import dcc, html

from crm.models import Stage
from crm.services.master import DescribeStage
from dashboard.components import form
from dashboard.components.ids import Ids
from dashboard.components.master import Tab, retiring, tabs
from dashboard.components.page import page
from dashboard.i18n import _, percent

IDS = Ids("stages")
ABOUT, KEY, ORDER = IDS.named("about"), IDS.named("key"), IDS.named("order")
"""The stores of which stage is edited, of the submission key, and of the order that a person wants (ids)."""

STAGE = "stage"
"""The form."""


def layout(stages: Sequence[Stage], ways: Sequence[Tab], address: str) -> Any:
    """All stages, the retired ones in grey."""
    return page(
        _("Follow-up stages"),
        tabs(ways, address),
        html.P(_("Drag a stage, or use its arrows, to change the order. What was reported for the past keeps its names and places.")),
        html.Div(listed(stages, address), id=IDS.named("list")),
        html.P(id=IDS.named("said"), role="status"),
        dcc.Store(id=ORDER),
        actions=[dcc.Link(_("New stage"), href=f"{address}/new", className="button primary")],
    )


def listed(stages: Sequence[Stage], address: str) -> html.Ol:
    """The stages with what moves them."""
    return html.Ol([_one(stage, place, len(stages), address) for place, stage in enumerate(stages)], className="ordered", id="ordered")


def editing(stage: Stage, key: str) -> Any:
    """The form of a stage as it stands; those that the system sets stay."""
    values = {"name": stage.name, "probability_bp": stage.probability_bp}
    danger = [] if stage.meaning else [html.Span(retiring(IDS.named("retire"), stage.active))]
    return page(
        stage.name,
        form.form(STAGE, _("Follow-up stage"), form.fields(STAGE, DescribeStage, values), danger=danger),
        *_kept({"id": stage.id, "version": stage.version}, key),
        subtitle=_("A new name or probability holds from today on; earlier days keep theirs."),
    )


def adding(key: str) -> Any:
    """An empty form."""
    return page(
        _("New stage"),
        form.form(STAGE, _("Follow-up stage"), form.fields(STAGE, DescribeStage)),
        *_kept({}, key),
        subtitle=_("It stands before the stages that the system sets."),
    )


def _one(stage: Stage, place: int, count: int, address: str) -> html.Li:
    state = [] if stage.active else [html.Span(_("Retired"), className="badge-state tone-stopped")]
    weight = percent(Decimal(stage.probability_bp) / 10_000, 0 if stage.probability_bp % 100 == 0 else 2)
    system = [html.Span(_("set by the system"), className="said-label")] if stage.meaning else []
    return html.Li(
        [
            html.Span(className="ordered-grip", **{"aria-hidden": "true"}),
            dcc.Link(stage.name, href=f"{address}/{stage.id}"),
            *state,
            *system,
            html.Span(weight, className="ordered-figure"),
            _move(stage, "up", _("Move {stage} up", stage=stage.name), "↑", place == 0),
            _move(stage, "down", _("Move {stage} down", stage=stage.name), "↓", place == count - 1),
        ],
        draggable="true",
        **{"data-ordered": str(stage.id)},
    )


def _move(stage: Stage, way: str, label: str, sign: str, disabled: bool) -> html.Button:
    return html.Button(
        sign, type="button", className="button icon-button quiet", disabled=disabled, title=label,
        **{"data-move": way, "data-stage": str(stage.id), "aria-label": label},
    )  # fmt: skip


def _kept(about: dict[str, Any], key: str) -> list[Any]:
    return [dcc.Store(id=ABOUT, data=about), dcc.Store(id=KEY, data=key), html.Div(id=IDS.named("refused"), role="alert")]
