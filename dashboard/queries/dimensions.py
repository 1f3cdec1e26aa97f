"""The dimensions that rows are grouped by, and the names that their ids have on the screen.

Names of teams, people, sources and the like are few and kept in memory; names of customers, contracts and campaigns are looked up for
the rows that are shown. A customer whose holder is out of the person's reach today has no name here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from crm.scope import Scope
from crm.vocabulary import Kind, Reach, label
from dashboard.i18n import Lazy, _l
from dashboard.queries.filters import Question
from dashboard.queries.relations import STATUSES, Products, Relation
from dashboard.queries.warehouse import Row, Warehouse, values_of

TO_ASSIGN = _l("To assign")
NOT_STATED = _l("Not stated")
HELD_ELSEWHERE = _l("Held elsewhere")


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something that figures are grouped by. `phrase` gives its value in a relation's row; `empty` names the rows without one."""

    key: str
    title: Lazy
    column: str
    empty: Lazy = NOT_STATED
    days: str = ""

    def phrase(self, relation: Relation) -> str:
        """Its value, as a phrase over the relation's columns."""
        if not self.days:
            return relation.columns.get(self.key, self.column)
        on = relation.columns.get("day", "day")
        return f"date_trunc('{self.days}', {on})::date" if self.days != "day" else on


DIMENSIONS: Mapping[str, Dimension] = {
    dimension.key: dimension
    for dimension in (
        Dimension("team", _l("Team"), "team_id", TO_ASSIGN),
        Dimension("rep", _l("Rep"), "owner_id", TO_ASSIGN),
        Dimension("source", _l("Source"), "source_id"),
        Dimension("campaign", _l("Campaign"), "campaign_id"),
        Dimension("product", _l("Product"), "product_id"),
        Dimension("customer", _l("Customer"), "customer_id"),
        Dimension("contract", _l("Contract"), "contract_id"),
        Dimension("competitor", _l("Competitor"), "competitor_id"),
        Dimension("reason", _l("Reason"), "reason_id"),
        Dimension("factor", _l("Factor"), "factor_id"),
        Dimension("stage", _l("Stage"), "stage_id"),
        Dimension("status", _l("Status"), "status"),
        Dimension("cost_category", _l("Cost category"), "category_id"),
        Dimension("month", _l("Month"), "", days="month"),
        Dimension("day", _l("Day"), "", days="day"),
    )
}


class Name(NamedTuple):
    """How one value of a dimension is shown and sorted; `code` names it on the command line."""

    label: str | Lazy
    key: Any
    code: str
    active: bool = True
    team_id: int | None = None
    in_lists: bool = True


def _small(
    dimension: str, table: str, id: str, *, key: str = "name_key", position: str = "null", code: str = "name",
    active: str = "active", team: str = "null", listed: str = "true", bit: str = "null",
) -> str:  # fmt: skip
    columns = f"{id} as id, name, {key} as key, {position} as position, {code} as code, {active} as active, {team} as team_id"
    return f"select '{dimension}' as dimension, {columns}, {listed} as in_lists, {bit} as bit from mart.{table}"


SMALL = {
    "team": _small("team", "team", "team_id", team="team_id"),
    "rep": _small("rep", "person", "user_id", code="login", team="team_id", listed="is_rep"),
    "source": _small("source", "source", "source_id"),
    "product": _small("product", "product", "product_id", code="code", bit="bit"),
    "reason": _small("reason", "reason", "reason_id", active="true"),
    "competitor": _small("competitor", "competitor", "competitor_id", active="true"),
    "factor": _small("factor", "factor", "factor_id"),
    "stage": _small("stage", "stage", "stage_id", key="null", position="position"),
    "cost_category": _small("cost_category", "cost_category", "category_id", active="true"),
    "campaign": _small("campaign", "campaign", "campaign_id", key="name", active="true"),
}

LARGE = {
    "customer": ("customer_id", "name", "mart.customer", Kind.CUSTOMER, True),
    "contract": ("contract_id", "number", "mart.contract_record", Kind.CONTRACT, False),
}
"""Dimension → id, name, table, the kind whose reach decides, and whether the name itself is hidden from others."""


@dataclass(slots=True)
class Names:
    """The names of one version of the warehouse."""

    warehouse: Warehouse
    small: dict[str, dict[int, Name]] = field(default_factory=dict)
    products: Products = field(default_factory=lambda: Products({}))
    settings: Row = field(default_factory=dict)
    stages_then: Sequence[Row] = ()
    """What stages were called and how they were ordered between two days."""
    silences: tuple[tuple[date, int], ...] = ()
    """Since which day how many days without a follow-up are neglect."""

    @classmethod
    def read(cls, warehouse: Warehouse) -> "Names":
        """All the small dimensions' names, as they are now."""
        small: dict[str, dict[int, Name]] = {key: {} for key in SMALL}
        bits: dict[int, int] = {}
        for row in warehouse.fetch(" union all ".join(SMALL.values())):
            key = row["key"] if row["position"] is None else row["position"]
            small[row["dimension"]][row["id"]] = Name(row["name"], key, row["code"], row["active"], row["team_id"], row["in_lists"])
            if row["bit"] is not None:
                bits[row["id"]] = row["bit"]
        small["status"] = {id: Name(_l(label(status)), id, status.value) for id, status in STATUSES.items()}
        settings = warehouse.fetch("select * from mart.settings")
        then = warehouse.fetch("select stage_id, name, position, valid_from, valid_to from mart.stage_version")
        limits = warehouse.fetch("select valid_from, opportunity_neglected_days as days from mart.setting_version order by valid_from")
        silences = tuple((row["valid_from"], row["days"]) for row in limits)
        return cls(warehouse, small, Products(bits), settings[0] if settings else {}, then, silences)

    def seen_from(self, question: Question) -> "Names":
        """The names for a question about a past day: stages as they were called and ordered then."""
        if not question.past:
            return self
        stages = dict(self.small["stage"])
        for row in self.stages_then:
            if row["valid_from"] <= question.state < row["valid_to"] and row["stage_id"] in stages:
                stages[row["stage_id"]] = stages[row["stage_id"]]._replace(label=row["name"], key=row["position"])
        return replace(self, small=self.small | {"stage": stages})

    def of(self, dimension: str) -> Mapping[int, Name]:
        """The names of a small dimension, by id, in the order in which they are shown."""
        return dict(sorted(self.small[dimension].items(), key=lambda item: (item[1].key is None, item[1].key, item[0])))

    def of_value(self, dimension: str, id: int | None) -> str | Lazy:
        """What one value of a small dimension is called."""
        return self._name(dimension, id, None)[0]

    def label(self, rows: Sequence[Row], by: Sequence[str], scope: Scope) -> None:
        """Write into each row what its ids are called (`<dimension>_label`) and how they sort (`<dimension>_key`)."""
        for name in by:
            ids = {row[name] for row in rows}
            large = self.look_up(name, ids, scope) if name in LARGE else None
            known = self.small.get(name, {})
            said = {id: (known[id].label, (False, known[id].key)) if id in known else self._name(name, id, large) for id in ids}
            label, key = f"{name}_label", f"{name}_key"
            for row in rows:
                row[label], row[key] = said[row[name]]
            if name == "rep":
                self._log_in(rows)
            if large is not None:
                for row in rows:
                    row[f"{name}_held"] = row[name] in large and large[row[name]][1]

    def _log_in(self, rows: Sequence[Row]) -> None:
        """Write into each row the name by which its rep signs in: two may share the other one."""
        people = self.small["rep"]
        for row in rows:
            row["rep_login"] = people[row["rep"]].code if row["rep"] in people else None

    def _name(self, dimension: str, id: Any, large: Mapping[int, tuple[str | Lazy, bool]] | None) -> tuple[str | Lazy, tuple[bool, Any]]:
        if id is None:
            return DIMENSIONS[dimension].empty, (True, 0)
        if isinstance(id, date):
            return (id.strftime("%Y-%m") if dimension == "month" else id.isoformat()), (False, id)
        if large is not None:
            found = large[id][0] if id in large else str(id)
            return found, ((True, 1) if isinstance(found, Lazy) else (False, found))
        name = self.small[dimension].get(id)
        return (name.label, (False, name.key)) if name else (str(id), (False, str(id)))

    def look_up(self, dimension: str, ids: Iterable[Any], scope: Scope) -> dict[int, tuple[str | Lazy, bool]]:
        """Of a large dimension's ids: what each is called for this person, and whether its record is within their reach today."""
        column, name, table, kind, secret = LARGE[dimension]
        wanted = ", ".join(str(int(id)) for id in sorted(id for id in ids if id is not None))
        if not wanted:
            return {}
        visible, values = scope.visible(kind)
        # By row number, so that names are read of these rows and not of the whole table.
        found = f"select rowid from {table} where {column} in ({wanted})"
        sql = f"select {column} as id, {name} as name, coalesce({visible}, false) as held from {table} where rowid in ({found})"
        rows = self.warehouse.fetch(sql, values)
        return {row["id"]: (row["name"] if row["held"] or not secret else HELD_ELSEWHERE, row["held"]) for row in rows}

    def named(self, dimension: str, ids: Iterable[int], scope: Scope) -> dict[int, str]:
        """The names of these values, by id; of customers and contracts only those that the person may know."""
        if dimension not in LARGE:
            return {id: str(name.label) for id, name in self.of(dimension).items() if id in set(ids)}
        return {id: str(name) for id, (name, held) in self.look_up(dimension, ids, scope).items() if held}

    def units(self, by: Sequence[str], scope: Scope, question: Question) -> Sequence[tuple[Any, ...]]:
        """The active teams, or reps, that the person sees under these filters: those who appear even without a row."""
        sees, teams, chosen = _seen(scope), question.chosen.get("team"), question.chosen.get("rep")
        reps = [
            (name.team_id, id)
            for id, name in self.small["rep"].items()
            if name.active
            and name.in_lists
            and name.team_id is not None
            and (teams is None or name.team_id in teams)
            and (chosen is None or id in chosen)
            and sees(name.team_id, id)
        ]
        if "rep" in by:
            return reps if tuple(by) == ("team", "rep") else [tuple(unit[("team", "rep").index(name)] for name in by) for unit in reps]
        if chosen is not None:
            return sorted({(team,) for team, _ in reps})
        active = (id for id, name in self.small["team"].items() if name.active)
        return [(id,) for id in active if (teams is None or id in teams) and sees(id, None)]

    def units_without(self, by: Sequence[str], scope: Scope, question: Question, rows: Sequence[Row]) -> list[Row]:
        """The ids of the units that appear and have none of these rows."""
        have = set(values_of(rows, by))
        return [dict(zip(by, unit, strict=True)) for unit in self.units(by, scope, question) if unit not in have]

    def is_active(self, by: Sequence[str], row: Row) -> bool:
        """Whether the row's unit is active: the other ones appear with figures only."""
        units = (self.small[name].get(row[name]) for name in by if name in ("team", "rep"))
        return all(unit is not None and unit.active for unit in units)


def _seen(scope: Scope) -> Callable[[int, int | None], bool]:
    """Which units stand in a person's lists even without a row: (team, rep), or a team by itself."""
    match scope.over(Kind.TARGET):
        case Reach.COMPANY:
            return lambda team_id, user_id: True
        case Reach.TEAMS:
            return lambda team_id, user_id: team_id in scope.team_ids
        case Reach.OWN:
            return lambda team_id, user_id: user_id == scope.user_id
        case _:
            return lambda team_id, user_id: False
