"""Money that comes in, late and in parts, goes back, was mistyped or paid too much; what contracts cost; when they are completed."""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import FAR, NEVER, Calendar, workday
from crm.demo.contracts import Contracts
from crm.demo.dice import Dice, Generator, Ints, Mask, draw, quota, spread_out, sums, tailed
from crm.demo.openings import Openings
from crm.demo.people import FANG, People
from crm.demo.plans import Schedule

LOYAL_STOPS_AGO = 230
"""The loyal customer pays nothing any more since so many days before today."""

NO_NOTE, OVERPAID, DEDUCTED, VOIDED = range(4)
"""What a receipt's note says."""
PREPAID = 4


@dataclass(frozen=True)
class Receipts:
    """One row per receipt or refund, in order of recording; the id is the row + 1. `named`, `named_too`: instalments, 0 for none."""

    contract: Ints
    received: Ints
    recorded: Ints
    amount: Ints
    note: Ints
    named: Ints
    named_too: Ints
    cancelled: Ints

    def __len__(self) -> int:
        return len(self.contract)

    def __getitem__(self, rows: Ints | Mask) -> "Receipts":
        return Receipts(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Costs:
    """One row per cost, in order of recording."""

    contract: Ints
    category: Ints
    paid: Ints
    recorded: Ints
    amount: Ints
    cancelled: Ints

    def __len__(self) -> int:
        return len(self.contract)


def receive(dice: Dice, calendar: Calendar, openings: Openings, contracts: Contracts, schedule: Schedule, written: Mask) -> Receipts:
    """Every receipt and refund up to today."""
    rng, today = dice.of("receipts"), calendar.today
    paid = _paid(rng, openings, contracts, schedule, written, today)
    paid = paid[paid.received <= today]
    voided = _returned(rng, contracts, schedule, today)
    back = _deducted(rng, contracts, paid, today)
    over = _overpaid(rng, contracts, paid, back, today)
    wrong = _mistyped(rng, contracts, paid, today)
    receipts = _joined([paid, voided, back, over, wrong])
    # what was taken over from an older system counts as recorded on its day
    receipts.recorded[:] = np.where(contracts.imported[receipts.contract], receipts.received, receipts.recorded)
    return receipts[np.lexsort((receipts.received, receipts.contract, receipts.recorded))]


def _rows(rng: Generator, contract: Ints, received: Ints, amount: Ints, note: int, today: int) -> Receipts:
    """Receipts recorded on their day or a few days later."""
    lag = draw(rng, (84, 7, 4, 3, 2), len(contract))
    none = np.zeros(len(contract), dtype=np.int64)
    recorded = np.where(received <= today, np.minimum(received + lag, np.maximum(today, received)), received)
    return Receipts(contract, received, recorded, amount, none + note, none, none.copy(), none + NEVER)


def _joined(parts: list[Receipts]) -> Receipts:
    return Receipts(*(np.concatenate([getattr(part, name) for part in parts]) for name in Receipts.__dataclass_fields__))


def _paid(rng: Generator, openings: Openings, contracts: Contracts, schedule: Schedule, written: Mask, today: int) -> Receipts:
    """What customers pay by the schedule, each by its habits; never is `FAR`."""
    customer = openings.customer[contracts.opportunity[schedule.contract]]
    mood = np.exp(rng.normal(0.0, 0.5, len(openings.customers)))[customer]
    size = len(customer)
    delay = np.choose(
        draw(rng, (24, 53, 18, 5), size),
        [-rng.integers(0, 9, size), rng.integers(0, 9, size), (tailed(rng, 20.0, 0.6, size) * mood).astype(np.int64),
         (tailed(rng, 90.0, 0.6, size) * mood).astype(np.int64)],
    )  # fmt: skip
    day = workday(np.maximum(schedule.due + delay, contracts.recorded[schedule.contract]))
    unpaid = rng.random(size) < 0.012 * mood
    unpaid |= contracts.voided[schedule.contract] > 0
    day = np.where(unpaid, FAR, day)
    merged = _merged(rng, contracts, schedule, unpaid)
    parts = np.where(merged > 0, 1, draw(rng, (50, 34, 16), size) + 1)
    row, number = spread_out(np.zeros(size, dtype=np.int64), parts)
    cut = np.rint(rng.uniform(0.3, 0.45, size) * schedule.amount / 10_000).astype(np.int64) * 10_000
    cut = np.minimum(cut, schedule.amount // 3)
    last = number == parts[row] - 1
    amount = np.where(last, schedule.amount[row] - number * cut[row], cut[row])
    when = day[row] + np.where(number > 0, number * rng.integers(4, 30, len(row)), 0)
    withheld = last & (number > 0) & (rng.random(len(row)) < 0.04)
    stopped = contracts.loyal[schedule.contract[row]] & (when > today - LOYAL_STOPS_AGO)
    when = np.where((when >= FAR) | withheld | stopped, FAR, workday(when))
    receipts = _rows(rng, schedule.contract[row], when, amount, NO_NOTE, today)
    names = written[receipts.contract] & ((rng.random(len(row)) < 0.6) | (merged[row] > 0))
    taken = np.r_[0, merged[:-1]][row] > 0
    more = np.r_[schedule.amount[1:], 0][row]
    receipts.amount[:] += np.where(merged[row] > 0, more, 0)
    receipts.named[:] = np.where(names, schedule.no[row], 0)
    receipts.named_too[:] = np.where(names & (merged[row] > 0), schedule.no[row] + 1, 0)
    return receipts[~taken & (receipts.amount > 0)]


def _merged(rng: Generator, contracts: Contracts, schedule: Schedule, unpaid: Mask) -> Ints:
    """1 for an instalment that is paid together with the next one."""
    following = np.r_[schedule.contract[1:] == schedule.contract[:-1], False]
    able = following & (schedule.no % 2 == 0) & ~unpaid & (contracts.amended[schedule.contract] < 0) & ~contracts.loyal[schedule.contract]
    return quota(rng, able, 0.01, 4).astype(np.int64)


def _returned(rng: Generator, contracts: Contracts, schedule: Schedule, today: int) -> Receipts:
    """The money of some contracts that became void: it came, and was given back before."""
    chosen = np.flatnonzero(quota(rng, (contracts.voided > 0) & ~contracts.loyal, 0.3, 2))
    amount = schedule.amount[np.searchsorted(schedule.contract, chosen)]
    came = contracts.recorded[chosen] + rng.integers(2, 12, len(chosen))
    receipts = _joined([
        _rows(rng, chosen, came, amount, NO_NOTE, today), _rows(rng, chosen, contracts.voided[chosen] - 5, -amount, VOIDED, today),
    ])  # fmt: skip
    receipts.recorded[:] = receipts.received
    return receipts


def _deducted(rng: Generator, contracts: Contracts, paid: Receipts, today: int) -> Receipts:
    """Parts of receipts that are given back."""
    day = paid.received + rng.integers(10, 40, len(paid))
    rows = quota(rng, (day <= today) & (paid.amount > 100_000) & ~contracts.loyal[paid.contract], 0.0008, 6)
    part = np.rint(paid.amount[rows] * rng.uniform(0.04, 0.25, int(rows.sum())) / 100).astype(np.int64) * 100
    return _rows(rng, paid.contract[rows], day[rows], -part, DEDUCTED, today)


def _overpaid(rng: Generator, contracts: Contracts, paid: Receipts, back: Receipts, today: int) -> Receipts:
    """What comes in beyond the amount, confirmed as a prepayment; half of it goes back."""
    size = len(contracts)
    last = np.zeros(size, dtype=np.int64)
    np.maximum.at(last, paid.contract, paid.recorded)
    full = sums(paid.contract, paid.amount, size) == contracts.amended_to
    full[back.contract] = False
    chosen = np.flatnonzero(quota(rng, full & (last < today - 60) & ~contracts.imported, 0.004, 4))
    amount = np.maximum(np.rint(contracts.amount[chosen] * rng.uniform(0.01, 0.05, len(chosen)) / 10_000), 1).astype(np.int64) * 10_000
    came = last[chosen] + rng.integers(3, 20, len(chosen))
    goes = chosen[::2]
    return _joined([
        _rows(rng, chosen, came, amount, PREPAID, today),
        _rows(rng, goes, came[::2] + rng.integers(8, 30, len(goes)), -amount[::2], OVERPAID, today),
    ])  # fmt: skip


def _mistyped(rng: Generator, contracts: Contracts, paid: Receipts, today: int) -> Receipts:
    """A zero forgotten: entered beside the right one, and cancelled."""
    first = np.r_[True, paid.contract[1:] != paid.contract[:-1]]
    part = paid.amount < contracts.amount[paid.contract] // 2
    rows = np.flatnonzero(quota(rng, first & part & (paid.recorded < today - 20), 0.006, 6))
    wrong = paid[rows]
    return Receipts(
        wrong.contract, wrong.received, wrong.recorded, wrong.amount // 10, wrong.note, wrong.named * 0, wrong.named_too * 0,
        wrong.recorded + rng.integers(0, 15, len(rows)),
    )  # fmt: skip


def complete(dice: Dice, people: People, contracts: Contracts, receipts: Receipts) -> tuple[Ints, Ints]:
    """When each contract was completed and by whom: some time after everything was in, an imported one on the very day."""
    rng, today, size = dice.of("completion"), people.calendar.today, len(contracts)
    counted = receipts[receipts.cancelled < 0]
    last, settled = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    np.maximum.at(last, counted.contract, counted.received)
    np.maximum.at(settled, receipts.contract, np.maximum(receipts.recorded, receipts.cancelled))
    full = (sums(counted.contract, counted.amount, size) == contracts.amended_to) & (contracts.voided < 0)
    later = workday(settled + rng.integers(2, 40, size))
    day = np.where(contracts.imported, last, later)
    done = full & (day <= today) & (contracts.imported | (rng.random(size) < 0.95))
    lead = people.leader_at(contracts.signer_team, day)
    return np.where(done, day, NEVER), np.where(rng.random(size) < 0.7, FANG, lead)


def spend(dice: Dice, calendar: Calendar, contracts: Contracts, categories: int) -> Costs:
    """What contracts cost: mostly a little, now and then more than they bring."""
    rng, today = dice.of("costs"), calendar.today
    contract, number = spread_out(np.zeros(len(contracts), dtype=np.int64), draw(rng, (30, 30, 20, 12, 8), len(contracts)))
    share = np.minimum(tailed(rng, 0.05, 0.8, len(contract)), 0.4)
    losing = quota(rng, (number == 0) & ~contracts.imported[contract], 0.004, 2)
    share[losing] = rng.uniform(1.02, 1.2, int(losing.sum()))
    paid = workday(contracts.recorded[contract] + rng.integers(2, 220, len(contract)))
    amount = np.maximum(np.rint(contracts.amount[contract] * share), 100).astype(np.int64)
    kept = np.flatnonzero((paid <= today) & ((contracts.voided[contract] < 0) | (paid < contracts.voided[contract])))
    recorded = np.minimum(paid[kept] + draw(rng, (70, 15, 10, 5), len(kept)), today)
    recorded = np.where(contracts.imported[contract[kept]], paid[kept], recorded)
    cancelled = np.where(quota(rng, recorded < today - 20, 0.003, 3), recorded + rng.integers(1, 15, len(kept)), NEVER)
    order = np.lexsort((contract[kept], recorded))
    category = rng.integers(1, categories + 1, len(kept))
    return Costs(*(column[order] for column in (contract[kept], category, paid[kept], recorded, amount[kept], cancelled)))
