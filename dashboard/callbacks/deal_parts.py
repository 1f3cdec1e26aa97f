"""What stands beside an opportunity: whom we met there, who else reads it, whether others learn from it; and the examples themselves."""

from typing import Any
from zoneinfo import ZoneInfo

from dash import ALL, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import CompetitionFactor, CompetitionRecord, Competitor, Opportunity, Product
from crm.services import competition, lead_origins, offers, sharing
from crm.services.competition import RecordCompetition
from crm.services.inputs import read
from crm.services.sharing import LetRead
from crm.vocabulary import OpportunityStatus, Permission
from dashboard import frame, session
from dashboard.callbacks import acts
from dashboard.components import act, form, origins
from dashboard.components import competition as competition_part
from dashboard.components import sharing as sharing_part
from dashboard.components.filters import Choice, by_name
from dashboard.components.sharing import PUBLISH, READERS, SAID
from dashboard.i18n import _, explain
from dashboard.pages import examples as page

RECORD, EDIT, LET = "record-competition", "edit-competition", "let-read"
"""The forms."""

ABOUT = "opportunity-about"
"""The store of the opportunity's page."""

About = dict[str, Any]


def parts(opened: Session, opportunity: Opportunity, zone: ZoneInfo) -> list[Any]:
    """The sections beside an opportunity that the person has found within reach; none for who reads figures alone."""
    actor, id = session.actor(), opportunity.id
    met = competition.of_opportunity(opened, actor, id)
    grants = sharing.may(opened, actor, id, Permission.GRANT)
    drawn = [
        *origins.brief(lead_origins.of_opportunity(opened, actor, opportunity), _("From the lead")),
        competition_part.brief(id, met, may_write=sharing.may(opened, actor, id, Permission.UPDATE)),
        sharing_part.reading(id, sharing.readers(opened, actor, id), zone, may_grant=grants),
    ]
    if opportunity.status is OpportunityStatus.WON and sharing.may(opened, actor, id, Permission.PUBLISH):
        drawn.append(sharing_part.publishing(opportunity.published_at is not None))
    return [part for part in drawn if part is not None]


# ── the forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def record_layout(number: int) -> Any:
    """The empty form of a competition record, for who may change the opportunity."""
    with session.looking() as opened:
        opportunity = competition.begun(opened, session.actor(), number)
        body = form.fields(RECORD, RecordCompetition, choices=_choices(opened, None))
    title = _("Competition at “{title}”", title=opportunity.title)
    return _page(RECORD, title, _("Competition"), body, {"id": opportunity.id}, opportunity)


def edit_layout(number: int) -> Any:
    """A competition record as it stands."""
    with session.looking() as opened:
        found = competition.read_one(opened, session.actor(), number)
        opportunity = competition.begun(opened, session.actor(), found.opportunity_id)
        was = competition.values_of(found)
        body = form.fields(EDIT, RecordCompetition, was.model_dump(), choices=_choices(opened, found))
    about = {"id": found.id, "was": was.model_dump(mode="json")}
    return _page(EDIT, _("Competition at “{title}”", title=opportunity.title), _("Competition"), body, about, opportunity)


def share_layout(number: int) -> Any:
    """Which colleague may read the opportunity, for who may let them."""
    with session.looking() as opened:
        opportunity = sharing.begun(opened, session.actor(), number)
        body = form.fields(LET, LetRead, choices={"user_id": by_name(sharing.colleagues(opened, opportunity))})
    title = _("Let a colleague read “{title}”", title=opportunity.title)
    return _page(LET, title, _("Let a colleague read"), body, {"id": opportunity.id}, opportunity)


def _page(key: str, title: str, short: str, body: list[Any], about: About, opportunity: Opportunity) -> Any:
    address = f"/opportunities/{opportunity.id}"
    frame.trail(*frame.trail_of("/opportunities", session.actor()), (opportunity.title, address), (short, None))
    return act.act_page(title, key, title, body, about | {"here": address, "back": address})


def _choices(opened: Session, found: CompetitionRecord | None) -> dict[str, list[Choice]]:
    kept = [factor.factor_id for factor in found.factors] if found else []
    factors = offers.values(opened, CompetitionFactor, kept)
    return {
        "competitor_id": by_name(offers.competitors(opened, [found.competitor_id] if found else []), offers.other_names(opened)),
        "our_product_id": by_name(offers.values(opened, Product, [found.our_product_id] if found and found.our_product_id else [])),
        "strengths": by_name(factors),
        "weaknesses": by_name(factors),
    }


def _named(opened: Session) -> dict[str, Any]:
    return {"competitor_id": offers.names(opened, Competitor), "our_product_id": offers.names(opened, Product)}


# ── examples ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def examples_layout(**_address: str) -> Any:
    """All examples, for all who sell."""
    with session.looking() as opened:
        return page.listing(sharing.examples(opened, session.actor()))


def example_layout(number: int) -> Any:
    """One example."""
    with session.looking() as opened:
        found = sharing.example(opened, session.actor(), number)
    frame.trail(*frame.trail_of("/examples", session.actor()), (found.title, None))
    return page.one(found)


# ── what happens ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def register(app: Dash) -> None:
    """The forms save by their verbs; reading is withdrawn, a won opportunity published and taken back."""

    def to(id: int) -> str:
        return f"/opportunities/{id}"

    acts.register(
        app, RECORD, RecordCompetition,
        lambda opened, actor, about, values, today: competition.record(opened, actor, int(about["id"]), values, today=today),
        lambda made, _about: to(made.opportunity_id), keeps=False,
    )  # fmt: skip
    acts.register(
        app, EDIT, RecordCompetition,
        lambda opened, actor, about, values, _today: competition.edit(
            opened, actor, int(about["id"]), values, was=read(RecordCompetition, about.get("was") or {})
        ),
        lambda made, _about: to(made.opportunity_id), keeps=False,
    )  # fmt: skip
    acts.register(
        app, LET, LetRead, lambda opened, actor, about, values, _today: sharing.let_read(opened, actor, int(about["id"]), values),
        lambda made, _about: to(made.opportunity_id), keeps=False,
    )  # fmt: skip
    _register_withdrawing(app)
    _register_publishing(app)


def _register_withdrawing(app: Dash) -> None:
    @app.callback(
        Output(READERS, "children"), Input({"type": "withdraw-reader", "reader": ALL}, "n_clicks"), State(ABOUT, "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    def withdraw(clicks: list[int], about: About) -> Any:
        if not any(clicks) or not ctx.triggered_id:
            raise PreventUpdate
        actor = session.actor()
        with session.acting() as opened:
            withdrawn = sharing.withdraw(opened, actor, int(ctx.triggered_id["reader"]))
            standing = sharing.readers(opened, actor, withdrawn.opportunity_id)
        return sharing_part.readers_of(standing, ZoneInfo(session.company().zone), may_grant=True)


def _register_publishing(app: Dash) -> None:
    @app.callback(Output(SAID, "children"), Output(PUBLISH, "children"), Input(PUBLISH, "n_clicks"), State(ABOUT, "data"),
                  prevent_initial_call=True)  # fmt: skip
    def publish(clicks: int, about: About) -> Any:
        if not clicks:
            raise PreventUpdate
        actor, id = session.actor(), int(about["id"])
        try:
            with session.acting() as opened:
                found = opened.get(Opportunity, id)
                verb = sharing.unpublish if found is not None and found.published_at is not None else sharing.publish
                published = verb(opened, actor, id).published_at is not None
        except CrmError as refused:
            return explain(refused), _("Publish as an example")
        said = _("All who sell can read it now.") if published else _("The example was taken back.")
        return said, _("Take the example back") if published else _("Publish as an example")

