"""How the company stood on some past days, as it was invented: a proof for the as-of view that does not read the history.

It asks the assignments, the lives, the amounts and the money that were drawn, not the acts that are written to the database. What was
written down only later is not there: a snapshot is what somebody would have counted that evening.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from crm.demo.calendar import FAR, day
from crm.demo.catalogue import FIRST, PROPOSAL, QUOTED, SURVEY
from crm.demo.company import Company
from crm.demo.dice import Ints, Mask
from crm.demo.estimates import UNKNOWN
from crm.demo.lives import OPEN, WON
from crm.demo.plans import AGREED, PROPOSED
from crm.rules.instalments import PREPAID, Instalment, Plan, Receipt, allocate

AGO = (1, 45, 120, 400, 750, 1100, 1700)
"""So many days before today; besides these, days on which something had happened that was not written down yet."""

Columns = dict[str, list[int | None]]
Snapshot = dict[str, Columns]
"""Columns by kind of record; amounts in cents, in order of id.

`opportunities` that stood open: id, stage_id, owner_id, team_id, amount, products (a bit each, 0 for the first). `contracts` in progress:
id, owner_id, team_id (the carer's), amount, received, outstanding. `instalments` of these of which something was missing: contract_id, no,
due (days since 1970), open.
"""


def snapshots(company: Company) -> dict[str, Snapshot]:
    """For each of those past days (ISO dates) what stood at its end, as far as was recorded by then."""
    return {day(on).isoformat(): _snapshot(company, on) for on in days(company)}


def days(company: Company) -> list[int]:
    """The days of the snapshots; among them the first signing that was entered late, and the first mistyped receipt while it counted."""
    signed, receipts = company.contracts, company.receipts
    late = signed.signed[signed.recorded > signed.signed][:1]
    wrong = receipts.recorded[receipts.cancelled > receipts.recorded][:1]
    belated = receipts.received[receipts.recorded > receipts.received][-1:]
    found = {*(company.calendar.today - ago for ago in AGO), *late.tolist(), *wrong.tolist(), *belated.tolist()}
    return sorted(on for on in found if company.calendar.first <= on < company.calendar.today)


def keep(company: Company, path: Path) -> None:
    """Write the snapshots to a JSON file."""
    path.write_text(json.dumps(snapshots(company)), encoding="utf-8")


def _snapshot(company: Company, on: int) -> Snapshot:
    standing = _in_progress(company, on)
    return {
        "opportunities": _opportunities(company, on),
        "contracts": _contracts(company, standing, on),
        "instalments": _instalments(company, standing, on),
    }


# ── opportunities ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _opportunities(company: Company, on: int) -> Columns:
    """What was followed at the end of the day."""
    opened = company.openings
    rows = np.flatnonzero((opened.created <= on) & _is_open(company, on))
    team, owner = opened.customers.timeline.at(opened.customer[rows], np.full(len(rows), on))
    return {
        "id": (rows + 1).tolist(),
        "stage_id": _stages(company, rows, on).tolist(),
        "owner_id": _ids(owner),
        "team_id": _ids(team),
        "amount": [None if amount == UNKNOWN else amount for amount in _amounts(company, rows, on).tolist()],
        "products": company.interests.masks(company.offers, on)[rows].tolist(),
    }


def _ids(column: Ints) -> list[int | None]:
    """Ids, none for 0."""
    return [number or None for number in column.tolist()]


def _is_open(company: Company, on: int) -> Mask:
    lives = company.lives
    closed = np.where(lives.close > 0, np.maximum(lives.close, lives.known), FAR)
    back = np.where((lives.back > 0) & (lives.back_to == OPEN), lives.back, FAR)
    again = np.where(lives.close_again > 0, lives.close_again, FAR)
    return np.asarray((on < closed) | ((on >= back) & (on < again)))


def _stages(company: Company, rows: Ints, on: int) -> Ints:
    lives = company.lives
    stage = np.full(len(rows), FIRST)
    for reached, number in ((lives.surveyed, SURVEY), (lives.proposed, PROPOSAL), (lives.quoted, QUOTED), (lives.quoted_again, QUOTED)):
        stage[(reached[rows] > 0) & (reached[rows] <= on)] = number
    return np.where(_voided(company, rows, on), QUOTED, stage)


def _amounts(company: Company, rows: Ints, on: int) -> Ints:
    """The first guess, the revised one, or after a void what had been signed."""
    guessed, offers = company.estimates, company.offers
    revised = (guessed.revised_on[rows] > 0) & (guessed.revised_on[rows] <= on)
    amount = np.where(revised, guessed.revised[rows], guessed.first[rows])
    return np.where(_voided(company, rows, on), offers.totals(offers.revisions)[rows], amount)


def _voided(company: Company, rows: Ints, on: int) -> Mask:
    """Which of these had a contract that was void by then."""
    lives = company.lives
    return np.asarray((lives.back[rows] > 0) & (lives.back[rows] <= on) & (lives.outcome[rows] == WON))


# ── contracts and their money ────────────────────────────────────────────────────────────────────────────────────────────────
def _in_progress(company: Company, on: int) -> Ints:
    """The contracts (rows) that were signed and known, and neither completed nor voided."""
    signed = company.contracts
    over = ((company.completed > 0) & (company.completed <= on)) | ((signed.voided > 0) & (signed.voided <= on))
    return np.flatnonzero((np.maximum(signed.signed, signed.recorded) <= on) & ~over)


def _worth(company: Company, on: int) -> Ints:
    """The amount of every contract, as amended by then."""
    signed = company.contracts
    return np.where((signed.amended > 0) & (signed.amended <= on), signed.amended_to, signed.amount)


def _counting(company: Company, on: int) -> Ints:
    """The receipts (rows) that were known and not yet found to be mistyped."""
    money = company.receipts
    known = np.maximum(money.received, money.recorded) <= on
    return np.flatnonzero(known & ((money.cancelled < 0) | (money.cancelled > on)))


def _contracts(company: Company, standing: Ints, on: int) -> Columns:
    """What each contract in progress was worth, had brought, and who cared for it."""
    owner, team = company.carers.at(company.contracts, on)
    counting, money = _counting(company, on), company.receipts
    received = np.zeros(len(company.contracts), dtype=np.int64)
    np.add.at(received, money.contract[counting], money.amount[counting])
    worth = _worth(company, on)
    return {
        "id": (standing + 1).tolist(),
        "owner_id": _ids(owner[standing]),
        "team_id": _ids(team[standing]),
        "amount": worth[standing].tolist(),
        "received": received[standing].tolist(),
        "outstanding": np.maximum(worth - received, 0)[standing].tolist(),
    }


def _instalments(company: Company, standing: Ints, on: int) -> Columns:
    """The parts of the plans then in force that nothing had met: the receipts of that day laid over the plan of that day, once."""
    found: Columns = {"contract_id": [], "no": [], "due": [], "open": []}
    money = company.receipts
    received: dict[int, list[Receipt]] = {}
    counting = _counting(company, on)
    for row in counting[np.isin(money.contract[counting], standing)].tolist():
        named = tuple(int(no) for no in (money.named[row], money.named_too[row]) if no)
        receipt = Receipt(row + 1, day(money.received[row]), int(money.amount[row]), named)
        received.setdefault(int(money.contract[row]), []).append(receipt)
    for contract, lines in _plans(company, standing, on):
        met = dict.fromkeys((PREPAID, *(line.no for line in lines)), 0)
        for part in allocate([Plan(1, day(0), tuple(lines))], received.get(contract, [])):
            met[part.no] += part.amount
        for line in lines:
            if line.amount > met[line.no]:
                entry = (contract + 1, line.no, (line.due_on - day(0)).days, line.amount - met[line.no])
                for column, value in zip(found.values(), entry, strict=True):
                    column.append(value)
    return found


def _plans(company: Company, standing: Ints, on: int) -> Iterator[tuple[int, list[Instalment]]]:
    """The instalments of each of these contracts that has a plan: as agreed, or as amended or put off by then."""
    plans, wanted = company.plans, np.zeros(len(company.contracts), dtype=np.bool_)
    wanted[standing] = True
    known = np.flatnonzero(wanted[plans.contract] & (plans.why != PROPOSED) & (np.maximum(plans.day, plans.recorded) <= on))
    in_force: dict[int, int] = {}
    for version in known[np.argsort(plans.why[known] != AGREED, kind="stable")].tolist():
        in_force[int(plans.contract[version])] = version
    low, high = (np.searchsorted(plans.plan, np.arange(len(plans.contract)), side=side) for side in ("left", "right"))
    lines = plans.instalments
    for contract, version in sorted(in_force.items()):
        places = range(int(low[version]), int(high[version]))
        yield contract, [Instalment(int(lines.no[place]), day(lines.due[place]), int(lines.amount[place])) for place in places]
