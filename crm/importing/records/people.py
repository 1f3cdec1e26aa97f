"""People out of a file, with their roles, teams and strengths."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.importing.batch import Batch, New, Ref
from crm.importing.directory import Besides
from crm.importing.fields import Named, RecordKind
from crm.importing.judged import Context, Judged
from crm.importing.records.base import Columns, Records
from crm.models import Team, User, UserRole, UserStrength
from crm.models.people import TeamMembership
from crm.rules.duplicates import plain
from crm.vocabulary import N_, Kind, Role, StrengthKind


class LoginNotPlain(CrmError):
    """Nobody could type it."""

    message = N_("A login has no spaces and no signs that can't be seen.")


class LeadOfAnother(CrmError):
    """A team has one lead."""

    message = N_("The team “{team}” has another lead already.")


class Person(New):
    """Somebody whom the file brings; other rows may name them."""

    __slots__ = ("team",)


class People(Records):
    """A person is the same by their id in the old system, else by their login."""

    kind, model, asks = RecordKind.PEOPLE, User, Kind.MASTER
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "login": "login", "name": "name", "team": "team_id", "department": "department_id", "customer_limit": "customer_limit",
        "language": "language", "active": "active",
    }  # fmt: skip

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._leads: dict[Any, Ref] = {}

    def load(self, session: Session, rows: list[Judged]) -> None:
        """By login; the old system's ids lead to the login. Who stands in the file can be named in it."""
        super().load(session, rows)
        self._by_id = self.standing
        table: Any = User.__table__
        self.standing = {row.login: row for row in session.execute(select(table))}
        self._roles: dict[int, list[Role]] = {}
        for user_id, role in session.execute(select(UserRole.user_id, UserRole.role)):
            self._roles.setdefault(user_id, []).append(role)
        for row in rows:
            if row.faults:
                continue
            row.values["login"] = row.values["login"].lower()
            known = self._known(row)
            row.values["self"] = known.id if known else Person()
            if not known:
                self.names.enter(Named.PERSON, row.values["name"], row.values["self"])

    def _known(self, row: Judged) -> Any:
        return self._by_id.get(row.values.get("external_id")) or self.standing.get(row.values["login"])

    def identity(self, row: Judged) -> Any:
        """The login, as the person with this id in the old system has it."""
        known = self._known(row)
        return known.login if known else row.values["login"]

    def check(self, row: Judged) -> None:
        """A login that can be typed; one lead for a team."""
        login = row.values["login"]
        if not login.isprintable() or any(character.isspace() for character in login):
            self.context.refuse(row, "login", LoginNotPlain())
        team, lead = row.values.get("team"), row.values.get("team_lead")
        if team is None or lead is None:
            return
        key = team if isinstance(team, int) else id(team)
        standing = self.names.leaders.get(team) if isinstance(team, int) else None
        if self._leads.setdefault(key, standing if standing is not None else lead) != lead:
            self.context.refuse(row, "team_lead", LeadOfAnother(team=getattr(team, "name", "")))

    def stated_columns(self, row: Judged) -> Columns:
        """A login is lower case."""
        columns = super().stated_columns(row)
        if row.standing is not None:
            columns.pop("login", None)  # who has an account keeps its name
        return columns

    def _learn(self, row: Judged, key: str, ref: Besides) -> None:
        super()._learn(row, key, ref)
        if key == "team_lead":
            ref.learned.team = ref.learned.team or row.values.get("team")

    def add(self, row: Judged, batch: Batch) -> None:
        """An account without a password, with roles, team and strengths."""
        new: New = row.values["self"]
        batch.add(User, new, must_change_password=True, **self.filled_columns(row), **self.outside(row))
        batch.track(User, new)
        for role in row.values.get("roles", (Role.REP,)):
            batch.add(UserRole, user_id=new, role=role)
        if "team" in row.values:
            batch.add(TeamMembership, user_id=new, team_id=row.values["team"], from_on=self.context.today)
        self._strengths(row, new, batch)
        self._lead(row, batch)
        batch.created += 1

    def changed_fields(self, row: Judged) -> list[str]:
        """A role that is new is a change too."""
        return super().changed_fields(row) + (["roles"] if self._new_roles(row) else [])

    def _new_roles(self, row: Judged) -> list[Role]:
        held = self._roles.get(row.standing.id, [])
        return [role for role in row.values.get("roles", ()) if role not in held]

    def change(self, row: Judged, batch: Batch) -> None:
        """What is stated of the account; roles are added, never taken away by a file."""
        id = row.standing.id
        self.update(row, batch, self.differing(row), parts={"user_roles": self._roles.get(id, [])})
        for role in self._new_roles(row):
            batch.add(UserRole, user_id=id, role=role)
        self._lead(row, batch)

    def _strengths(self, row: Judged, new: New, batch: Batch) -> None:
        known = set()
        for key, kind in (("industries", StrengthKind.INDUSTRY), ("regions", StrengthKind.REGION)):
            for value in row.values.get(key, ()):
                if (kind, plain(value)) not in known:
                    known.add((kind, plain(value)))
                    batch.add(UserStrength, user_id=new, kind=kind, value=value)
        for product, name in zip(row.values.get("products", ()), row.values.get("product_names", ()), strict=False):
            batch.add(UserStrength, user_id=new, kind=StrengthKind.PRODUCT, value=name, product_id=product)

    def _resolve(self, row: Judged) -> None:
        row.values["product_names"] = row.values.get("products", ())
        super()._resolve(row)

    def _lead(self, row: Judged, batch: Batch) -> None:
        """Tie the team to its lead."""
        team, lead = row.values.get("team"), row.values.get("team_lead")
        if team is None or lead is None:
            return
        if not isinstance(team, int) or self.names.leaders.get(team) is None:
            batch.put(Team, team, leader_id=lead)
