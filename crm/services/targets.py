"""The verb of a sales target 销售计划: set it. A changed one is a new version, so that the past keeps what held then."""

from datetime import date
from typing import Annotated

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit
from crm.errors import CrmError, NotAllowed
from crm.models import SalesTarget, Team, User
from crm.scope import Actor
from crm.services.input_faults import NotAChoice
from crm.services.input_types import Amount, Day, Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.reach import chosen, reaches_company, require
from crm.vocabulary import N_, Kind, Permission, TargetUnit


class NobodysTeam(CrmError):
    """A rep's target counts for the team that they are in."""

    message = N_("{person} is in no team.")


class SetTarget(Input):
    """What should be signed in a month: by the company, by a team, or (with a rep) by one person."""

    month: Annotated[Day, field(N_("Month"), Control.DAY, hint=N_("Any day of the month."))]
    amount: Annotated[Amount, field(N_("Amount"), Control.AMOUNT)]
    team_id: Annotated[Reference | None, field(N_("Team"), Control.CHOICE, offers="teams")] = None
    user_id: Annotated[Reference | None, field(N_("Sales rep"), Control.CHOICE, offers="reps")] = None


def set_target(session: Session, actor: Actor, values: SetTarget, *, today: date) -> SalesTarget:
    """Set the target of the company, a team or a rep for a month, from today on. A rep's target keeps the team it was set in."""
    require(actor, Permission.UPDATE, Kind.TARGET)
    unit = TargetUnit.REP if values.user_id else TargetUnit.TEAM if values.team_id else TargetUnit.COMPANY
    month, team_id = values.month.replace(day=1), _team(session, values)
    _check_reach(actor, unit, team_id)
    standing = _standing(session, month, unit, values.user_id, team_id)
    if standing and standing.valid_from >= today:
        with audit.changing(session, actor, standing):
            standing.amount = values.amount
        return standing
    if standing:
        if standing.amount == values.amount:
            return standing
        with audit.changing(session, actor, standing):
            standing.valid_to = today
    target = SalesTarget(
        month=month, unit=unit, team_id=standing.team_id if standing else team_id, user_id=values.user_id, amount=values.amount,
        valid_from=today,
    )  # fmt: skip
    session.add(target)
    audit.created(session, actor, target)
    return target


def _team(session: Session, values: SetTarget) -> int | None:
    """The team that the target counts for: the one named, or the rep's."""
    faults = Faults()
    chosen(session, Team, values.team_id, faults, "team_id")
    person = chosen(session, User, values.user_id, faults, "user_id")
    if person and person.team_id is None:
        faults.add("user_id", NobodysTeam(person=person.name))
    if person and values.team_id not in (None, person.team_id):
        faults.add("user_id", NotAChoice())
    faults.raise_any()
    return person.team_id if person else values.team_id


def _check_reach(actor: Actor, unit: TargetUnit, team_id: int | None) -> None:
    """The executive sets every target, a lead those of their team's reps."""
    if not reaches_company(actor, Permission.UPDATE, Kind.TARGET) and (unit is not TargetUnit.REP or team_id not in actor.scope.team_ids):
        raise NotAllowed()


def _standing(session: Session, month: date, unit: TargetUnit, user_id: int | None, team_id: int | None) -> SalesTarget | None:
    """The version that holds now; a rep's by the person, whichever team it was set in."""
    rows = select(SalesTarget).where(SalesTarget.month == month, SalesTarget.unit == unit, SalesTarget.valid_to.is_(None))
    whose = SalesTarget.user_id == user_id if user_id is not None else SalesTarget.team_id.is_not_distinct_from(team_id)
    return session.scalar(rows.where(whose))
