"""Who may carry rows away: exports of tables and of the records behind a number."""

from collections.abc import Mapping

from crm.scope import Actor
from crm.vocabulary import Kind, Permission
from dashboard.queries.measure import Measure
from dashboard.queries.records import KINDS
from dashboard.queries.relations import is_aggregate
from dashboard.queries.report import Listing, View

COUNTED_AS: Mapping[Kind, Kind | None] = {
    Kind.PAYMENT_PLAN: Kind.CONTRACT,
    Kind.FOLLOW_UP: Kind.OPPORTUNITY,
    Kind.TARGET: None,
    Kind.SOURCE: None,
}
"""Kinds whose rows leave with those of another kind, or are nobody's secret."""


def may_export(view: View | Listing, actor: Actor, records: Measure | None = None) -> bool:
    """Whether the person may carry away this table's rows, or the records behind one of its numbers: X on every kind behind them."""
    if records is not None or isinstance(view, Listing):
        measure = records or view.measure  # type: ignore[union-attr]
        holder = KINDS[measure.relation.record].holder
        kinds = {measure.relation.kind, *({holder[0]} if holder else ())}
    else:
        kinds = {m.relation.kind for m in view.measures if not is_aggregate(m.relation, actor.scope)}
    counted = {COUNTED_AS.get(kind, kind) for kind in kinds} - {None}
    return _carries_anything(actor) and all(actor.may(Permission.EXPORT, kind) for kind in counted if kind)


def _carries_anything(actor: Actor) -> bool:
    """Whether there is any kind of rows that the person may carry away: who has none takes no targets along either."""
    return any(actor.may(Permission.EXPORT, kind) for kind in Kind)
