"""Payment plans of the demo company's contracts: how they were agreed, and how some were changed afterwards.

`Plans` is what is written down, version by version; `Schedule` is what came to hold in the end, also for contracts without a written
plan: it is what customers pay by.
"""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import NEVER, Calendar
from crm.demo.contracts import Contracts
from crm.demo.dice import Dice, Generator, Ints, Mask, draw, quota, spread_out, within

TEMPLATES: tuple[tuple[tuple[int, int], ...], ...] = (
    ((10_000, 30),),
    ((3_000, 5), (9_000, 75), (10_000, 440)),
    ((5_000, 7), (10_000, 90)),
    ((3_000, 5), (6_000, 60), (9_000, 120), (10_000, 485)),
    tuple((10_000 * month // 12, 30 * month) for month in range(1, 13)),
    tuple((10_000 * quarter // 8, 91 * quarter) for quarter in range(1, 9)),
)
"""Of the whole so much until then (hundredths of a percent), so many days after signing."""
WEIGHTS = (11, 27, 12, 20, 20, 10)
MONTHLY = 4
"""What the loyal customer agrees on."""
SMALL, SMALL_WEIGHTS = 3_000_000, (50, 0, 50, 0, 0, 0)
"""Contracts below this many cents are paid in one or two parts."""

AGREED, POSTPONED, AMENDED, PROPOSED = range(4)
"""Why there is a version of a plan."""


@dataclass(frozen=True)
class Schedule:
    """What falls due in the end: one row per instalment, in order of contract and number."""

    contract: Ints
    no: Ints
    due: Ints
    amount: Ints


@dataclass(frozen=True)
class Plans:
    """Versions (one row per version), and their instalments (`plan`: row of the version)."""

    contract: Ints
    revision: Ints
    day: Ints
    recorded: Ints
    why: Ints
    plan: Ints
    instalments: Schedule


def make(dice: Dice, calendar: Calendar, contracts: Contracts) -> tuple[Plans, Schedule, Mask]:
    """The plans, the schedule that holds in the end, and which contracts have a written plan.

    Where an amendment lowers an amount that is due already, it raises it instead: `contracts.amended_to` is corrected.
    """
    rng, size, today = dice.of("plans"), len(contracts), calendar.today
    unwritten = quota(rng, ~contracts.loyal, 0.05, 4) | (contracts.imported & (rng.random(size) < 0.6))
    agreed = _agreed(rng, contracts)
    final = _amended(contracts, agreed)
    postponed, since, final = _postponed(rng, contracts, final, today)
    proposed = quota(
        rng, ~unwritten & (contracts.voided < 0) & (contracts.recorded < today - 30) & (contracts.recorded > today - 300), 0.01, 2
    )
    rows = np.arange(size)
    versions = [
        (rows, contracts.signed, contracts.recorded, AGREED, agreed),
        (rows[contracts.amended > 0], contracts.amended[contracts.amended > 0], contracts.amended[contracts.amended > 0], AMENDED, final),
        (rows[postponed], since[postponed], since[postponed], POSTPONED, final),
        (rows[proposed], (day := today - rng.integers(2, 20, int(proposed.sum()))), day, PROPOSED, _later(final)),
    ]
    return _written(versions, ~unwritten), final, ~unwritten


def _agreed(rng: Generator, contracts: Contracts) -> Schedule:
    """The instalments as agreed at signing; they sum to the amount exactly."""
    size = len(contracts)
    template = np.where(contracts.amount < SMALL, draw(rng, SMALL_WEIGHTS, size), draw(rng, WEIGHTS, size))
    template = np.where(contracts.loyal, MONTHLY, template)
    parts = [part for of in TEMPLATES for part in of]
    lengths = np.array([len(of) for of in TEMPLATES])
    low = (np.cumsum(lengths) - lengths)[template]
    contract, place = spread_out(low, low + lengths[template])
    reached, after = np.array([part[0] for part in parts]), np.array([part[1] for part in parts])
    number = within(contract)
    before = np.where(number > 0, np.r_[0, reached[:-1]][place], 0)
    amount = contracts.amount[contract]
    return Schedule(
        contract, number + 1, contracts.signed[contract] + after[place], amount * reached[place] // 10_000 - amount * before // 10_000
    )


def _amended(contracts: Contracts, agreed: Schedule) -> Schedule:
    """What an amendment adds is one more instalment; what it takes away comes off the last one, if that is still to come."""
    last = np.flatnonzero(np.r_[agreed.contract[1:] != agreed.contract[:-1], True])
    less = contracts.amended_to - contracts.amount
    takes = (less < 0) & (agreed.amount[last] + less > 0) & (agreed.due[last] > contracts.amended + 30)
    contracts.amended_to[:] = np.where((less < 0) & ~takes, contracts.amount - less, contracts.amended_to)
    amount = agreed.amount.copy()
    amount[last] += np.where(takes, less, 0)
    more = np.flatnonzero(contracts.amended_to > contracts.amount)
    columns = (
        np.r_[agreed.contract, more], np.r_[agreed.no, agreed.no[last][more] + 1], np.r_[agreed.due, contracts.amended[more] + 30],
        np.r_[amount, (contracts.amended_to - contracts.amount)[more]],
    )  # fmt: skip
    order = np.lexsort((columns[1], columns[0]))
    return Schedule(*(column[order] for column in columns))


def _postponed(rng: Generator, contracts: Contracts, schedule: Schedule, today: int) -> tuple[Mask, Ints, Schedule]:
    """Some plans are put off once money has come in: what was still to come is due later."""
    second = np.flatnonzero(schedule.no == 2)
    since = np.full(len(contracts), NEVER)
    since[schedule.contract[second]] = schedule.due[second] - rng.integers(5, 25, len(second))
    able = (since > contracts.recorded + 20) & (since <= today) & (contracts.amended < 0) & (contracts.voided < 0) & ~contracts.loyal
    postponed = quota(rng, able, 0.03, 6)
    by = rng.integers(30, 90, len(contracts))
    due = schedule.due + np.where(postponed[schedule.contract] & (schedule.due > since[schedule.contract]), by[schedule.contract], 0)
    return postponed, since, Schedule(schedule.contract, schedule.no, due, schedule.amount)


def _later(schedule: Schedule) -> Schedule:
    """What a rep proposes: everything three weeks later."""
    return Schedule(schedule.contract, schedule.no, schedule.due + 21, schedule.amount)


def _written(versions: list[tuple[Ints, Ints, Ints, int, Schedule]], written: Mask) -> Plans:
    """The versions of the contracts with a plan, in order of contract and day, numbered, with their instalments."""
    contract = np.concatenate([rows for rows, *_ in versions])
    day = np.concatenate([day for _, day, *_ in versions])
    recorded = np.concatenate([recorded for _, _, recorded, *_ in versions])
    kind = np.repeat(np.arange(len(versions)), [len(rows) for rows, *_ in versions])
    why = np.array([version[3] for version in versions])[kind]
    order = np.lexsort((why, recorded, contract))
    order = order[written[contract[order]]]
    contract, kind = contract[order], kind[order]
    parts = []
    for number, (*_, schedule) in enumerate(versions):
        mine = np.flatnonzero(kind == number)
        low = np.searchsorted(schedule.contract, contract[mine])
        high = np.searchsorted(schedule.contract, contract[mine], side="right")
        row, place = spread_out(low, high)
        parts.append((mine[row], schedule.contract[place], schedule.no[place], schedule.due[place], schedule.amount[place]))
    plan, *columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    by_plan = np.argsort(plan, kind="stable")
    return Plans(
        contract,
        within(contract) + 1,
        day[order],
        recorded[order],
        why[order],
        plan[by_plan],
        Schedule(*(column[by_plan] for column in columns)),
    )
