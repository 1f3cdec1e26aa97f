"""The accounts of a demo company: one of each role, to sign in as. They exist in demo data only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import CompanySettings, User, UserRole
from crm.vocabulary import Role

PASSWORD = "saleslens"  # noqa: S105  (of the demo accounts, printed at the first start)

ORDER = (Role.EXECUTIVE, Role.TEAM_LEAD, Role.REP, Role.FINANCE, Role.MARKETING, Role.SERVICE, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody to sign in as."""

    role: Role
    login: str
    name: str


def accounts(session: Session) -> Sequence[Account]:
    """One account of each role; none where the company is a real one."""
    if not session.scalar(select(CompanySettings.is_demo)):
        return []
    rows = session.execute(
        select(UserRole.role, User.login, User.name)
        .join(User, User.id == UserRole.user_id)
        .where(User.is_demo, User.active)
        .order_by(User.id)
    )
    first: dict[Role, Account] = {}
    for role, login, name in rows:
        first.setdefault(role, Account(role, login, name))
    return [first[role] for role in ORDER if role in first]
