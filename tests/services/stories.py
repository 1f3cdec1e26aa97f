"""What tests of verbs ask of what a verb left behind."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import Invalid
from crm.models import AuditEntry, Contract, ContractHistory, Notification, Opportunity, OpportunityHistory


def kept(session: Session, opportunity: Opportunity, *fields: str) -> list[tuple[Any, ...]]:
    """The lines of an opportunity's history, oldest first, in these fields."""
    lines = select(OpportunityHistory).where(OpportunityHistory.opportunity_id == opportunity.id).order_by(OpportunityHistory.seq)
    return [tuple(getattr(line, field) for field in fields) for line in session.scalars(lines)]


def kept_of_contract(session: Session, contract: Contract, *fields: str) -> list[tuple[Any, ...]]:
    """The lines of a contract's history, oldest first, in these fields."""
    lines = select(ContractHistory).where(ContractHistory.contract_id == contract.id).order_by(ContractHistory.seq)
    return [tuple(getattr(line, field) for field in fields) for line in session.scalars(lines)]


def audited(session: Session) -> list[tuple[int | None, str, str, dict[str, Any], dict[str, Any]]]:
    """The audit lines, oldest first: by whom, act, subject, before, after (without versions)."""
    lines = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(line.by_id, line.act.value, line.subject, _said(line.before), _said(line.after)) for line in lines]


def _said(text: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(text) if text else {}
    said.pop("version", None)
    return said


def told(session: Session) -> list[tuple[int, str, dict[str, str]]]:
    """The notifications: whom, which message, with which values."""
    return [
        (notice.user_id, notice.message, json.loads(notice.values))
        for notice in session.scalars(select(Notification).order_by(Notification.id))
    ]


def refused(act: Callable[[], object]) -> dict[str, str]:
    """The fields at fault and why."""
    with pytest.raises(Invalid) as refusal:
        act()
    return {key: type(error).__name__ for key, error in refusal.value.faults.items()}
