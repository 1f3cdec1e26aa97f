"""What the next revision of a quote begins with: the one before it, or the products at their list prices; a decision is in its prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import Comment, Opportunity, Quote, QuoteLine
from crm.money import apportion
from crm.rules import quotes as rules
from crm.scope import Actor
from crm.services.quotes import TAX_BP, VALID_DAYS, decision_on, followed, newest, plan_of, quantity_of
from crm.vocabulary import Permission, QuoteStatus


@dataclass(frozen=True, slots=True)
class Basis:
    """What a new revision begins with, in the fields of `WriteQuote`; the revision it follows, the decision that it carries out.

    `edits`: whether the one before is a draft that is written on; one that carries another decision is followed by a revision of its own.
    """

    values: dict[str, Any]
    follows: Quote | None
    decision: Comment | None
    edits: bool


def basis(session: Session, actor: Actor, opportunity_id: int, *, today: date, decision_id: int | None = None) -> Basis:
    """What the next revision begins with: the one before it, else the opportunity's products at their list prices.

    A decision of so much more off lowers each unit price; one that a revision carries out already is not applied again.
    """
    opportunity = followed(session, actor, Permission.CREATE, opportunity_id)
    last = newest(session, opportunity_id)
    decision = decision_on(session, opportunity_id, decision_id)
    lines = [_as_typed(line) for line in last.lines] if last else _from_products(session, opportunity)
    if decision and not _carried_out(session, decision):
        lines = _lowered(lines, Decimal(decision.discount_bp or 0) / 100)
    valid = last.valid_until if last and last.valid_until and last.valid_until >= today else today + timedelta(days=VALID_DAYS)
    values = {"lines": lines, "valid_until": valid, "terms": last.terms if last else "", "plan": _scaled(session, last, lines)}
    return Basis(values, last, decision, last is not None and _goes_on(last, decision))


def _goes_on(last: Quote, decision: Comment | None) -> bool:
    return last.status is QuoteStatus.DRAFT and (decision is None or last.decision_id in (None, decision.id))


def _carried_out(session: Session, decision: Comment) -> bool:
    return session.scalar(select(Quote.id).where(Quote.decision_id == decision.id).limit(1)) is not None


def _from_products(session: Session, opportunity: Opportunity) -> list[dict[str, Any]]:
    """One of each of the opportunity's products in use, at its list price."""
    return [
        {
            "product_id": line.product_id,
            "quantity": Decimal(1),
            "unit_price": line.product.list_price,
            "discount_bp": 0,
            "tax_rate_bp": TAX_BP,
        }
        for line in opportunity.lines
        if line.product.active
    ]


def _as_typed(line: QuoteLine) -> dict[str, Any]:
    return {
        "product_id": line.product_id, "quantity": quantity_of(line), "unit_price": line.unit_price,
        "discount_bp": line.discount_bp, "tax_rate_bp": line.tax_rate_bp,
    }  # fmt: skip


def _rule_line(line: dict[str, Any]) -> rules.Line:
    return rules.Line(line["product_id"], line["quantity"], line["unit_price"], Decimal(line["discount_bp"]).scaleb(-4))


def _lowered(lines: Sequence[dict[str, Any]], percent: Decimal) -> list[dict[str, Any]]:
    after = rules.more_off(map(_rule_line, lines), percent)
    return [line | {"unit_price": lower.unit_price} for line, lower in zip(lines, after, strict=True)]


def _scaled(session: Session, last: Quote | None, lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The plan of the revision before in the same proportions, summing to what the lines come to now."""
    plan = plan_of(session, last.id) if last else None
    if plan is None:
        return []
    parts = apportion(rules.total(map(_rule_line, lines)), [instalment.amount for instalment in plan.instalments])
    return [
        {"due_on": instalment.due_on, "amount": part, "condition": instalment.condition}
        for instalment, part in zip(plan.instalments, parts, strict=True)
    ]
