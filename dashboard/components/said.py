"""How what was said about an opportunity looks: follow-ups with the problems that they tell of, comments on them, and answers."""

from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from dash import dcc, html

from crm.models import Comment, FollowUp, FollowUpVersion
from crm.services import follow_ups
from crm.services.overview import Overview
from dashboard.components import files, states
from dashboard.i18n import NOTHING, _, moment, word


def timeline(seen: Overview, zone: tzinfo) -> list[Any]:
    """Follow-ups with the comments on them, and comments on the whole, the newest first."""
    roots = [comment for comment in seen.comments if comment.reply_to_id is None]
    said = [(follow_up.at, _follow_up(seen, follow_up, zone)) for follow_up in seen.follow_ups]
    said += [(comment.at, _comment(seen, comment, zone)) for comment in roots if comment.follow_up_id is None]
    if not said:
        return [states.empty(_("Nothing has been said about this opportunity yet."))]
    return [drawn for _at, drawn in sorted(said, key=lambda pair: pair[0], reverse=True)]


def _follow_up(seen: Overview, follow_up: FollowUp, zone: tzinfo) -> html.Article:
    """One follow-up with what was said on it."""
    method = seen.methods.get(follow_up.method_id, "")
    children: list[Any] = [
        _line(f"{method} · {follow_up.by.name}", moment(follow_up.at, zone)),
        html.P(follow_up.content, className="said-text"),
    ]
    if follow_up.feedback:
        children.append(_labelled(_("Customer's feedback"), follow_up.feedback))
    if follow_up.problem:
        children.append(_problem(seen, follow_up, zone))
    if planned := follow_ups.step(follow_up):
        children.append(_labelled(_("Next step"), planned))
    if attached := seen.files.get(follow_up.id):
        children.append(files.listed(attached))
    if before := seen.before.get(follow_up.id):
        children.append(_before(seen, before, zone))
    mine = [comment for comment in seen.comments if comment.follow_up_id == follow_up.id and comment.reply_to_id is None]
    children += [_comment(seen, comment, zone) for comment in mine]
    if follow_up.id in seen.mendable:
        children.append(dcc.Link(_("Edit"), href=f"/follow-ups/{follow_up.id}/edit", className="button plain"))
    return html.Article(children, className="said-item")


def _before(seen: Overview, versions: Sequence[FollowUpVersion], zone: tzinfo) -> html.Details:
    """What a follow-up said before its writer changed it, folded away."""
    said: list[Any] = []
    for version in versions:
        method = seen.methods.get(version.method_id or 0)
        parts = [
            (_("Customer's feedback"), version.feedback),
            (_("Problem"), version.problem),
            (_("Department to act"), seen.departments.get(version.department_id or 0, "")),
            (_("Next step"), follow_ups.step(version)),
        ]
        until = _("until {when}", when=moment(version.replaced_at, zone))
        said += [html.Time(f"{method} · {until}" if method else until, className="said-when")]
        said += [html.P(version.content, className="said-text"), *(_labelled(label, text) for label, text in parts if text)]
    edited = moment(versions[0].replaced_at, zone)
    return html.Details([html.Summary(_("Edited {when}", when=edited)), *said], className="said-before")


def _problem(seen: Overview, follow_up: FollowUp, zone: tzinfo) -> html.Div:
    """The customer's problem, to whom it was sent, and what came of it."""
    solved = follow_up.problem_solved_at is not None
    state = html.Span(_("Solved") if solved else _("Unsolved"), className=f"badge-state tone-{'won' if solved else 'overdue'}")
    department = seen.departments.get(follow_up.department_id or 0)
    words = [state, html.Span(f"{_('Problem')}{' · ' + department if department else ''}", className="said-label")]
    answer: list[Any] = [_labelled(_("Answer"), follow_up.problem_answer)] if follow_up.problem_answer else []
    if follow_up.problem_solved_at:
        by = seen.solvers.get(follow_up.problem_solved_by_id or 0, NOTHING)
        answer.append(html.Span(f"{by} · {moment(follow_up.problem_solved_at, zone)}", className="said-when"))
    if not solved and seen.rights.follow_up:
        answer.append(dcc.Link(_("Mark as solved"), href=f"/problems/{follow_up.id}", className="button plain"))
    return html.Div(
        [html.Div(words, className="said-problem-head"), html.P(follow_up.problem, className="said-text"), *answer],
        className="said-problem",
    )


def _comment(seen: Overview, comment: Comment, zone: tzinfo) -> html.Article:
    """A comment, its answers, and the way to answer."""
    said: list[Any] = [html.Span(word(comment.kind), className=f"comment-kind {comment.kind.value}")]
    if comment.discount_bp is not None:
        said.append(html.Strong(_("{percent} % off", percent=Decimal(comment.discount_bp) / 100), className="comment-discount"))
    answers = [answer for answer in seen.comments if answer.reply_to_id == comment.id]
    reply = html.Button(_("Reply"), id={"type": "reply-to", "comment": comment.id}, className="button plain", n_clicks=0)
    return html.Article(
        [
            _line(comment.by.name, moment(comment.at, zone), said),
            html.P(comment.content, className="said-text"),
            *(_answer(answer, zone) for answer in answers),
            *_carried(seen, comment),
            *([reply] if seen.rights.reply else []),
        ],
        className="said-comment",
    )


def _carried(seen: Overview, comment: Comment) -> list[Any]:
    """Of a decision: which revision of the quote has it, else the way to the one that will."""
    address = f"/opportunities/{seen.opportunity.id}"
    if revision := seen.carried_out.get(comment.id):
        return [dcc.Link(_("In revision {number} of the quote", number=revision), href=f"{address}/quotes", className="button plain")]
    if comment.discount_bp and seen.rights.quote:
        return [dcc.Link(_("Quote again"), href=f"{address}/quote?decision={comment.id}", className="button plain")]
    return []


def _answer(answer: Comment, zone: tzinfo) -> html.Div:
    return html.Div(
        [_line(answer.by.name, moment(answer.at, zone)), html.P(answer.content, className="said-text")], className="said-answer"
    )


def _line(who: str, when: str, before: Sequence[Any] = ()) -> html.Div:
    return html.Div([*before, html.Span(who, className="said-who"), html.Time(when, className="said-when")], className="said-head")


def _labelled(label: str, text: str) -> html.P:
    return html.P([html.Span(label, className="said-label"), html.Span(text, className="said-text")], className="said-labelled")
