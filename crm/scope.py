"""The rows a person may see: one class, two renderings.

`narrow` renders a scope over the operational tables, `visible` the same rule over the warehouse's relations; tests/test_scope.py
holds the two to each other. Deny by default: a kind of record without a reach shows nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select, true

from crm.models import (
    Assignment,
    AuditEntry,
    Base,
    Comment,
    CompetitionRecord,
    Competitor,
    Contact,
    Contract,
    ContractHistory,
    ContractLine,
    Cost,
    Customer,
    FollowUp,
    Instalment,
    Invoice,
    Lead,
    LeadNote,
    Opportunity,
    OpportunityHistory,
    OpportunityLine,
    PaymentPlan,
    Product,
    Quote,
    Receipt,
    User,
)
from crm.permissions import reach_of
from crm.vocabulary import Kind, Permission, Reach, Role

Columns = TypeVarTuple("Columns")

HELD: Mapping[type[Base], Kind] = {Lead: Kind.LEAD, Customer: Kind.CUSTOMER, Opportunity: Kind.OPPORTUNITY, Contract: Kind.CONTRACT}
"""The records that somebody holds themselves, by `owner_id` and `team_id`."""

PART_OF: Mapping[type[Base], tuple[Kind, type[Base], str]] = {
    LeadNote: (Kind.LEAD, Lead, "lead_id"),
    Contact: (Kind.CUSTOMER, Customer, "customer_id"),
    Assignment: (Kind.CUSTOMER, Customer, "customer_id"),
    OpportunityLine: (Kind.OPPORTUNITY, Opportunity, "opportunity_id"),
    OpportunityHistory: (Kind.OPPORTUNITY, Opportunity, "opportunity_id"),
    CompetitionRecord: (Kind.OPPORTUNITY, Opportunity, "opportunity_id"),
    FollowUp: (Kind.FOLLOW_UP, Opportunity, "opportunity_id"),
    Comment: (Kind.COMMENT, Opportunity, "opportunity_id"),
    Quote: (Kind.QUOTE, Opportunity, "opportunity_id"),
    ContractLine: (Kind.CONTRACT, Contract, "contract_id"),
    ContractHistory: (Kind.CONTRACT, Contract, "contract_id"),
    PaymentPlan: (Kind.PAYMENT_PLAN, Contract, "contract_id"),
    Instalment: (Kind.PAYMENT_PLAN, Contract, "contract_id"),
    Receipt: (Kind.RECEIPT, Contract, "contract_id"),
    Cost: (Kind.COST, Contract, "contract_id"),
    Invoice: (Kind.COST, Contract, "contract_id"),
}
"""The records that belong to another one: they are within reach when that one's holder is."""


NOBODYS: Mapping[type[Base], Kind] = {AuditEntry: Kind.AUDIT, User: Kind.MASTER, Product: Kind.MASTER, Competitor: Kind.COMPETITOR}
"""The records that nobody holds and that have a list: all of them are within reach, or none."""


@dataclass(frozen=True, slots=True)
class Scope:
    """For each kind of record how far a person reaches, and what was granted one by one.

    `reach` is over rows; `aggregate` names the kinds of which the person sees counts and sums of the company but no single row.
    `granted` are opportunities opened to them by a lead: to be read, never counted in their figures (a unit's figure is the same
    for everybody who may see that unit). `own_too`: reaching teams, the person also sees what they hold themselves in another
    team, as a rep does who stands in for another team's lead.
    """

    user_id: int
    team_ids: frozenset[int] = frozenset()
    reach: Mapping[Kind, Reach] = field(default_factory=dict, hash=False)
    aggregate: frozenset[Kind] = frozenset()
    granted: frozenset[int] = frozenset()
    department_id: int | None = None
    own_too: bool = False
    key: tuple[Any, ...] = field(init=False, compare=False, repr=False)
    """What two scopes that show the same rows have in common: the cache's part of a person."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self._key())

    def _key(self) -> tuple[Any, ...]:
        if all(self.reach.get(kind, Reach.NOTHING) in (Reach.COMPANY, Reach.NOTHING) for kind in Kind):
            who: tuple[Any, ...] = ()
        elif not self.own_too and all(self.reach.get(kind, Reach.NOTHING) is not Reach.OWN for kind in Kind):
            who = (tuple(sorted(self.team_ids)),)
        else:
            who = (self.user_id, tuple(sorted(self.team_ids)))
        return (*who, tuple(sorted(self.reach.items())), tuple(sorted(self.aggregate)))

    def over(self, kind: Kind) -> Reach:
        """How far the person sees rows of `kind`."""
        return self.reach.get(kind, Reach.NOTHING)

    def narrow(self, statement: Select[*Columns], model: type[Base]) -> Select[*Columns]:
        """The rows of `model` in `statement` that this person may see, in the operational database."""
        return statement.where(self.condition(model))

    def condition(self, model: type[Base]) -> ColumnElement[bool]:
        """The same as a condition on `model`."""
        if model in HELD:
            held = self._held(HELD[model], model)
            return and_(held, Customer.merged_into_id.is_(None)) if model is Customer else held
        if model in NOBODYS:
            return true() if self.over(NOBODYS[model]) is Reach.COMPANY else false()
        kind, whole, column = PART_OF[model]
        within = getattr(model, column).in_(select(whole.id).where(self._held(kind, whole)))  # type: ignore[attr-defined]
        return or_(within, self._problems()) if model is FollowUp else within

    def _held(self, kind: Kind, model: Any) -> ColumnElement[bool]:
        match self.over(kind):
            case Reach.COMPANY:
                return true()
            case Reach.TEAMS:
                rows = model.team_id.in_(sorted(self.team_ids))
                rows = or_(rows, model.owner_id == self.user_id) if self.own_too else rows
            case Reach.OWN:
                rows = model.owner_id == self.user_id
            case _:
                rows = false()
        return (
            or_(rows, model.id.in_(sorted(self.granted))) if model is Opportunity and self.granted and kind in READ_WHEN_GRANTED else rows
        )

    def _problems(self) -> ColumnElement[bool]:
        """The follow-ups whose problem is addressed to the person's department."""
        if self.department_id is None or self.over(Kind.PROBLEM) is not Reach.COMPANY:
            return false()
        return and_(FollowUp.department_id == self.department_id, FollowUp.problem != "")

    def visible(self, kind: Kind, owner: str = "owner_id", team: str = "team_id") -> tuple[str, dict[str, Any]]:
        """The same rule over a relation of the warehouse: a phrase of its SQL and the phrase's parameters.

        A relation of deeds has the credited person and team in these columns, one of states the holder.
        """
        match self.over(kind):
            case Reach.COMPANY:
                return "true", {}
            case Reach.TEAMS:
                phrase, values = self._of_teams(team)
                return (f"({phrase} or {owner} = $scope_user)", values | {"scope_user": self.user_id}) if self.own_too else (phrase, values)
            case Reach.OWN:
                return f"{owner} = $scope_user", {"scope_user": self.user_id}
            case _:
                return "false", {}

    def _of_teams(self, team: str) -> tuple[str, dict[str, Any]]:
        """The rows of these teams; of a single one by equality, which a scan tests while it reads."""
        if len(self.team_ids) == 1:
            return f"{team} = $scope_team", {"scope_team": next(iter(self.team_ids))}
        return f"{team} = any($scope_teams)", {"scope_teams": sorted(self.team_ids)}


def scope_of(
    user_id: int,
    roles: Collection[Role],
    team_ids: frozenset[int] = frozenset(),
    granted: frozenset[int] = frozenset(),
    department_id: int | None = None,
) -> Scope:
    """The scope of a person with these roles, who leads (or stands in for the lead of) these teams."""
    reach, aggregate = reach_of(roles)
    return Scope(user_id, team_ids, reach, aggregate, granted, department_id, own_too=Role.REP in roles)


READ_WHEN_GRANTED = frozenset({Kind.OPPORTUNITY, Kind.FOLLOW_UP, Kind.COMMENT})
"""What an opportunity that was opened to a colleague shows them."""


@dataclass(frozen=True, slots=True)
class Former(Scope):
    """The leads that a person held until they were converted and holds no more, and nothing besides.

    A converted lead is read with its customer; of these its former rep keeps date, source and state (`crm.services.former_leads`).
    """

    def condition(self, model: type[Base]) -> ColumnElement[bool]:
        """The same as a condition on `model`."""
        if model is not Lead or self.over(Kind.LEAD) is Reach.NOTHING:
            return false()
        held = func.coalesce(self._held(Kind.LEAD, Lead), false())  # a lead in the pool has no owner to compare with
        return and_(Lead.converted_owner_id == self.user_id, not_(held))


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts: who they are, what they may do and which rows they see.

    Made from the signed-in session, never from anything that the browser sent.
    """

    user_id: int
    login: str
    name: str
    roles: frozenset[Role]
    team_id: int | None
    scope: Scope
    permissions: Mapping[Kind, frozenset[Permission]] = field(hash=False)
    language: str = "zh"

    def may(self, permission: Permission, kind: Kind) -> bool:
        """Whether this person may do that with records of `kind` within reach."""
        return permission in self.permissions.get(kind, frozenset())
