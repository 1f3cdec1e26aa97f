"""Which receipts met which instalments of a contract, and since when: the one matching rule of contract page and warehouse.

Receipts are taken in order of date, on one day receipts before refunds, then by id. A receipt that names instalments pays them
up to their open parts; the rest goes to the oldest open instalment, then the next; what is left is prepaid. A refund takes back
from the instalments it names, else from what is prepaid, else from the latest payments. Refunds beyond everything received leave
a negative prepaid sum, which the next receipts make good first.

An allocation is dated by the later of the two facts that caused it, so that *as of a day* is the sum of the allocations up to
it, and equals the rule applied to what was known at the end of that day: the plan that held then, and the receipts seen and not
cancelled. A changed plan, a cancellation, or a receipt recorded behind later ones allocates anew from its day; earlier days keep
what was.

All amounts here are whole cents (`crm.money.cents`, `from_cents`), since the warehouse runs this for every contract.
"""

from collections.abc import Container, Iterable, Iterator
from datetime import date
from typing import NamedTuple

PREPAID = 0
"""Stands where an instalment's number stands, for money that no instalment has taken up; numbers count from 1."""


class Instalment(NamedTuple):
    """A part of a plan: its number within the contract, the day it is due, its cents."""

    no: int
    due_on: date
    amount: int


class Plan(NamedTuple):
    """One version of a contract's payment plan, in force from `day` (business date) until a later revision.

    `seen`: the day from which it could be known, the later of `day` and the day of recording; `day` if left out.
    """

    revision: int
    day: date
    instalments: tuple[Instalment, ...]
    seen: date | None = None


class Receipt(NamedTuple):
    """Money received on `day`, or given back (negative cents); `named`: the instalments it is meant for.

    `seen` as in `Plan`. `cancelled`: the day from which it no longer counts.
    """

    id: int
    day: date
    amount: int
    named: tuple[int, ...] = ()
    seen: date | None = None
    cancelled: date | None = None


class Allocation(NamedTuple):
    """From `day` on, so many cents of a receipt more (or less) count towards an instalment, or as `PREPAID`."""

    day: date
    receipt_id: int
    no: int
    amount: int


class InstalmentState(NamedTuple):
    """How an instalment stood at the end of each day from `valid_from` until before `valid_to` (None: still).

    `met_on`: since when it has been fully met without a break, None while something is open.
    """

    no: int
    valid_from: date
    valid_to: date | None
    due_on: date
    amount: int
    met: int
    met_on: date | None


class PrepaidState(NamedTuple):
    """The prepaid cents of a contract, never 0, at the end of each day from `valid_from` until before `valid_to`."""

    valid_from: date
    valid_to: date | None
    amount: int


def allocate(plans: Iterable[Plan], receipts: Iterable[Receipt]) -> list[Allocation]:
    """The dated allocations of one contract's receipts, in order of day. The order within the arguments does not matter.

    The allocations of a receipt sum to its amount from the day it is seen until it is cancelled; from then to 0.
    """
    begins = _in_force(plans)
    arrivals = _arrivals(receipts)
    anew = sorted({*begins, *(receipt.cancelled for *_, receipt in arrivals if receipt.cancelled), *_belated(arrivals)})
    plan: tuple[Instalment, ...] = ()
    book, taken = _Book(plan, ()), 0
    allocations: list[Allocation] = []
    for until in [*anew, date.max]:
        while taken < len(arrivals) and arrivals[taken][0] < until:
            day, *_, receipt_id, receipt = arrivals[taken]
            allocations += [Allocation(day, receipt_id, no, amount) for no, amount in book.take(receipt).items()]
            taken += 1
        if until is date.max:
            break
        while taken < len(arrivals) and arrivals[taken][0] == until:
            taken += 1
        plan = begins.get(until, plan)
        before, book = book, _Book(plan, _counting(arrivals[:taken], until))
        allocations += _difference(until, before.moved, book.moved)
    return allocations


def intervals(plans: Iterable[Plan], allocations: Iterable[Allocation]) -> tuple[list[InstalmentState], list[PrepaidState]]:
    """How each instalment stood, by number and time, and what was prepaid; from the plans and what `allocate` made of them."""
    begins = sorted(_in_force(plans).items(), key=_day, reverse=True)
    plan: dict[int, Instalment] = {}
    met: dict[int, int] = {}
    lines: dict[int, list[_Point]] = {}
    for day, _, no, amount in sorted(allocations):
        while begins and begins[-1][0] <= day:
            plan = _replan(lines, met, *begins.pop())
        met[no] = met.get(no, 0) + amount
        _mark(lines.setdefault(no, []), day, plan.get(no), met[no])
    while begins:
        _replan(lines, met, *begins.pop())
    ahead = lines.pop(PREPAID, [])
    prepaid = [PrepaidState(day, end, amount) for (day, _, amount), end in zip(ahead, _ends(ahead), strict=False) if amount]
    states = [state for no in sorted(lines) for state in _instalment_states(no, lines[no])]
    return states, prepaid


def dated_as_known(plans: Iterable[Plan], receipts: Iterable[Receipt], states: Iterable[InstalmentState]) -> list[InstalmentState]:
    """The states by days of knowledge, with `met_on` by business days as far as these were known: what was shown on each of those days.

    A receipt recorded on Friday that came in on Monday has met its instalment since Monday, for everybody who looks from Friday on.
    """
    plans, receipts = tuple(plans), tuple(receipts)
    hindsight = [(day, _met_since(plans, receipts, day)) for day in sorted(_days_of_hindsight(plans, receipts))]
    return [part for state in states for part in _cut(state, hindsight)] if hindsight else list(states)


_Hindsight = list[tuple[date, dict[int, date | None]]]
"""The days on which the past became another, each with since when every instalment was met, as one knew from then on."""


def _days_of_hindsight(plans: tuple[Plan, ...], receipts: tuple[Receipt, ...]) -> set[date]:
    """The days on which something became known of earlier days. What becomes known on its own day leaves those as they were."""
    days = {plan.seen for plan in plans if plan.seen and plan.seen != plan.day}
    days |= {receipt.seen for receipt in receipts if receipt.seen and receipt.seen != receipt.day}
    return days | {receipt.cancelled for receipt in receipts if receipt.cancelled}


def _met_since(plans: tuple[Plan, ...], receipts: tuple[Receipt, ...], day: date) -> dict[int, date | None]:
    """Since when each instalment is met, by business days, in the eyes of `day`."""
    known = [plan._replace(seen=None) for plan in plans if (plan.seen or plan.day) <= day]
    counting = [
        receipt._replace(seen=None, cancelled=None)
        for receipt in receipts
        if (receipt.seen or receipt.day) <= day and (receipt.cancelled is None or receipt.cancelled > day)
    ]
    states, _ = intervals(known, allocate(known, counting))
    return {state.no: state.met_on for state in states if state.valid_from <= day and (state.valid_to is None or state.valid_to > day)}


def _cut(state: InstalmentState, hindsight: _Hindsight) -> Iterator[InstalmentState]:
    """A state in as many parts as it has days since which it was known to be met.

    How much has met an instalment does not depend on the order in which it became known: what is open has no such day. And what came to be
    met after the last hindsight was known on that very day.
    """
    begin, since = state.valid_from, state.met_on
    for day, met in hindsight if since else ():
        if day < state.met_on:  # type: ignore[operator]
            continue
        if state.valid_to is not None and day >= state.valid_to:
            break
        if day > begin and met.get(state.no) != since:
            yield state._replace(valid_from=begin, valid_to=day, met_on=since)
            begin = day
        since = met.get(state.no)
    yield state._replace(valid_from=begin, met_on=since) if since else state


def met_as_of(allocations: Iterable[Allocation], day: date) -> dict[int, int]:
    """Cents met per instalment number at the end of `day`, and under `PREPAID` what was prepaid; numbers without any are left out."""
    met: dict[int, int] = {}
    for allocation in allocations:
        if allocation.day <= day:
            met[allocation.no] = met.get(allocation.no, 0) + allocation.amount
    return {no: amount for no, amount in met.items() if amount}


class _Book:
    """The receipts taken so far, in order, under one plan: what is open, what paid it, what is prepaid."""

    __slots__ = ("moved", "open", "payments", "prepaid")

    def __init__(self, plan: tuple[Instalment, ...], receipts: Iterable[Receipt]) -> None:
        self.open = {no: amount for no, _, amount in plan}
        self.payments: list[list[int]] = []  # [number, cents not taken back], the latest last
        self.prepaid = 0
        self.moved: dict[int, dict[int, int]] = {}
        for receipt in receipts:
            self.take(receipt)

    def take(self, receipt: Receipt) -> dict[int, int]:
        """Enter the next receipt or refund; the cents it added to each number (negative: took back)."""
        moved: dict[int, int] = {}
        left, named = receipt.amount, receipt.named
        if left > 0:
            if self.prepaid < 0:
                left = self._cover(left, moved)
            if named:
                left = self._pay(left, [no for no in self.open if no in named], moved)
            left = self._pay(left, self.open, moved)
        else:
            left = self._take_back(-left, named, moved) if named else -left
            left = self._take_prepaid(left, moved)
            left = -self._take_back(left, self.open, moved)
        if left:
            moved[PREPAID] = moved.get(PREPAID, 0) + left
        if PREPAID in moved:
            self.prepaid += moved[PREPAID]
        self.moved[receipt.id] = moved
        return moved

    def _cover(self, left: int, moved: dict[int, int]) -> int:
        """Make good what refunds took beyond everything received; what is left."""
        moved[PREPAID] = part = min(left, -self.prepaid)
        return left - part

    def _pay(self, left: int, numbers: Iterable[int], moved: dict[int, int]) -> int:
        """Pay the open parts of `numbers`, in that order; what is left."""
        for no in numbers:
            if not left:
                break
            due = self.open[no]
            if due:
                part = min(left, due)
                self.open[no] = due - part
                self.payments.append([no, part])
                moved[no] = part
                left -= part
        return left

    def _take_prepaid(self, left: int, moved: dict[int, int]) -> int:
        """Take a refund from what is prepaid; what is left of it."""
        part = min(left, self.prepaid)
        if part <= 0:
            return left
        moved[PREPAID] = -part
        return left - part

    def _take_back(self, left: int, numbers: Container[int], moved: dict[int, int]) -> int:
        """Take a refund from the latest payments of `numbers`; what is left of it."""
        for payment in reversed(self.payments):
            if not left:
                break
            no, paid = payment
            part = min(left, paid)
            if part and no in numbers:
                payment[1] -= part
                self.open[no] += part
                moved[no] = moved.get(no, 0) - part
                left -= part
        return left


_Arrival = tuple[date, date, bool, int, Receipt]
"""Seen, then the order of matching: day, receipts before refunds, id; and the receipt."""


def _arrivals(receipts: Iterable[Receipt]) -> list[_Arrival]:
    """The receipts as they came to be known; without those cancelled before the end of that day, which no day ever counted."""
    arrivals = [(receipt.seen or receipt.day, receipt.day, receipt.amount < 0, receipt.id, receipt) for receipt in receipts]
    return sorted(arrival for arrival in arrivals if arrival[4].cancelled is None or arrival[4].cancelled > arrival[0])


def _counting(arrivals: list[_Arrival], day: date) -> list[Receipt]:
    """The receipts that are not cancelled by the end of `day`, in the order of matching."""
    return [arrival[4] for arrival in sorted(arrivals, key=_order) if arrival[4].cancelled is None or arrival[4].cancelled > day]


def _order(arrival: _Arrival) -> tuple[date, bool, int]:
    """Where the receipt stands in the order of matching, whenever it came to be known."""
    return arrival[1:4]


def _belated(arrivals: list[_Arrival]) -> Iterator[date]:
    """The days on which a receipt came to be known that belongs before one known already."""
    latest = (date.min, False, 0)
    for arrival in arrivals:
        order = arrival[1:4]
        if order < latest:
            yield arrival[0]
        else:
            latest = order


def _in_force(plans: Iterable[Plan]) -> dict[date, tuple[Instalment, ...]]:
    """The instalments, oldest first, that hold from each day on which a plan comes into force: the highest revision seen by then."""
    begins: dict[date, tuple[Instalment, ...]] = {}
    newest = None
    for seen, revision, instalments in sorted([(plan.seen or plan.day, plan.revision, plan.instalments) for plan in plans]):
        if newest is None or revision > newest:
            newest = revision
            begins[seen] = tuple(sorted(instalments, key=_oldest))
    return begins


def _oldest(instalment: Instalment) -> tuple[date, int]:
    """In the order in which money without a name goes to them."""
    return instalment.due_on, instalment.no


def _difference(day: date, before: dict[int, dict[int, int]], after: dict[int, dict[int, int]]) -> Iterator[Allocation]:
    """What turns one allocation of all receipts into another, from `day` on."""
    for receipt_id in {**before, **after}:
        old, new = before.get(receipt_id, {}), after.get(receipt_id, {})
        for no in {**old, **new}:
            amount = new.get(no, 0) - old.get(no, 0)
            if amount:
                yield Allocation(day, receipt_id, no, amount)


_Point = tuple[date, Instalment | None, int]
"""From a day on: the instalment as planned (None: not in the plan), and the cents that met it."""


def _day(begin: tuple[date, tuple[Instalment, ...]]) -> date:
    """Of plans in force, what orders them."""
    return begin[0]


def _replan(lines: dict[int, list[_Point]], met: dict[int, int], day: date, instalments: tuple[Instalment, ...]) -> dict[int, Instalment]:
    """Enter how each number of the old plan and the new stands when `instalments` come into force; the new plan by number."""
    plan = {instalment.no: instalment for instalment in instalments}
    for no in [*plan, *(lines.keys() - plan.keys())]:
        _mark(lines.setdefault(no, []), day, plan.get(no), met.get(no, 0))
    return plan


def _mark(line: list[_Point], day: date, planned: Instalment | None, met: int) -> None:
    """Enter how a number stands from `day` on, if that is news; the last word on a day counts."""
    if line and line[-1][0] == day:
        line.pop()
    if not line or line[-1][2] != met or line[-1][1] != planned:
        line.append((day, planned, met))


def _ends(line: list[_Point]) -> list[date | None]:
    """For each point of `line`, the day on which the next one takes over."""
    return [*[point[0] for point in line[1:]], None]


def _instalment_states(no: int, line: list[_Point]) -> list[InstalmentState]:
    """The states of one instalment over the days on which it was in the plan."""
    met_on = None
    states = []
    for (day, planned, met), end in zip(line, _ends(line), strict=True):
        if planned is None:
            met_on = None
            continue
        _, due_on, amount = planned
        met_on = (met_on or day) if met >= amount else None
        states.append(InstalmentState(no, day, end, due_on, amount, met, met_on))
    return states
