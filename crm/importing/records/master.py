"""Products, competitors and teams out of a file."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.importing.batch import Batch, New
from crm.importing.directory import in_lots
from crm.importing.fields import Named, RecordKind
from crm.importing.judged import Judged
from crm.importing.records.base import Columns, Records
from crm.models import Competitor, CompetitorAlias, Product, Team
from crm.money import ZERO
from crm.rules.duplicates import name_key
from crm.vocabulary import N_, Kind


class Products(Records):
    """A product is the same by its id in the old system, else by its code."""

    kind, model, asks = RecordKind.PRODUCTS, Product, Kind.MASTER
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "code": "code", "name": "name", "category": "category", "unit": "unit", "list_price": "list_price", "floor_price": "floor_price",
        "active": "active",
    }  # fmt: skip

    def load(self, session: Session, rows: list[Judged]) -> None:
        """By code; the old system's ids lead to the code."""
        super().load(session, rows)
        self._by_id = self.standing
        table: Any = Product.__table__
        codes = {row.values["code"] for row in rows if "code" in row.values}
        self.standing = {row.code: row for row in in_lots(session, select(table), table.c.code, codes)}

    def identity(self, row: Judged) -> Any:
        """The code, as the product with this id in the old system has it."""
        known = self._by_id.get(row.values.get("external_id"))
        return known.code if known else row.values["code"]

    def _place(self, row: Judged) -> None:
        known = self._by_id.get(row.values.get("external_id"))
        if known:
            self.standing.setdefault(known.code, known)
        super()._place(row)

    def stated_columns(self, row: Judged) -> Columns:
        """The tax rate in hundredths of a percent."""
        rate = row.stated("tax_rate")
        return super().stated_columns(row) | ({"tax_rate_bp": int(rate * 10_000)} if rate is not None else {})

    def columns_of(self, key: str) -> tuple[str, ...]:
        """The tax rate too."""
        return ("tax_rate_bp",) if key == "tax_rate" else super().columns_of(key)

    def add(self, row: Judged, batch: Batch) -> None:
        """A product; without a floor price none is too low."""
        columns = self.filled_columns(row) | self.stated_columns(row)
        columns.setdefault("floor_price", ZERO)
        new = batch.add(Product, **columns, **self.outside(row))
        batch.track(Product, new)
        batch.created += 1


class NameOfAnother(CrmError):
    """A name means one competitor, whether it is the name or another one."""

    message = N_("“{name}” means another competitor already.")


class Competitors(Records):
    """A competitor is the same by its name; other names are added, never taken away by a file."""

    kind, model, asks = RecordKind.COMPETITORS, Competitor, Kind.MASTER
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "products": "products",
        "price_level": "price_level",
        "note": "note",
        "active": "active",
    }

    def load(self, session: Session, rows: list[Judged]) -> None:
        """All competitors and their other names: they are few."""
        table: Any = Competitor.__table__
        self.standing = {name_key(row.name): row for row in session.execute(select(table))}
        self._meant: dict[str, Any] = {key: row.id for key, row in self.standing.items()}
        self._aliases: dict[int, list[str]] = {}
        for competitor_id, name in session.execute(select(CompetitorAlias.competitor_id, CompetitorAlias.name)):
            self._meant[name_key(name)] = competitor_id
            self._aliases.setdefault(competitor_id, []).append(name)

    def identity(self, row: Judged) -> Any:
        """The name."""
        return name_key(row.values["name"])

    def differing(self, row: Judged) -> Columns:
        """Another spelling of the name is no change."""
        differing = super().differing(row)
        differing.pop("name", None)
        return differing

    def check(self, row: Judged) -> None:
        """Nobody else is called so, in the file or in the company."""
        own = row.standing.id if row.standing is not None else row
        for key, name in (("name", row.values["name"]), *(("aliases", alias) for alias in row.values.get("aliases", ()))):
            if self._meant.setdefault(name_key(name), own) != own:
                self.context.refuse(row, key, NameOfAnother(name=name))

    def changed_fields(self, row: Judged) -> list[str]:
        """Another name that is new is a change too."""
        return super().changed_fields(row) + (["aliases"] if self._new_names(row, row.standing.id) else [])

    def _new_names(self, row: Judged, competitor_id: int | None = None) -> list[str]:
        """The other names that the row brings, each once."""
        known = {name_key(name) for name in (row.values["name"], *self._aliases.get(competitor_id or 0, ()))}
        brought = {name_key(alias): alias for alias in reversed(row.values.get("aliases", ()))}
        return [alias for key, alias in reversed(brought.items()) if key not in known]

    def add(self, row: Judged, batch: Batch) -> None:
        """A competitor with its other names."""
        new = batch.add(Competitor, **self.filled_columns(row))
        batch.track(Competitor, new)
        for alias in self._new_names(row):
            batch.add(CompetitorAlias, competitor_id=new, name=alias)
        batch.created += 1

    def change(self, row: Judged, batch: Batch) -> None:
        """What is stated of the competitor, and the other names that it did not have."""
        id = row.standing.id
        self.update(row, batch, self.differing(row), parts={"competitor_aliases": self._aliases.get(id, [])})
        for alias in self._new_names(row, id):
            batch.add(CompetitorAlias, competitor_id=id, name=alias)


class Teams(Records):
    """A team is the same by its name."""

    kind, model, asks = RecordKind.TEAMS, Team, Kind.MASTER
    COLUMNS: ClassVar[Mapping[str, str]] = {"name": "name", "active": "active", "leader": "leader_id"}

    def load(self, session: Session, rows: list[Judged]) -> None:
        """All teams: they are few."""
        table: Any = Team.__table__
        self.standing = {name_key(row.name): row for row in session.execute(select(table))}
        for row in rows:
            if "name" in row.values:
                row.values["self"] = New()
                self.names.enter(Named.TEAM, row.values["name"], row.values["self"])

    def identity(self, row: Judged) -> Any:
        """The name."""
        return name_key(row.values["name"])

    def differing(self, row: Judged) -> Columns:
        """Another spelling of the name is no change."""
        differing = super().differing(row)
        differing.pop("name", None)
        return differing

    def _learn(self, row: Judged, key: str, ref: Any) -> None:
        super()._learn(row, key, ref)
        if ref.named is Named.PERSON:  # a team's leader belongs to it
            ref.learned.team = ref.learned.team or (row.standing.id if row.standing else row.values["self"])

    def add(self, row: Judged, batch: Batch) -> None:
        """A team; its leader may come along and belong to it, so the two are tied at the end."""
        columns = self.filled_columns(row)
        leader = columns.pop("leader_id", None)
        new: New = row.values["self"]
        batch.add(Team, new, **columns)
        batch.track(Team, new)
        if leader is not None:
            batch.put(Team, new, leader_id=leader)
        batch.created += 1
