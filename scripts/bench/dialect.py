"""A report's statement in PostgreSQL's words: the same question, with what PostgreSQL has no word for said in plain SQL.

Where the two differ in kind and not in words, PostgreSQL is given the easier task: equality where DuckDB compares with null too.
"""

from collections.abc import Mapping
from datetime import date

import sqlglot
from sqlglot import exp


def translated(sql: str, values: Mapping[str, object]) -> str:
    """`sql` for PostgreSQL, its parameters written out."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    tree = tree.transform(_said, dict(values))
    for union in reversed(list(tree.find_all(exp.Union))):
        _align(union)
    for select in tree.find_all(exp.Select):
        _name_groups(select)
    return tree.sql("postgres")


def _said(node: exp.Expression, values: Mapping[str, object]) -> exp.Expression:
    """One word of the statement, if PostgreSQL has another for it."""
    match node:
        case exp.Placeholder():
            return _literal(values[node.name])
        case exp.DataType() if node.this is exp.DataType.Type.UTINYINT:
            return exp.DataType.build("smallint")
        case exp.NullSafeEQ():
            return exp.EQ(this=node.this, expression=node.expression)
        case exp.Coalesce() if node.find(exp.Transform):
            return _once(node)
        case exp.In() if node.this.name == "rowid":
            return node.args["query"].this.args["where"].this
        case exp.Select() if len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Tuple):
            return node.select(*node.expressions[0].expressions, append=False)
        case exp.Median():
            return sqlglot.parse_one(f"percentile_cont(0.5) within group (order by {node.this.sql()})", dialect="postgres")
    return node


def _literal(value: object) -> exp.Expression:
    if isinstance(value, date):
        return sqlglot.parse_one(f"date '{value}'", dialect="postgres")
    if isinstance(value, int):
        return exp.Literal.number(value)
    raise TypeError(value)


def _once(node: exp.Expression) -> exp.Expression:
    """A sum over records that have several rows, each counted once."""
    select, struct, where = node.find_ancestor(exp.Select), node.find(exp.Struct), node.find(exp.Where)
    assert select is not None
    assert struct is not None
    assert where is not None
    pairs = ", ".join(f"{pair.expression.sql()} as {pair.name}" for pair in struct.expressions)
    source = select.args["from_"].this.sql()
    return sqlglot.parse_one(f"coalesce((select sum(value) from (select distinct {pairs} from {source} {where.sql()}) as pairs), 0)")


def _align(union: exp.Union) -> None:
    """Write the columns of both sides of a union by name in one order, with nothing where a side has none.

    Whole tables that are laid on each other have the same columns as they are.
    """
    if not union.args.pop("by_name", False) or "*" in union.this.named_selects:
        return
    sides = (union.this, union.expression)
    names = list(dict.fromkeys(name for side in sides for name in side.named_selects))
    for side in sides:
        if isinstance(side, exp.Select):
            found = {column.alias_or_name: column for column in side.expressions}
            side.set("expressions", [found.get(name) or _nothing(name) for name in names])
        else:  # a union itself, whose columns are in order by now
            have = set(side.named_selects)
            columns = [exp.column(name) if name in have else _nothing(name) for name in names]
            side.replace(exp.select(*columns).from_(side.copy().subquery()))


TEXTS = frozenset({"status", "step", "side"})
"""Columns of words by which rows are told apart."""


def _nothing(name: str) -> exp.Expression:
    kind = "date" if name.endswith("_on") or name == "day" else "text" if name in TEXTS else "numeric"
    return exp.alias_(exp.cast(exp.null(), kind), name)


def _name_groups(select: exp.Select) -> None:
    """Write out what "group by all" groups by: the columns that are no aggregate."""
    group = select.args.get("group")
    if group is None or not group.args.get("all"):
        return
    plain = [column.unalias() for column in select.expressions if not column.find(exp.AggFunc) and column.find(exp.Column)]
    select.set("group", exp.Group(expressions=[column.copy() for column in plain]) if plain else None)
