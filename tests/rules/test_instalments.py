"""Fang from finance enters what came in; the rule says which instalments it met, and since when."""

import random
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rules.instalments import (
    PREPAID,
    Allocation,
    Instalment,
    InstalmentState,
    Plan,
    PrepaidState,
    Receipt,
    allocate,
    dated_as_known,
    intervals,
    met_as_of,
)

SPAN = 14


def march(day: int) -> date:
    return date(2025, 3, 1) + timedelta(days=day - 1)


def a_plan(*parts: tuple[int, int, int], day: int = 1, revision: int = 1) -> Plan:
    """A plan from `day` of March on; its parts as number, day due, cents."""
    return Plan(revision, march(day), tuple(Instalment(no, march(due), amount) for no, due, amount in parts))


TWO = a_plan((1, 10, 60), (2, 20, 40))


# The rule once more, slowly: every cent is moved by itself, as one would do it with coins on a table.


def coins(plans, receipts, day) -> tuple[Counter, list[int], int]:
    """At the end of `day`: cents by (receipt, number), the coins on instalments in order of payment, and the prepaid sum."""
    seen = [plan for plan in plans if (plan.seen or plan.day) <= day]
    parts = max(seen, key=lambda plan: plan.revision).instalments if seen else ()
    known = [r for r in receipts if (r.seen or r.day) <= day and not (r.cancelled and r.cancelled <= day)]
    where, paid, prepaid = Counter(), [], 0
    for receipt in sorted(known, key=lambda r: (r.day, r.amount < 0, r.id)):
        for _ in range(abs(receipt.amount)):
            if receipt.amount > 0:
                still_open = [i for i in sorted(parts, key=lambda i: (i.due_on, i.no)) if paid.count(i.no) < i.amount]
                aimed = [i for i in still_open if i.no in receipt.named] or still_open
                number = aimed[0].no if aimed and prepaid >= 0 else PREPAID
                paid += [number] if number else []
                prepaid += number == PREPAID
                where[receipt.id, number] += 1
            else:
                aimed = [at for at, number in enumerate(paid) if number in receipt.named]
                at = aimed[-1] if aimed else len(paid) - 1 if paid and prepaid <= 0 else None
                number = PREPAID if at is None else paid.pop(at)
                prepaid -= number == PREPAID
                where[receipt.id, number] -= 1
    return Counter({key: amount for key, amount in where.items() if amount}), paid, prepaid


DAYS = st.integers(1, SPAN).map(march)


@st.composite
def some_plans(draw) -> list[Plan]:
    plans = []
    for revision in range(1, draw(st.integers(0, 3)) + 1):
        numbers = draw(st.lists(st.integers(1, 4), unique=True, max_size=3))
        parts = tuple(Instalment(no, draw(DAYS), draw(st.integers(0, 6))) for no in numbers)
        day = draw(DAYS)
        plans.append(Plan(revision, day, parts, draw(st.none() | DAYS.map(lambda later, day=day: max(later, day)))))
    return plans


@st.composite
def some_receipts(draw) -> list[Receipt]:
    receipts = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        day = draw(DAYS)
        named = tuple(draw(st.lists(st.integers(1, 4), unique=True, max_size=2)))
        seen = draw(st.none() | DAYS.map(lambda later, day=day: max(later, day)))
        receipts.append(Receipt(number, day, draw(st.integers(-8, 8).filter(bool)), named, seen, draw(st.none() | st.none() | DAYS)))
    return receipts


EVERY_DAY = [march(day) for day in range(0, SPAN + 2)]


@given(some_plans(), some_receipts())
def test_as_of_a_day_is_the_sum_of_the_allocations_up_to_it(plans, receipts):
    allocations = allocate(plans, receipts)
    for day in EVERY_DAY:
        summed = Counter()
        for allocation in allocations:
            if allocation.day <= day:
                summed[allocation.receipt_id, allocation.no] += allocation.amount
        where, paid, prepaid = coins(plans, receipts, day)
        assert {key: amount for key, amount in summed.items() if amount} == where
        by_number = Counter(paid) + Counter()
        assert met_as_of(allocations, day) == dict(by_number) | ({PREPAID: prepaid} if prepaid else {})


@given(some_plans(), some_receipts())
def test_each_receipt_counts_whole_from_the_day_it_is_seen_until_it_is_cancelled(plans, receipts):
    allocations = allocate(plans, receipts)
    for receipt in receipts:
        for day in EVERY_DAY:
            counts = (receipt.seen or receipt.day) <= day and not (receipt.cancelled and receipt.cancelled <= day)
            total = sum(a.amount for a in allocations if a.receipt_id == receipt.id and a.day <= day)
            assert total == (receipt.amount if counts else 0)


@given(some_plans(), some_receipts(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_handed_over_does_not_matter(plans, receipts, chance: random.Random):
    before = allocate(plans, receipts)
    assert allocate(chance.sample(plans, len(plans)), chance.sample(receipts, len(receipts))) == before
    assert intervals(chance.sample(plans, len(plans)), chance.sample(before, len(before))) == intervals(plans, before)


@given(some_plans(), some_receipts())
def test_the_states_say_of_every_day_what_the_allocations_say(plans, receipts):
    allocations = allocate(plans, receipts)
    states, prepaids = intervals(plans, allocations)
    since: dict[int, date] = {}
    for day in EVERY_DAY:
        seen = [plan for plan in plans if (plan.seen or plan.day) <= day]
        parts = max(seen, key=lambda plan: plan.revision).instalments if seen else ()
        met = met_as_of(allocations, day)
        since = {part.no: since.get(part.no, day) for part in parts if met.get(part.no, 0) >= part.amount}
        standing = [s for s in states if s.valid_from <= day and (s.valid_to is None or day < s.valid_to)]
        assert [(s.no, s.due_on, s.amount, s.met, s.met_on) for s in standing] == [
            (part.no, part.due_on, part.amount, met.get(part.no, 0), since.get(part.no)) for part in sorted(parts)
        ]
        ahead = [p.amount for p in prepaids if p.valid_from <= day and (p.valid_to is None or day < p.valid_to)]
        assert sum(ahead) == met.get(PREPAID, 0)


def met_since(plans: list[Plan], receipts: list[Receipt], day: date) -> dict[int, date]:
    """By business days, coin by coin: since when each instalment is met, in the eyes of who knows what is known on that day."""
    known = [plan._replace(seen=None) for plan in plans if (plan.seen or plan.day) <= day]
    counting = [
        receipt._replace(seen=None, cancelled=None)
        for receipt in receipts
        if (receipt.seen or receipt.day) <= day and not (receipt.cancelled and receipt.cancelled <= day)
    ]
    since: dict[int, date] = {}
    for business in (one for one in EVERY_DAY if one <= day):
        standing = [plan for plan in known if plan.day <= business]
        parts = max(standing, key=lambda plan: plan.revision).instalments if standing else ()
        paid = Counter(coins(known, counting, business)[1])
        since = {part.no: since.get(part.no, business) for part in parts if paid[part.no] >= part.amount}
    return since


@settings(max_examples=60)
@given(some_plans(), some_receipts())
def test_what_was_met_is_dated_as_everybody_knew_it(plans, receipts):
    by_knowledge = intervals(plans, allocate(plans, receipts))[0]
    dated = dated_as_known(plans, receipts, by_knowledge)
    for day in EVERY_DAY:
        before, after = (
            [s for s in states if s.valid_from <= day and (s.valid_to is None or day < s.valid_to)] for states in (by_knowledge, dated)
        )
        assert [(s.no, s.due_on, s.amount, s.met) for s in after] == [(s.no, s.due_on, s.amount, s.met) for s in before]
        since = met_since(plans, receipts, day)
        assert {s.no: s.met_on for s in after} == {s.no: since.get(s.no) for s in after}


def test_a_receipt_recorded_on_friday_met_its_instalment_on_monday():
    plans = [a_plan((1, 2, 100))]
    monday = Receipt(7, march(4), 100, (), march(8))
    states = intervals(plans, allocate(plans, [monday]))[0]
    assert [state.met_on for state in states] == [None, march(8)]
    assert [(state.valid_from, state.met_on) for state in dated_as_known(plans, [monday], states)] == [
        (march(1), None),
        (march(8), march(4)),
    ]


@given(some_plans(), some_receipts())
def test_no_instalment_is_met_twice_and_neighbouring_states_differ(plans, receipts):
    states, prepaids = intervals(plans, allocate(plans, receipts))
    assert all(0 <= state.met <= state.amount for state in states)
    assert all(state.valid_to is None or state.valid_from < state.valid_to for state in [*states, *prepaids])
    for earlier, later in pairwise(states):
        if earlier.no == later.no and earlier.valid_to == later.valid_from:
            assert earlier[3:6] != later[3:6]


@given(some_plans(), some_receipts(), DAYS)
def test_earlier_days_keep_what_was(plans, receipts, day):
    """What becomes known from a day on changes nothing before it."""
    plans_then = [plan for plan in plans if (plan.seen or plan.day) < day]
    receipts_then = [
        receipt._replace(cancelled=None) if receipt.cancelled and receipt.cancelled >= day else receipt
        for receipt in receipts
        if (receipt.seen or receipt.day) < day
    ]
    assert allocate(plans_then, receipts_then) == [a for a in allocate(plans, receipts) if a.day < day]


@given(some_plans(), some_receipts(), st.integers(0, SPAN))
def test_a_plan_that_is_written_once_more_changes_no_day(plans, receipts, later):
    """So a proposal is declined: what stands is the newest version again."""
    if plans:
        day = max(plan.seen or plan.day for plan in plans) + timedelta(days=later)
        again = [*plans, plans[-1]._replace(revision=len(plans) + 1, day=day, seen=None)]
        allocations, once_more = allocate(plans, receipts), allocate(again, receipts)
        assert intervals(again, once_more) == intervals(plans, allocations)
        states, _ = intervals(plans, allocations)
        assert dated_as_known(again, receipts, states) == dated_as_known(plans, receipts, states)
        for at in EVERY_DAY:
            assert met_as_of(once_more, at) == met_as_of(allocations, at)


def test_a_receipt_goes_to_the_oldest_open_instalment_and_then_to_the_next():
    later_first = a_plan((1, 20, 40), (2, 10, 60))
    assert allocate([later_first], [Receipt(7, march(5), 70)]) == [
        Allocation(march(5), 7, 2, 60),
        Allocation(march(5), 7, 1, 10),
    ]


def test_a_receipt_pays_the_instalments_it_names_first_and_the_rest_goes_on():
    assert allocate([TWO], [Receipt(7, march(5), 50, named=(2,)), Receipt(8, march(6), 60)]) == [
        Allocation(march(5), 7, 2, 40),
        Allocation(march(5), 7, 1, 10),
        Allocation(march(6), 8, 1, 50),
        Allocation(march(6), 8, PREPAID, 10),
    ]


def test_on_one_day_receipts_come_before_refunds_whatever_their_ids():
    same_day = [Receipt(1, march(5), -30), Receipt(2, march(5), 50)]
    assert allocate([TWO], same_day) == [Allocation(march(5), 2, 1, 50), Allocation(march(5), 1, 1, -30)]


def test_a_refund_takes_from_what_it_names_then_from_the_prepaid_then_from_the_latest_payment():
    received = [Receipt(1, march(2), 60), Receipt(2, march(3), 50)]  # 10 of these are prepaid
    assert met_as_of(allocate([TWO], received), march(31)) == {1: 60, 2: 40, PREPAID: 10}
    named = Receipt(3, march(4), -25, named=(1,))
    unnamed = Receipt(4, march(5), -25)
    allocations = allocate([TWO], [*received, named, unnamed])
    assert [a for a in allocations if a.receipt_id == 3] == [Allocation(march(4), 3, 1, -25)]
    assert [a for a in allocations if a.receipt_id == 4] == [Allocation(march(5), 4, PREPAID, -10), Allocation(march(5), 4, 2, -15)]


def test_money_that_comes_before_the_plan_is_prepaid_until_there_is_one():
    early = [Receipt(1, march(2), 70)]
    plan = a_plan((1, 10, 60), (2, 20, 40), day=4)
    allocations = allocate([plan], early)
    assert met_as_of(allocations, march(3)) == {PREPAID: 70}
    assert met_as_of(allocations, march(4)) == {1: 60, 2: 10}
    assert {a.day for a in allocations} == {march(2), march(4)}
    assert intervals([plan], allocations)[1] == [PrepaidState(march(2), march(4), 70)]


def test_a_changed_plan_allocates_anew_and_last_week_still_shows_the_old():
    changed = a_plan((1, 10, 30), (3, 12, 70), day=8, revision=2)
    allocations = allocate([TWO, changed], [Receipt(1, march(5), 50)])
    assert met_as_of(allocations, march(7)) == {1: 50}
    assert met_as_of(allocations, march(8)) == {1: 30, 3: 20}
    assert intervals([TWO, changed], allocations)[0] == [
        InstalmentState(1, march(1), march(5), march(10), 60, 0, None),
        InstalmentState(1, march(5), march(8), march(10), 60, 50, None),
        InstalmentState(1, march(8), None, march(10), 30, 30, march(8)),
        InstalmentState(2, march(1), march(8), march(20), 40, 0, None),
        InstalmentState(3, march(8), None, march(12), 70, 20, None),
    ]


def test_a_receipt_recorded_late_is_seen_late_but_takes_its_place():
    first_due = Receipt(2, march(3), 60, seen=march(9))  # came in on the 3rd, entered on the 9th
    allocations = allocate([TWO], [Receipt(1, march(5), 40), first_due])
    assert met_as_of(allocations, march(8)) == {1: 40}
    assert [a for a in allocations if a.day == march(9)] == [
        Allocation(march(9), 1, 1, -40),
        Allocation(march(9), 1, 2, 40),
        Allocation(march(9), 2, 1, 60),
    ]


def test_a_cancelled_receipt_counts_until_that_day_and_is_no_refund():
    mistyped = Receipt(1, march(2), 600, cancelled=march(4))
    allocations = allocate([TWO], [mistyped, Receipt(2, march(3), 60)])
    assert met_as_of(allocations, march(3)) == {1: 60, 2: 40, PREPAID: 560}
    assert met_as_of(allocations, march(4)) == {1: 60}
    assert allocate([TWO], [Receipt(1, march(2), 600, cancelled=march(2))]) == []


def test_more_refunded_than_received_is_made_good_first():
    allocations = allocate([TWO], [Receipt(1, march(2), -20), Receipt(2, march(3), 50)])
    assert met_as_of(allocations, march(2)) == {PREPAID: -20}
    assert met_as_of(allocations, march(3)) == {1: 30}


def test_a_refund_reopens_an_instalment_and_the_day_it_is_met_starts_over():
    states, _ = intervals([TWO], allocate([TWO], [Receipt(1, march(2), 60), Receipt(2, march(4), -1), Receipt(3, march(6), 1)]))
    assert [(s.valid_from, s.met, s.met_on) for s in states if s.no == 1] == [
        (march(1), 0, None),
        (march(2), 60, march(2)),
        (march(4), 59, None),
        (march(6), 60, march(6)),
    ]


def test_nothing_in_nothing_out():
    assert allocate([], []) == []
    assert intervals([], []) == ([], [])
