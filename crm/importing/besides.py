"""What is created on the way because a file names it: the rows that a source, a person, a stage ... is made of.

Nothing is invented: a created stage has no probability yet, a product no price, a campaign no cost, a person no password.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from crm.importing.batch import Batch, Ref
from crm.importing.directory import Besides, Directory
from crm.importing.fields import Named
from crm.importing.judged import Context
from crm.importing.templates import FILTERS
from crm.models import (
    Assignment,
    Campaign,
    Competitor,
    CostCategory,
    Customer,
    Department,
    FollowUpMethod,
    LeadSource,
    LossReason,
    Product,
    Stage,
    StageVersion,
    Team,
    TeamMembership,
    User,
    UserRole,
)
from crm.money import ZERO
from crm.rules.duplicates import company_key, name_key
from crm.vocabulary import Kind, LossKind, Permission, Role

NEEDS: Mapping[Named, tuple[Permission, Kind]] = {
    Named.SOURCE: (Permission.CREATE, Kind.SOURCE),
    Named.CAMPAIGN: (Permission.CREATE, Kind.SOURCE),
    Named.COMPETITOR: (Permission.CREATE, Kind.COMPETITOR),
    Named.CUSTOMER: (Permission.IMPORT, Kind.CUSTOMER),
}
"""What a person must be allowed for creating a record on the way; all else is master data."""


def may_create(context_actor_may: Callable[[Permission, Kind], bool]) -> Callable[[Named], bool]:
    """Whether a person may create records of a kind on the way."""
    return lambda named: context_actor_may(*NEEDS.get(named, (Permission.CREATE, Kind.MASTER)))


class Company:
    """What new master data is fitted into: the stages' order and the codes that are taken."""

    def __init__(self, last_position: int, codes: Iterable[str]) -> None:
        self.last_position = last_position
        self.codes = set(codes)


def add_all(batch: Batch, context: Context, company: Company) -> None:
    """Turn everything that comes along into rows of tables."""
    for one in context.names.besides:
        WRITERS[one.named](batch, one, context, company)
        batch.created += 1


def add_person(
    batch: Batch, names: Directory, record: Besides, *, login: str, name: str, team: Ref | None, roles: Iterable[Role], since: date
) -> None:
    """A person who can't sign in until they are given a password."""
    batch.add(User, record, login=login, name=name, team_id=team, must_change_password=True)
    batch.track(User, record)
    for role in sorted(roles):
        batch.add(UserRole, user_id=record, role=role)
    if team is not None:
        batch.add(TeamMembership, user_id=record, team_id=team, from_on=since)
    names.logins.add(login)


def free_login(name: str, taken: Iterable[str]) -> str:
    """A login made of a name that nobody has."""
    wanted = FILTERS["login"](name)[:190] or "user"
    known, login, number = set(taken), wanted, 1
    while login in known:
        number += 1
        login = f"{wanted}{number}"
    return login


def _team(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    batch.add(Team, one, name=one.spelled)
    batch.track(Team, one)


def _person(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    login = free_login(one.spelled, context.names.logins)
    roles = one.learned.roles or {Role.REP}
    add_person(
        batch, context.names, one, login=login, name=one.spelled, team=one.learned.team, roles=roles,
        since=one.learned.since or context.today,
    )  # fmt: skip


def _department(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    batch.add(Department, one, name=one.spelled)
    batch.track(Department, one)


def _source(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    batch.add(LeadSource, one, name=one.spelled, name_key=name_key(one.spelled))
    batch.track(LeadSource, one)


def _campaign(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    """A campaign from the first to the last day on which the file speaks of it."""
    since, until = one.learned.since or context.today, one.learned.until or context.today
    batch.add(Campaign, one, name=one.spelled, source_id=one.learned.source, from_on=since, until_on=until, cost=ZERO)
    batch.track(Campaign, one)


def _product(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    code, number = one.spelled[:190], 1
    while code in company.codes:
        number += 1
        code = f"{one.spelled[:190]} ({number})"
    company.codes.add(code)
    batch.add(Product, one, code=code, name=one.spelled, list_price=ZERO, floor_price=ZERO)
    batch.track(Product, one)


def _customer(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    """A customer of whom all rows name, or one that waits in the pool where they name several."""
    since = one.learned.since or context.today
    owner, team = next(iter(one.learned.holders)) if len(one.learned.holders) == 1 else (None, None)
    batch.add(
        Customer, one, name=one.spelled, name_key=company_key(one.spelled), name_to_be_found=one.learned.supplied, owner_id=owner,
        team_id=team, pooled_on=None if owner is not None else since, created_at=context.now, created_on=since,
        created_by_id=context.actor.user_id, external_system=context.system, external_id=one.name if context.system else None,
    )  # fmt: skip
    if team is not None:
        batch.add(
            Assignment, customer_id=one, to_team_id=team, to_owner_id=owner, by_id=context.actor.user_id, at=context.moment(since),
            day=since, why=context.note_of_import,
        )  # fmt: skip
    batch.track(Customer, one)


def _stage(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    """A stage behind all others, known since the first day on which the file speaks of it."""
    company.last_position += 1
    batch.add(Stage, one, name=one.spelled, position=company.last_position, probability_bp=0)
    batch.add(
        StageVersion, stage_id=one, valid_from=one.learned.since or context.today, name=one.spelled, position=company.last_position,
        probability_bp=0,
    )  # fmt: skip
    batch.track(Stage, one)


def _reason(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    batch.add(LossReason, one, name=one.spelled, kind=one.learned.closing or LossKind.LOST)
    batch.track(LossReason, one)


def _competitor(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    batch.add(Competitor, one, name=one.spelled)
    batch.track(Competitor, one)


def _method(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    batch.add(FollowUpMethod, one, name=one.spelled)
    batch.track(FollowUpMethod, one)


def _cost_category(batch: Batch, one: Besides, context: Context, company: Company) -> None:
    batch.add(CostCategory, one, name=one.spelled)
    batch.track(CostCategory, one)


WRITERS: Mapping[Named, Callable[[Batch, Besides, Context, Company], None]] = {
    Named.TEAM: _team,
    Named.PERSON: _person,
    Named.DEPARTMENT: _department,
    Named.SOURCE: _source,
    Named.CAMPAIGN: _campaign,
    Named.PRODUCT: _product,
    Named.CUSTOMER: _customer,
    Named.STAGE: _stage,
    Named.LOSS_REASON: _reason,
    Named.COMPETITOR: _competitor,
    Named.METHOD: _method,
    Named.COST_CATEGORY: _cost_category,
}
