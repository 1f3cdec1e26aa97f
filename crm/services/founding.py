"""The first day: what a company needs before anybody can work: its settings, the stages of following, ways of following up, an account.

The stages are those that every company begins with; it renames, adds and retires its own later.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm import audit
from crm.models import CompanySettings, FollowUpMethod, SettingVersion, Stage, StageVersion, User, UserRole
from crm.services.people import hash_password
from crm.vocabulary import Role, StageMeaning

STAGES: tuple[tuple[str, int, StageMeaning | None], ...] = (
    ("前期洽谈", 1000, None),
    ("提报方案", 3000, None),
    ("销售报价", 6000, StageMeaning.QUOTED),
    ("签订合同", 10_000, StageMeaning.SIGNED),
)
"""Name, probability in hundredths of a percent, meaning."""

METHODS = ("电话", "上门拜访", "微信", "邮件", "会议")

ALWAYS = date(1970, 1, 1)
"""The initial stages hold for all of the past: imports bring records from before the first day."""


def is_founded(session: Session) -> bool:
    """Whether the company has been set up."""
    return bool(session.scalar(select(func.count()).select_from(CompanySettings)))


def found(session: Session, name: str) -> None:
    """Set up an empty database: settings, stages, ways of following up."""
    settings = CompanySettings(id=1, company_name=name)
    session.add(settings)
    session.flush()
    session.add(SettingVersion(valid_from=ALWAYS, opportunity_neglected_days=settings.opportunity_neglected_days))
    for position, (title, probability, meaning) in enumerate(STAGES, start=1):
        stage = Stage(name=title, position=position, probability_bp=probability, meaning=meaning)
        session.add(stage)
        session.flush()
        session.add(StageVersion(stage_id=stage.id, valid_from=ALWAYS, name=title, position=position, probability_bp=probability))
    session.add_all(FollowUpMethod(name=method) for method in METHODS)
    audit.created(session, None, settings)


def first_account(session: Session, login: str, name: str, password: str, roles: Iterable[Role]) -> User:
    """An account that nobody signed in gave: the password is changed at the first sign-in."""
    user = User(
        login=login, name=name, password_hash=hash_password(password), must_change_password=True,
        roles=[UserRole(role=role) for role in roles],
    )  # fmt: skip
    session.add(user)
    audit.created(session, None, user, "roles")
    return user
