"""To find is to be allowed: records within the actor's reach, and within the reach of what they want to do with them.

Roles add up, but a permission reaches as far as the roles that bring it: a rep who also does the company's finance reads every
contract and signs their own alone.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from crm.errors import NotAllowed, NotFound
from crm.models import Base
from crm.permissions import ROLES
from crm.scope import HELD, PART_OF, Actor, Scope, scope_of
from crm.services.input_faults import NotAChoice
from crm.services.inputs import Faults
from crm.vocabulary import Kind, Permission, Reach, Role

Record = TypeVar("Record", bound=Base)


def find(session: Session, actor: Actor, model: type[Record], record_id: int, *options: ORMOption) -> Record:
    """The record, if this person may see it; else `NotFound`, whether it exists or not."""
    return _first(session, actor.scope, model, record_id, options)


def find_to(
    session: Session, actor: Actor, permission: Permission, kind: Kind, model: type[Record], record_id: int, *options: ORMOption
) -> Record:
    """The record, if this person may do that with what belongs to it; `NotAllowed` where they may only see it.

    `kind` is what the permission speaks of, `model` what is found: signing (a contract's act) is asked of an opportunity.
    """
    record = find(session, actor, model, record_id, *options)
    scope = acting(actor, permission, kind, model)
    if session.scalar(scope.narrow(select(_key(model)), model).where(_key(model) == record_id)) is None:
        raise NotAllowed(act=permission.value, kind=kind.value, subject=model.__tablename__, subject_id=record_id)
    return record


def acting(actor: Actor, permission: Permission, kind: Kind, model: type[Base]) -> Scope:
    """The rows of `model` with which this person may do that: what is opened to them one by one is only read."""
    bringing = [role for role in actor.roles if permission in _permissions(role, kind)]
    whole = HELD[model] if model in HELD else PART_OF[model][0]
    scope = scope_of(actor.user_id, bringing, actor.scope.team_ids)
    reach = {whole: scope.over(kind)}
    return Scope(actor.user_id, scope.team_ids, reach, own_too=scope.own_too)


def _permissions(role: Role, kind: Kind) -> frozenset[Permission]:
    grant = ROLES[role].get(kind)
    return grant.permissions if grant else frozenset()


def require(actor: Actor, permission: Permission, kind: Kind, model: type[Base] | None = None, record_id: int | None = None) -> None:
    """Refuse what this person's roles do not bring, for records that nobody holds (master data, targets, claims, requests to erase).

    `model` and `record_id`: what it was wanted for, as the refusal is kept.
    """
    if not actor.may(permission, kind):
        wanted = {"subject": model.__tablename__, "subject_id": record_id} if model else {}
        raise NotAllowed(act=permission.value, kind=kind.value, **wanted)


def reaches_company(actor: Actor, permission: Permission, kind: Kind) -> bool:
    """Whether this person may do that with the whole company's records of `kind`."""
    return any(ROLES[role][kind].reach is Reach.COMPANY for role in actor.roles if permission in _permissions(role, kind))


def _first(session: Session, scope: Scope, model: type[Record], record_id: int, options: Sequence[ORMOption]) -> Record:
    statement = scope.narrow(select(model), model).where(_key(model) == record_id).options(*options)
    record = session.scalar(statement.execution_options(populate_existing=True))
    if record is None:
        raise NotFound()
    return record


def _key(model: type[Base]) -> Any:
    return model.__table__.c.id


def chosen(
    session: Session, model: type[Record], record_id: int | None, faults: Faults, key: str, *, keep: int | None = None
) -> Record | None:
    """The master data record that a field chose, None for none; one that does not exist or is retired is held against the field.

    `keep`: the value that stands there already and may stay though it is retired.
    """
    if record_id is None:
        return None
    record = session.get(model, record_id)
    if record is None or (record_id != keep and not getattr(record, "active", True)):
        faults.add(key, NotAChoice())
        return None
    return record
