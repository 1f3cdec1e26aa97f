"""Phrases of SQL about a relation's rows: their conditions, what several measures ask alike, and sums that are made of cases.

Where many measures tell rows apart by a column of few values (a status, a stage), each row would be asked for each of them. Grouped by the
cases first, few rows are left to be asked.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from dashboard.queries.measure import Measure

CASE = re.compile(r"(\w+) (?:= (?:'\w+'|\d+)|in \('\w+'(?:, '\w+')*\))")
"""A condition that tells rows apart by a column of few values."""
FEW = 2
"""So many sums of single cases are quicker asked of each row; more are made of rows that are grouped by the cases first."""


def cases(measures: Sequence[Measure]) -> frozenset[str]:
    """The columns by whose values the rows of an arm are told apart, where that pays."""
    left = shared(measures)[1]
    told = [[case[1] for condition in conditions(m.where) if (case := CASE.fullmatch(condition))] for m in left]
    worth = sum(map(bool, told)) > FEW and all(m.adds_up for m in measures)
    return frozenset(column for columns in told for column in columns) if worth else frozenset()


def parts(measures: Sequence[Measure], arm: int) -> dict[tuple[str, str], str]:
    """The sums that an arm has for each of its cases: value and condition, and what the sum is called."""
    kinds = [(m.value, _apart(m.where)[1]) for m in shared(measures)[1]]
    return {kind: f"part_{arm}_{number}" for number, kind in enumerate(dict.fromkeys(kinds))}


def _apart(where: str) -> tuple[str, str]:
    """What of a phrase tells cases apart, and what is asked of each row besides."""
    told = [condition for condition in conditions(where) if CASE.fullmatch(condition)]
    return " and ".join(told), " and ".join(condition for condition in conditions(where) if condition not in told)


def phrases(measures: Sequence[Measure], arm: int) -> dict[str, str]:
    """How each measure is summed of its cases."""
    named, said = parts(measures, arm), {}
    for measure in shared(measures)[1]:
        told, rest = _apart(measure.where)
        said[measure.key] = f"sum({named[measure.value, rest]})" + (f" filter (where {told})" if told else "")
    return said


def shared(measures: Sequence[Measure]) -> tuple[list[str], list[Measure]]:
    """What all of these measures ask of their rows, to be said once before anything is summed, and the measures with the rest of it.

    Blocks without such rows are not read, and no row is asked again for each number.
    """
    alike = common(measures)
    left = [" and ".join(condition for condition in conditions(m.where) if condition not in alike) or "true" for m in measures]
    return alike, [replace(m, where=phrase) for m, phrase in zip(measures, left, strict=True)]


def common(measures: Sequence[Measure]) -> list[str]:
    """The conditions that all of the measures have."""
    asked = [conditions(m.where) for m in measures]
    return [condition for condition in asked[0] if all(condition in others for others in asked)]


def both(where: str, more: str) -> str:
    """Both phrases joined by *and*."""
    return " and ".join(f"({condition})" if " or " in condition else condition for condition in (*conditions(where), more))


@cache
def conditions(where: str) -> tuple[str, ...]:
    """The conditions that a phrase joins by *and*, outside of its brackets; none for "true". One with an *or* in it is left whole."""
    found, depth, start = [], 0, 0
    for at, sign in enumerate(where):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and where.startswith(" or ", at):
            return (where.strip(),)
        if depth == 0 and where.startswith(" and ", at):
            found.append(where[start:at])
            start = at + len(" and ")
    return tuple(condition.strip() for condition in (*found, where[start:]) if condition.strip() != "true")
