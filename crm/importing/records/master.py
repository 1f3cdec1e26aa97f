"""Products, competitors and teams out of a file."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.importing.batch import Batch, New
from crm.importing.directory import in_lots
from crm.importing.fields import Named, RecordKind
from crm.importing.judged import Judged
from crm.importing.records.base import Columns, Records
from crm.models import Competitor, CompetitorAlias, Product, Team
from crm.money import ZERO
from crm.rules.duplicates import name_key
from crm.vocabulary import Kind


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


class Competitors(Records):
    """A competitor is the same by its name."""

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
        self._aliases = set(session.scalars(select(CompetitorAlias.name)))

    def identity(self, row: Judged) -> Any:
        """The name."""
        return name_key(row.values["name"])

    def differing(self, row: Judged) -> Columns:
        """Another spelling of the name is no change."""
        differing = super().differing(row)
        differing.pop("name", None)
        return differing

    def add(self, row: Judged, batch: Batch) -> None:
        """A competitor with its other names, those that nobody has."""
        new = batch.add(Competitor, **self.filled_columns(row))
        batch.track(Competitor, new)
        self._name(row, new, batch)
        batch.created += 1

    def _name(self, row: Judged, new: New, batch: Batch) -> None:
        for alias in row.values.get("aliases", ()):
            if alias not in self._aliases:
                self._aliases.add(alias)
                batch.add(CompetitorAlias, competitor_id=new, name=alias)


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
