"""The verbs of a follow-up 跟进记录: write it, mend it within a day, answer and tick off the customer's problem.

An opportunity has one next step. It stays until another is written or somebody says that it is done: a follow-up that speaks of none
changes nothing about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from crm import audit, clock
from crm.errors import CrmError, Invalid, NotAllowed
from crm.models import Contact, Customer, Department, FollowUp, FollowUpMethod, FollowUpVersion, Opportunity, User, UserRole
from crm.scope import Actor
from crm.services import files, notices
from crm.services.files import Files
from crm.services.input_types import Day, OptionalLine, OptionalParagraph, Paragraph, Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.reach import chosen, find, find_to
from crm.vocabulary import N_, Kind, Permission, Role

MENDED_WITHIN = timedelta(hours=24)
"""How long its writer may still change a follow-up."""


class FollowUpSettled(CrmError):
    """Only its writer changes a follow-up, and only on the day they wrote it."""

    message = N_("A follow-up can be changed only by who wrote it, within 24 hours.")


class ProblemMissing(CrmError):
    """A department is told of a problem that was not described."""

    message = N_("Please describe the problem that the department should solve.")


class NoOpenProblem(CrmError):
    """There is no problem, or it was solved before."""

    message = N_("This follow-up has no open problem.")


class NextStepChanged(CrmError):
    """Who says that a step is done means the one that they saw."""

    message = N_("The next step is another one by now: {step}")


STEP_STAYS = N_("It stays unless it is done, or another one is written below.")
"""What becomes of an opportunity's next step by a follow-up."""

NextStep = Annotated[OptionalLine, field(N_("Next step"))]
NextStepOn = Annotated[Day | None, field(N_("Date of the next step"), Control.DAY)]
Attached = Annotated[Files, field(N_("Attachments"), Control.FILES)]


class Talked(Input):
    """What was said with the customer."""

    method_id: Annotated[Reference, field(N_("Method"), Control.CHOICE, offers="methods")]
    content: Annotated[Paragraph, field(N_("Content"), Control.AREA)]
    feedback: Annotated[OptionalParagraph, field(N_("Customer's feedback"), Control.AREA)] = ""
    problem: Annotated[OptionalParagraph, field(N_("Problem"), Control.AREA)] = ""
    department_id: Annotated[Reference | None, field(N_("Department to act"), Control.CHOICE, offers="departments", wide=True)] = None


class WriteFollowUp(Talked):
    """What was said, and what comes next. `step_seen`: the next step so far, as the writer saw it, which `step_done` speaks of."""

    step_done: Annotated[bool, field(N_("Next step so far"), Control.CHECK, hint=STEP_STAYS, wide=True)] = False
    next_step: NextStep = ""
    next_step_on: NextStepOn = None
    files: Attached = ()
    step_seen: Annotated[OptionalParagraph, field(N_("Next step so far"), Control.HIDDEN)] = ""


class MendFollowUp(Talked):
    """A follow-up as it should read, with the next step that it speaks of."""

    next_step: NextStep = ""
    next_step_on: NextStepOn = None
    files: Attached = ()


class SolveProblem(Input):
    """What was done about the customer's problem."""

    answer: Annotated[Paragraph, field(N_("Answer"), Control.AREA)]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem as the department sees it: whose it is and what is wrong, nothing of the opportunity."""

    follow_up_id: int
    day: date
    problem: str
    customer: str
    contact: str
    phone: str


def write(session: Session, actor: Actor, opportunity_id: int, values: WriteFollowUp, *, today: date) -> FollowUp:
    """Keep a follow-up on an opportunity within reach; the next step that it speaks of becomes the opportunity's."""
    opportunity = find_to(session, actor, Permission.CREATE, Kind.FOLLOW_UP, Opportunity, opportunity_id)
    if values.step_done and not _speaks_of_step(values) and values.step_seen != step(opportunity):
        raise Invalid({"step_done": NextStepChanged(step=step(opportunity) or "—")})
    _check(session, actor, values)
    follow_up = FollowUp(
        opportunity_id=opportunity.id, by_id=actor.user_id, team_id=actor.team_id, at=clock.now(), day=today, recorded_on=today,
        **values.model_dump(exclude={"files", "step_done", "step_seen"}),
    )  # fmt: skip
    session.add(follow_up)
    audit.created(session, actor, follow_up)
    _attach(session, actor, follow_up, values)
    _carry(session, follow_up, step=values.step_done or _speaks_of_step(values))
    notices.tell(
        session, opportunity.owner_id, N_("{by} wrote a follow-up on “{title}”."), opportunity, opportunity.id,
        by=actor, title=opportunity.title,
    )  # fmt: skip
    _tell_department(session, actor, follow_up)
    return follow_up


def edit(session: Session, actor: Actor, follow_up_id: int, values: MendFollowUp) -> FollowUp:
    """Mend one's own follow-up within 24 hours; what stood there before is kept."""
    follow_up = find(session, actor, FollowUp, follow_up_id)
    if not may_edit(actor, follow_up):
        raise FollowUpSettled()
    _check(session, actor, values, follow_up)
    told, spoke = follow_up.department_id, _speaks_of_step(follow_up)
    was = {name: getattr(follow_up, name) for name in MendFollowUp.model_fields if name != "files"}
    session.add(FollowUpVersion(follow_up_id=follow_up.id, replaced_at=clock.now(), **was))
    with audit.changing(session, actor, follow_up):
        for name, value in values.model_dump(exclude={"files"}).items():
            setattr(follow_up, name, value)
        follow_up.edited_at = clock.now()
    _attach(session, actor, follow_up, values)
    if _is_latest(session, follow_up):
        _carry(session, follow_up, step=spoke or _speaks_of_step(values))
    if follow_up.department_id != told:
        _tell_department(session, actor, follow_up)
    return follow_up


def may_edit(actor: Actor, follow_up: FollowUp) -> bool:
    """Whether this person wrote it, and less than a day ago."""
    return follow_up.by_id == actor.user_id and clock.now() - follow_up.at < MENDED_WITHIN


def solve_problem(session: Session, actor: Actor, follow_up_id: int, values: SolveProblem) -> FollowUp:
    """Answer and tick off the problem: the department it is addressed to, or who may write follow-ups there."""
    follow_up = find(session, actor, FollowUp, follow_up_id)
    if not _addressed_to(actor, follow_up):
        find_to(session, actor, Permission.CREATE, Kind.FOLLOW_UP, FollowUp, follow_up_id)
    if not follow_up.problem or follow_up.problem_solved_at:
        raise NoOpenProblem()
    with audit.changing(session, actor, follow_up):
        follow_up.problem_answer, follow_up.problem_solved_at = values.answer, clock.now()
        follow_up.problem_solved_by_id = actor.user_id
    opportunity = session.get_one(Opportunity, follow_up.opportunity_id)
    for whom in notices.who_sees(session, {follow_up.by_id, opportunity.owner_id}, opportunity):
        notices.tell(
            session, whom, N_("{by} solved the problem on “{title}”."), opportunity, opportunity.id, by=actor, title=opportunity.title
        )
    return follow_up


def open_problems(session: Session, actor: Actor) -> list[Problem]:
    """The unsolved problems addressed to the person's department, the oldest first."""
    if not actor.may(Permission.UPDATE, Kind.PROBLEM) or actor.scope.department_id is None:
        raise NotAllowed()
    rows = session.execute(
        select(FollowUp, Customer.name, Contact)
        .join(Opportunity, Opportunity.id == FollowUp.opportunity_id)
        .join(Customer, Customer.id == Opportunity.customer_id)
        .join(Contact, Contact.id == Opportunity.contact_id, isouter=True)
        .where(FollowUp.department_id == actor.scope.department_id, FollowUp.problem != "", FollowUp.problem_solved_at.is_(None))
        .order_by(FollowUp.id)
    )
    return [
        Problem(follow_up.id, follow_up.day, follow_up.problem, name, contact.name if contact else "", contact.phone if contact else "")
        for follow_up, name, contact in rows
    ]


def of_opportunity(session: Session, actor: Actor, opportunity_id: int) -> Sequence[FollowUp]:
    """The opportunity's follow-ups with their writers, the newest first."""
    rows = actor.scope.narrow(select(FollowUp), FollowUp).where(FollowUp.opportunity_id == opportunity_id)
    return session.scalars(rows.order_by(FollowUp.at.desc(), FollowUp.id.desc()).options(selectinload(FollowUp.by))).all()


def earlier(session: Session, ids: Sequence[int]) -> dict[int, list[FollowUpVersion]]:
    """What follow-ups that the person has found within reach said before they were edited, the newest first, by follow-up."""
    kept = select(FollowUpVersion).where(FollowUpVersion.follow_up_id.in_(ids)).order_by(FollowUpVersion.id.desc())
    found: dict[int, list[FollowUpVersion]] = {}
    for version in session.scalars(kept) if ids else ():
        found.setdefault(version.follow_up_id, []).append(version)
    return found


def step(of: Opportunity | FollowUp | FollowUpVersion) -> str:
    """A next step in words: its day and what is to be done; empty where there is none."""
    return " ".join(part for part in (of.next_step_on.isoformat() if of.next_step_on else "", of.next_step) if part)


def _speaks_of_step(said: FollowUp | WriteFollowUp | MendFollowUp) -> bool:
    return bool(said.next_step or said.next_step_on)


def _attach(session: Session, actor: Actor, follow_up: FollowUp, values: WriteFollowUp | MendFollowUp) -> None:
    faults = Faults()
    files.attach(session, actor, follow_up, follow_up.id, values.files, faults)
    faults.raise_any()


def _check(session: Session, actor: Actor, values: WriteFollowUp | MendFollowUp, standing: FollowUp | None = None) -> None:
    faults = Faults()
    files.pending(session, actor, values.files, faults)
    chosen(session, FollowUpMethod, values.method_id, faults, "method_id", keep=standing.method_id if standing else None)
    chosen(session, Department, values.department_id, faults, "department_id", keep=standing.department_id if standing else None)
    if values.department_id is not None and not values.problem:
        faults.add("problem", ProblemMissing())
    if standing and standing.problem_solved_at and not values.problem:
        faults.add("problem", ProblemMissing())
    faults.raise_any()


def _carry(session: Session, follow_up: FollowUp, *, step: bool) -> None:
    """Show the latest follow-up on the opportunity, and its next step, or none, where it says something of it (`step`).

    The opportunity's version stays: nobody's open form is outdated by a follow-up.
    """
    shown: dict[str, Any] = {"next_step": follow_up.next_step, "next_step_on": follow_up.next_step_on} if step else {}
    mine = update(Opportunity).where(Opportunity.id == follow_up.opportunity_id)
    session.execute(mine.values(last_followed_up_on=follow_up.day, **shown))


def _is_latest(session: Session, follow_up: FollowUp) -> bool:
    newest = select(FollowUp.id).where(FollowUp.opportunity_id == follow_up.opportunity_id)
    return session.scalar(newest.order_by(FollowUp.at.desc(), FollowUp.id.desc()).limit(1)) == follow_up.id


def _addressed_to(actor: Actor, follow_up: FollowUp) -> bool:
    return (
        actor.may(Permission.UPDATE, Kind.PROBLEM)
        and follow_up.department_id is not None
        and follow_up.department_id == actor.scope.department_id
    )


def _tell_department(session: Session, actor: Actor, follow_up: FollowUp) -> None:
    """The service people of the department that should act."""
    if follow_up.department_id is None:
        return
    people = select(User.id).join(UserRole, UserRole.user_id == User.id).where(UserRole.role == Role.SERVICE, User.active)
    for whom in session.scalars(people.where(User.department_id == follow_up.department_id)):
        notices.tell(session, whom, N_("{by} asks your department to solve a customer's problem."), follow_up, follow_up.id, by=actor)
