"""The values that filters and forms offer: only those within a person's scope."""

from collections.abc import Callable, Mapping

from crm.scope import Scope
from crm.vocabulary import Kind, Reach
from dashboard.queries.dimensions import LARGE, Names
from dashboard.queries.warehouse import Warehouse


def offered(dimension: str, scope: Scope, names: Names) -> Mapping[int, str] | None:
    """The values of a dimension that a person may choose, with their names, in order; None where they are looked up by typing."""
    if dimension in LARGE:
        return None
    found = names.of(dimension)
    if dimension == "team":
        in_reach = _teams_in_reach(scope, names)
        return {id: str(name.label) for id, name in found.items() if in_reach(id)}
    if dimension == "rep":
        own = _reps_in_reach(scope)
        return {id: str(name.label) for id, name in found.items() if name.in_lists and own(id, name.team_id)}
    return {id: str(name.label) for id, name in found.items()}


def meant(dimension: str, word: str, scope: Scope, names: Names) -> tuple[int, ...]:
    """The values that this person may choose and that `word` names: a product's code, a rep's login, else the name; none is unknown."""
    found = offered(dimension, scope, names)
    if found is not None:
        return tuple(id for id in found if names.small[dimension][id].code == word)
    column, name, table, kind, _ = LARGE[dimension]
    visible, values = scope.visible(kind)
    rows = names.warehouse.fetch(
        f"select {column} as id from {table} where {name} = $word and {visible} order by id", values | {"word": word}
    )
    return tuple(row["id"] for row in rows)


SEARCHED = frozenset(LARGE)
"""Dimensions with too many values to list: what matches is offered while typing."""

SUGGESTIONS = 20


def matching(dimension: str, text: str, scope: Scope, warehouse: Warehouse) -> dict[int, str]:
    """The values whose names contain `text` (no matter the case), held within the person's scope; the first few by name."""
    column, name, table, kind, _ = LARGE[dimension]
    visible, values = scope.visible(kind)
    found = f"select {column} as id, {name} as name from {table} where contains(lower({name}), lower($text)) and {visible}"
    sql = f"{found} order by name limit {SUGGESTIONS}"
    return {row["id"]: row["name"] for row in warehouse.fetch(sql, {**values, "text": text[:60]})}


def widest(scope: Scope) -> Reach:
    """The widest reach over any kind of record: whose teams and people a person may choose from."""
    reaches = {scope.over(kind) for kind in Kind if kind not in (Kind.SOURCE, Kind.COMPETITOR, Kind.MASTER, Kind.AUDIT)}
    return next((reach for reach in (Reach.COMPANY, Reach.TEAMS, Reach.OWN) if reach in reaches), Reach.NOTHING)


def _teams_in_reach(scope: Scope, names: Names) -> Callable[[int], bool]:
    """Which teams a person may choose."""
    match widest(scope):
        case Reach.COMPANY:
            return lambda team_id: True
        case Reach.TEAMS:
            return lambda team_id: team_id in scope.team_ids
        case Reach.OWN:
            own = names.small["rep"].get(scope.user_id)
            return lambda team_id: own is not None and own.team_id == team_id
        case _:
            return lambda team_id: False


def _reps_in_reach(scope: Scope) -> Callable[[int, int | None], bool]:
    """Which people a person may choose, by id and team."""
    match widest(scope):
        case Reach.COMPANY:
            return lambda user_id, team_id: True
        case Reach.TEAMS:
            return lambda user_id, team_id: team_id in scope.team_ids
        case _:
            return lambda user_id, team_id: user_id == scope.user_id
