"""The past days that a demo company kept, held against the warehouse's view of them: each row, amount and holder.

The generator wrote them down from what it had drawn (crm/demo/snapshots.py); here they are what the histories replay to. Whatever people
do in the company afterwards changes no past day, so this holds for as long as the company lives.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from etl.checks import EXAMPLES, Fault
from etl.store import Store

THEN = "basis in (0, 2) and valid_from <= $day and valid_to > $day"
"""What counted at the end of that day, as far as it was known then."""

CENTS = "(100 * {})::bigint"

KEPT = {
    "opportunities": (
        "open_then",
        f"select opportunity_id, stage_id, owner_id, team_id, case when amount_known then {CENTS.format('amount')} end, product_mask",
        THEN,
    ),
    "contracts": (
        "balance",
        "select contract_id, owner_id, team_id, " + ", ".join(CENTS.format(name) for name in ("amount", "received", "outstanding")),
        f"{THEN} and status = 'in_progress'",
    ),
    "instalments": (
        "instalment_state",
        f"select contract_id, no, due_on - date '1970-01-01', {CENTS.format('open')}",
        f"{THEN} and status = 'in_progress' and open > 0",
    ),
}
"""For each kind of record: the relation, the columns as the snapshot has them, and which rows."""


def differences(store: Store, path: Path) -> list[Fault]:
    """What the warehouse says otherwise of a kept day, with some of the rows; empty where all agrees, or where none were kept."""
    if not path.exists():
        return []
    kept = json.loads(path.read_text(encoding="utf-8"))
    return [fault for day, kinds in kept.items() for fault in _of_day(store, date.fromisoformat(day), kinds)]


def _of_day(store: Store, day: date, kinds: dict[str, dict[str, list[Any]]]) -> Iterator[Fault]:
    for kind, columns in kinds.items():
        relation, question, which = KEPT[kind]
        con = store.worker()
        try:
            there = Counter(con.execute(f"{question} from mart.{relation} where {which}", {"day": day}).fetchall())
        finally:
            con.close()
        then = Counter(zip(*columns.values(), strict=True))
        if there != then:
            lost, new = sorted((then - there).elements(), key=repr), sorted((there - then).elements(), key=repr)
            rows = [*(f"- {row}" for row in lost[:EXAMPLES]), *(f"+ {row}" for row in new[:EXAMPLES])]
            yield Fault(relation, f"{kind} on {day} as kept then", f"{len(lost)} missing, {len(new)} new: {'; '.join(rows)}")
