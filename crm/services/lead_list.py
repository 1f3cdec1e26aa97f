"""The list of leads: what it shows of each, how it is sorted, narrowed and searched; and which of them wait for too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from crm import clock
from crm.models import Campaign, CompanySettings, Lead, LeadSource, Team, User
from crm.rules import leads as rules
from crm.services.list_terms import Filter, Sort, among
from crm.services.lists import RecordList
from crm.vocabulary import LeadStatus


class Care(StrEnum):
    """What can be asked of a lead besides its state."""

    NEGLECTED = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One lead in the list. `neglected`: for how many days nobody has done anything with it; None unless that is too long."""

    id: int
    version: int
    contact_name: str
    company: str
    phone: str
    status: LeadStatus
    source: str
    campaign: str | None
    owner: str | None
    team: str | None
    intent: str
    arrived_on: date
    first_handled_on: date | None
    neglected: int | None


def patience(session: Session) -> tuple[date, int]:
    """The company's today, and after how many days without anything done a lead counts as neglected."""
    found = session.execute(select(CompanySettings.zone, CompanySettings.lead_neglected_days)).first()
    zone, days = found or ("Asia/Shanghai", 3)
    return clock.today(zone), days


def neglected_days(session: Session, status: LeadStatus, arrived_on: date) -> int | None:
    """For how many days a lead has been neglected; None if it is not."""
    today, limit = patience(session)
    days = rules.days_unhandled(status, arrived_on, today)
    return days if rules.is_neglected(days, limit) else None


def is_neglected(session: Session, _values: Sequence[Any] = (), _along: bool = False) -> ColumnElement[bool]:
    """The leads with which nobody has done anything for longer than the company allows."""
    today, limit = patience(session)
    return and_(Lead.status == LeadStatus.UNPROCESSED, Lead.arrived_on < today - timedelta(days=limit))


def _rows(session: Session, ids: Sequence[int]) -> list[Row]:
    today, limit = patience(session)
    statement = (
        select(
            Lead.id, Lead.version, Lead.contact_name, Lead.company, Lead.phone, Lead.status, LeadSource.name, Campaign.name, User.name,
            Team.name, Lead.intent, Lead.arrived_on, Lead.first_handled_on,
        )
        .join(LeadSource, LeadSource.id == Lead.source_id)
        .join(Campaign, Campaign.id == Lead.campaign_id, isouter=True)
        .join(User, User.id == Lead.owner_id, isouter=True)
        .join(Team, Team.id == Lead.team_id, isouter=True)
        .where(Lead.id.in_(ids))
    )  # fmt: skip
    rows: Sequence[Any] = session.execute(statement).all()
    found = []
    for row in rows:
        days = rules.days_unhandled(row.status, row.arrived_on, today)
        found.append(Row(*[*row, days if rules.is_neglected(days, limit) else None]))
    return found


LEADS = RecordList(
    "leads",
    Lead,
    sorts={
        "arrived_on": Sort(Lead.arrived_on),
        "status": Sort(Lead.status, ranks=lambda _session: tuple(LeadStatus)),
        "first_handled_on": Sort(Lead.first_handled_on, nullable=True),
    },
    filters={
        "status": among(Lead.status, LeadStatus, common=True, paired=("arrived_on", "status", "first_handled_on")),
        "care": Filter(Care, is_neglected),
        "source": among(Lead.source_id, common=True),
        "campaign": among(Lead.campaign_id),
        "team": among(Lead.team_id),
        "rep": among(Lead.owner_id),
    },
    rows=_rows,
    in_teams=("arrived_on", "status", "first_handled_on"),
    searched=(Lead.contact_name, Lead.company, Lead.phone),
)
