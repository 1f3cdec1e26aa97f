"""What happens on the page of one opportunity: follow-ups, comments and answers are written; what others do appears by itself."""

from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from crm.errors import NotFound
from crm.models import Contract, Opportunity
from crm.services import comments, contract_view, files, follow_ups, offer_view, overview
from crm.services.comments import ReplyToComment, WriteComment
from crm.services.follow_ups import WriteFollowUp
from crm.services.overview import Overview
from crm.submissions import once
from crm.vocabulary import Kind, Permission
from dashboard import frame, session, watching
from dashboard.callbacks import deal_parts, forms, hearing
from dashboard.components import contracts, offers, said
from dashboard.i18n import _
from dashboard.pages import opportunity as page
from dashboard.pages.opportunity import ABOUT, COMMENT, FOLLOW_UP, HEAD, HISTORY, IDS, MONEY, REPLY, TIMELINE

About = dict[str, Any]


def layout(opportunity_id: str = "", **_address: str) -> Any:
    """The page of the opportunity in the address; none for one out of reach."""
    actor = session.actor()
    with session.looking() as opened:
        seen = overview.of_opportunity(opened, actor, number(opportunity_id))
        changes = overview.changes(opened, actor, seen.opportunity.id)
        mark = watching.mark(opened.connection(), Kind.OPPORTUNITY, seen.opportunity.id, actor.user_id)
    with session.looking() as opened:  # another one: what is found anew would lose what was loaded with it
        parts = _parts(opened, seen.opportunity)
    frame.trail(*frame.trail_of("/opportunities", actor), (seen.opportunity.title, None))
    keys = {name: token_urlsafe() for name in (FOLLOW_UP, COMMENT, REPLY)}
    return page.layout(seen, changes, zone(), mark=mark, keys=keys, money_parts=parts)


def _parts(opened: Session, opportunity: Opportunity) -> list[Any]:
    """What stands beside what was said."""
    return [*_money_parts(opened, opportunity.id), *deal_parts.parts(opened, opportunity, zone())]


def _money_parts(opened: Session, opportunity_id: int) -> list[Any]:
    """The offer and the contract, for who reads them."""
    actor = session.actor()
    today, parts = session.today(), []
    if actor.may(Permission.READ, Kind.QUOTE):
        parts.append(offers.brief(offer_view.of_opportunity(opened, actor, opportunity_id, today=today)))
    signed = contract_view.of_opportunity(opened, actor, opportunity_id, today=today)
    if signed is None:
        return parts
    attached = files.of(opened, Contract, [signed[0].id]).get(signed[0].id, [])
    return [contracts.brief(signed, attached), *parts]


def number(text: str) -> int:
    """The id in an address; what is none leads nowhere, as an id of nothing does."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound()
    return int(text)


def zone() -> ZoneInfo:
    """The company's clock."""
    return ZoneInfo(session.company().zone)


def register(app: Dash) -> None:
    """The page's forms, and what it hears."""
    _register_writing(app)
    _register_replying(app)
    _register_news(app)


def _seen(opportunity_id: int) -> Overview:
    """The opportunity as it is now, within reach."""
    with session.looking() as opened:
        return overview.of_opportunity(opened, session.actor(), opportunity_id)


def _register_writing(app: Dash) -> None:
    def follow_up(values: WriteFollowUp, _typed: forms.Typed, about: About, key: str) -> Any:
        actor = session.actor()
        with session.acting() as opened:
            once(opened, actor, key, lambda: follow_ups.write(opened, actor, int(about["id"]), values, today=session.today()))
        seen = _seen(int(about["id"]))
        return [page.follow_up_form(seen), False, token_urlsafe(), said.timeline(seen, zone()), page.head(seen)]

    def comment(values: WriteComment, _typed: forms.Typed, about: About, key: str) -> Any:
        actor = session.actor()
        with session.acting() as opened:
            once(opened, actor, key, lambda: comments.write(opened, actor, int(about["id"]), values))
        seen = _seen(int(about["id"]))
        return [page.comment_form(seen), False, token_urlsafe(), said.timeline(seen, zone()), no_update]

    for name, model, act in ((FOLLOW_UP, WriteFollowUp, follow_up), (COMMENT, WriteComment, comment)):
        outputs = [
            Output(IDS.named(f"form-{name}"), "children"),
            Output(IDS.named(f"composer-{name}"), "open"),
            Output(IDS.named(f"key-{name}"), "data"),
            Output(TIMELINE, "children", allow_duplicate=True),
            Output(HEAD, "children", allow_duplicate=True),
        ]
        forms.register(app, name, model, outputs, [State(ABOUT, "data"), State(IDS.named(f"key-{name}"), "data")], act, told=True)
        _register_closing(app, name)


def _register_closing(app: Dash, name: str) -> None:
    """Cancel folds the form away."""

    @app.callback(
        Output(IDS.named(f"composer-{name}"), "open", allow_duplicate=True),
        Input({"form": name, "press": "cancel"}, "n_clicks"),
        prevent_initial_call=True,
    )
    def close(clicks: int) -> Any:
        if not clicks:
            raise PreventUpdate
        return False


def _register_replying(app: Dash) -> None:
    @app.callback(
        Output(IDS.named("replying"), "data"),
        Output(IDS.named("reply"), "hidden"),
        Output(IDS.named("replying-to"), "children"),
        Input({"type": "reply-to", "comment": ALL}, "n_clicks"),
        Input({"form": REPLY, "press": "cancel"}, "n_clicks"),
        State(ABOUT, "data"),
        prevent_initial_call=True,
    )
    def choose(clicks: list[int], cancelled: int, about: About) -> Any:
        if not any(clicks) and not cancelled:
            raise PreventUpdate
        if ctx.triggered_id == {"form": REPLY, "press": "cancel"}:
            return None, True, ""
        if not ctx.triggered[0]["value"]:
            raise PreventUpdate
        comment_id = ctx.triggered_id["comment"]
        found = next((comment for comment in _seen(int(about["id"])).comments if comment.id == comment_id), None)
        if found is None:
            raise NotFound()
        return comment_id, False, _("To {name}: {content}", name=found.by.name, content=found.content[:80])

    def reply(values: ReplyToComment, _typed: forms.Typed, about: About, key: str, comment_id: int | None) -> Any:
        actor = session.actor()
        with session.acting() as opened:
            once(opened, actor, key, lambda: comments.reply(opened, actor, int(comment_id or 0), values))
        return [page.reply_form(), True, token_urlsafe(), said.timeline(_seen(int(about["id"])), zone())]

    outputs = [
        Output(IDS.named("form-reply"), "children"),
        Output(IDS.named("reply"), "hidden", allow_duplicate=True),
        Output(IDS.named("key-reply"), "data"),
        Output(TIMELINE, "children", allow_duplicate=True),
    ]
    states = [State(ABOUT, "data"), State(IDS.named("key-reply"), "data"), State(IDS.named("replying"), "data")]
    forms.register(app, REPLY, ReplyToComment, outputs, states, reply, told=True)


def _register_news(app: Dash) -> None:
    """What was said, the offer and the contract appear by themselves; other changes are offered, since they move what is being read."""

    def parts(seen: Overview) -> list[Any]:
        with session.looking() as opened:
            return _parts(opened, seen.opportunity)

    def changed(seen: Overview) -> Any:
        with session.looking() as opened:
            return page.history(overview.changes(opened, session.actor(), seen.opportunity.id), zone())

    hearing.register(
        app, IDS, ABOUT, _seen, lambda seen: seen.opportunity.version,
        by_itself={TIMELINE: lambda seen: said.timeline(seen, zone()), MONEY: parts},
        offered={HEAD: page.head, HISTORY: changed},
    )  # fmt: skip
