"""How one opportunity looks: where it stands, what was said about it, what changed, on one page."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from crm.models import FollowUp, Opportunity
from crm.services import follow_ups
from crm.services.comments import ReplyToComment, WriteComment
from crm.services.follow_ups import WriteFollowUp
from crm.services.overview import Change, Overview, Standing
from crm.vocabulary import CommentKind, OpportunityStatus
from dashboard.components import form, said, states
from dashboard.components.badges import badge
from dashboard.components.filters import Choice
from dashboard.components.ids import Ids
from dashboard.components.page import page, section
from dashboard.i18n import NOTHING, _, day, moment, money, word

IDS = Ids("opportunity")
ABOUT = IDS.named("about")
"""The store that says which opportunity this is and at which version it was drawn: {"id", "version"}."""

TIMELINE, HEAD, HISTORY, MONEY = IDS.named("timeline"), IDS.named("head"), IDS.named("history"), IDS.named("money")
FOLLOW_UP, COMMENT, REPLY = "follow-up", "comment", "reply"
"""The forms of this page."""


def layout(
    seen: Overview,
    changes: Sequence[Change],
    zone: tzinfo,
    *,
    mark: Mapping[str, Any],
    keys: dict[str, str],
    money_parts: Sequence[Any] = (),
) -> Any:
    """The page. `mark`: how it hears of changes by others; `keys`: the submission key of each form.

    `money_parts`: the offer and the contract, drawn by who knows them.
    """
    opportunity = seen.opportunity
    return page(
        opportunity.title,
        html.Div(states.news(_("Others have changed this opportunity."), IDS.news_show), id=IDS.news, hidden=True),
        html.Div(head(seen), id=HEAD),
        html.Div(
            [
                html.Div(
                    [*_composers(seen, keys), html.Div(said.timeline(seen, zone), id=TIMELINE, className="timeline")], className="said"
                ),
                html.Div(
                    [
                        html.Div(list(money_parts), id=MONEY),
                        _products(opportunity),
                        section(_("History"), html.Div(history(changes, zone), id=HISTORY)),
                    ],
                    className="aside",
                ),
            ],
            className="opportunity-columns",
        ),
        dcc.Store(id=ABOUT, data={"id": opportunity.id, "version": opportunity.version}),
        *(dcc.Store(id=IDS.named(f"key-{name}"), data=value) for name, value in keys.items()),
        dcc.Store(id=IDS.named("replying"), data=None),
        html.Div(**mark),
        subtitle=subtitle(seen),
        actions=_actions(seen),
    )


def subtitle(seen: Overview) -> list[Any]:
    """State, customer, and in whose hands it is."""
    opportunity = seen.opportunity
    owner = opportunity.owner.name if opportunity.owner else _("Not assigned")
    parts = [*([opportunity.contact.name] if opportunity.contact else []), owner, *([opportunity.team.name] if opportunity.team else [])]
    customer: Any = opportunity.customer.name
    if seen.reads_customer:
        customer = dcc.Link(customer, href=f"/customers/{opportunity.customer_id}")
    return [badge(opportunity.status), html.Span([customer, " · ", " · ".join(parts)], className="subtitle-words")]


def head(seen: Overview) -> list[Any]:
    """The line of stages, and the facts."""
    return [_stages(seen), _facts(seen)]


def history(changes: Sequence[Change], zone: tzinfo) -> Any:
    """What changed, when, by whom."""
    return html.Ol([html.Li(_change(change, zone)) for change in changes], className="history")


def follow_up_form(seen: Overview) -> html.Form:
    """A form for a follow-up, by the method that was used last; with the next step so far, if there is one."""
    choices = {name: [Choice(*offer) for offer in found] for name, found in seen.offered.items()}
    step = follow_ups.step(seen.opportunity)
    choices["step_done"] = [Choice("on", _("Done: {step}", step=step))]
    drawn = form.fields(
        FOLLOW_UP, WriteFollowUp, {"method_id": seen.usual_method}, choices=choices, left_out=() if step else ("step_done",)
    )
    return form.form(FOLLOW_UP, _("Write a follow-up"), [*drawn, form.hidden(FOLLOW_UP, "step_seen", step)])


def comment_form(seen: Overview, zone: tzinfo | None = None) -> html.Form:
    """An empty form for a comment, of the kinds that this person may write."""
    choices = {
        "kind": [Choice(kind.value, word(kind)) for kind in seen.rights.comment],
        "follow_up_id": [Choice(follow_up.id, _called(seen, follow_up)) for follow_up in seen.follow_ups[:20]],
    }
    values = {"kind": seen.rights.comment[0].value if seen.rights.comment else None}
    body = form.fields(COMMENT, WriteComment, values, choices=choices)
    shown = [field for field, name in zip(body, WriteComment.model_fields, strict=True) if name != "discount_bp" or _decides(seen)]
    return form.form(COMMENT, _("Comment"), shown, save=_("Send"))


def reply_form() -> html.Form:
    """An empty form for the answer to a comment."""
    return form.form(REPLY, _("Reply"), form.fields(REPLY, ReplyToComment), save=_("Send"))


def _decides(seen: Overview) -> bool:
    return CommentKind.DECISION in seen.rights.comment


def _called(seen: Overview, follow_up: FollowUp) -> str:
    """A follow-up in a list of them."""
    return f"{day(follow_up.day)} {seen.methods.get(follow_up.method_id, '')} · {follow_up.content[:24]}"


def _actions(seen: Overview) -> list[Any]:
    """What this person may do with it; the server is asked again when they do."""
    address, rights = f"/opportunities/{seen.opportunity.id}", seen.rights
    actions: list[Any] = []
    if rights.close:
        actions += [
            dcc.Link(_("Mark as stopped"), href=f"{address}/close/stopped", className="button"),
            dcc.Link(_("Mark as lost"), href=f"{address}/close/lost", className="button"),
        ]
    if rights.reopen:
        actions.append(dcc.Link(_("Reopen"), href=f"{address}/reopen", className="button"))
    if rights.edit:
        actions.append(dcc.Link(_("Edit"), href=f"{address}/edit", className="button primary"))
    return actions


def _composers(seen: Overview, keys: dict[str, str]) -> list[Any]:
    """Where something is said; closed until it is wanted."""
    drawn: list[Any] = []
    if seen.rights.follow_up:
        drawn.append(_composer(FOLLOW_UP, _("Write a follow-up"), follow_up_form(seen)))
    if seen.rights.comment:
        drawn.append(_composer(COMMENT, _("Comment"), comment_form(seen)))
    if seen.rights.reply:
        reply = html.Div(
            [html.Div(id=IDS.named("replying-to"), className="replying-to"), html.Div(reply_form(), id=IDS.named("form-reply"))],
            id=IDS.named("reply"), hidden=True, className="composer-reply",
        )  # fmt: skip
        drawn.append(reply)
    return [html.Div(drawn, className="composers")] if drawn else []


def _composer(name: str, title: str, drawn: html.Form) -> html.Details:
    return html.Details(
        [html.Summary(html.Span(title, className="button")), html.Div(drawn, id=IDS.named(f"form-{name}"))],
        className="composer", id=IDS.named(f"composer-{name}"),
    )  # fmt: skip


def _stages(seen: Overview) -> html.Ol:
    """The line of stages, up to the present one."""
    opportunity, steps, passed = seen.opportunity, [], True
    for stage_id, name in seen.stages:
        here = stage_id == opportunity.stage_id
        passed = passed and not here
        look = "here" if here else "passed" if passed else "ahead"
        steps.append(html.Li(name, className=f"stage-step {look}", **({"aria-current": "step"} if here else {})))
    return html.Ol(steps, className=f"stage-line tone-line-{opportunity.status.value}", **{"aria-label": _("Stage")})


def _facts(seen: Overview) -> html.Dl:
    opportunity = seen.opportunity
    facts: list[tuple[str, Any]] = [
        (_("Expected amount"), money(opportunity.expected_amount)),
        (_("Expected close date"), day(opportunity.expected_close_on)),
        (_("Last follow-up"), day(opportunity.last_followed_up_on)),
        (_("Next step"), follow_ups.step(opportunity) or NOTHING),
        (_("Lead source"), opportunity.source.name if opportunity.source else NOTHING),
        (_("Created on"), day(opportunity.created_on)),
    ]
    if opportunity.status is not OpportunityStatus.FOLLOWING:
        facts.append((_("Closed on"), day(opportunity.closed_on)))
    if opportunity.loss_reason:
        reason = [opportunity.loss_reason.name, *([seen.competitor] if seen.competitor else [])]
        facts.append((_("Reason"), " · ".join(reason)))
    if opportunity.loss_note:
        facts.append((_("Note"), opportunity.loss_note))
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts")


def _products(opportunity: Opportunity) -> Any:
    if not opportunity.lines:
        return None
    rows = [html.Tr([html.Td(line.product.name), html.Td(money(line.amount), className="number")]) for line in opportunity.lines]
    return section(_("Products"), html.Table(html.Tbody(rows), className="plain-table"))


def _change(change: Change, zone: tzinfo) -> list[Any]:
    """One line of history: what it was, and each value that differs."""
    head = html.Div(
        [html.Span(word(change.act), className="history-act"), html.Span(change.by or _("Import"), className="history-who")],
        className="history-head",
    )
    differing = [html.Div([html.Span(name, className="said-label"), html.Span(f"{was} → {now}")]) for name, was, now in _differing(change)]
    when = moment(change.at, zone)
    return [head, html.Time(when, className="said-when"), *differing]


def _differing(change: Change) -> list[tuple[str, str, str]]:
    """The values that a change changed: what they are called, before, after."""
    if change.before is None:
        return []
    was, now = _standing(change.before), _standing(change.after)
    return [(name, was[name], now[name]) for name in now if was[name] != now[name]]


def _standing(standing: Standing) -> dict[str, str]:
    return {
        _("Status"): word(standing.status),
        _("Stage"): standing.stage,
        _("Expected amount"): money(standing.amount),
        _("Expected close date"): day(standing.expected_close_on),
        _("Rep"): standing.owner or NOTHING,
        _("Reason"): standing.reason or NOTHING,
        _("Competitor"): standing.competitor or NOTHING,
    }
