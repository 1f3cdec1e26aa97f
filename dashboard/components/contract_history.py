"""How what became of a contract looks: its acts and those on its payment plan, with what differed before and after."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import pairwise
from typing import Any

from dash import html

from crm.models import ContractHistory, Instalment
from crm.services.contract_view import Ledger
from crm.services.plan_changes import Difference, PlanChange
from crm.vocabulary import PlanAct
from dashboard.components.files import links
from dashboard.i18n import NOTHING, _, day, moment, money, word

AT_ONCE = 3
"""Instalments that differ and are shown without being asked for."""


def acts(seen: Ledger, zone: tzinfo) -> html.Ol:
    """The acts, the newest first."""
    lines = list(seen.contract.history)
    said = [(line.at, _act(seen, line, before, zone)) for before, line in pairwise([None, *lines]) if line]
    said += [(change.at, _plan(seen, change, zone)) for change in seen.changes_of_plan]
    return html.Ol([html.Li(drawn) for _at, drawn in sorted(said, key=lambda one: one[0])[::-1]], className="history")


def _act(seen: Ledger, line: ContractHistory, before: ContractHistory | None, zone: tzinfo) -> list[Any]:
    """One act on the contract; an amendment with the amounts before and after, its reason and files."""
    said = _head(seen, word(line.act), line.by_id, _("{day}, written down {when}", day=line.day, when=moment(line.at, zone)))
    if before and before.amount != line.amount:
        said.append(_labelled(_("Contract amount"), f"{money(before.amount)} → {money(line.amount)}"))
    if before and before.owner_id != line.owner_id:
        names = [seen.people.get(one.owner_id or 0, NOTHING) for one in (before, line)]
        said.append(_labelled(_("Carer"), " → ".join(names)))
    said += _reason(line.reason)
    if line.id in seen.files_of_acts:
        said.append(links(seen.files_of_acts[line.id]))
    return said


def _plan(seen: Ledger, change: PlanChange, zone: tzinfo) -> list[Any]:
    """One act on the payment plan, with the instalments that differ."""
    said = _head(seen, word(change.act), change.by_id, moment(change.at, zone))
    if change.act is not PlanAct.DECLINED:
        said += _differences(change.differences, _planned if change.act is PlanAct.MADE else _difference)
    return said + _reason(change.reason)


def _differences(found: Sequence[Difference], said: Callable[[Difference], str]) -> list[Any]:
    if not found:
        return [html.Div(_("The instalments stay as they were."), className="said-when")]
    lines = [_labelled(_("Instalment {no}", no=one.no), said(one)) for one in found]
    if len(found) <= AT_ONCE:
        return lines
    return [html.Details([html.Summary(_("{count} instalments differ", count=len(found))), *lines], className="said-before")]


def _planned(of: Difference) -> str:
    """An instalment of the first plan."""
    return _part(of.after)


def _difference(of: Difference) -> str:
    """An instalment as it was and as it became; what stayed is said once."""
    if of.before is None or of.after is None:
        return f"{_part(of.before)} → {_part(of.after)}"
    before, after = of.before, of.after
    pairs = [(day(before.due_on), day(after.due_on)), (money(before.amount), money(after.amount)), (before.condition, after.condition)]
    return " · ".join(_turned(was, now) for was, now in pairs if was or now)


def _turned(was: str, now: str) -> str:
    return now if was == now else f"{was or NOTHING} → {now or NOTHING}"


def _part(part: Instalment | None) -> str:
    return " · ".join(filter(None, (day(part.due_on), money(part.amount), part.condition))) if part else NOTHING


def _head(seen: Ledger, act: str, by_id: int | None, when: str) -> list[Any]:
    by = seen.people.get(by_id or 0) or _("Import")
    head = html.Div([html.Span(act, className="history-act"), html.Span(by, className="history-who")], className="history-head")
    return [head, html.Time(when, className="said-when")]


def _labelled(label: str, text: str) -> html.Div:
    return html.Div([html.Span(label, className="said-label"), html.Span(text)])


def _reason(reason: str) -> list[Any]:
    return [html.P(reason, className="said-text")] if reason else []
