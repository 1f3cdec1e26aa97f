"""An opportunity is open on the days on which its history says so, in the order in which things were entered."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm.rules.history import Change, OpenInterval, open_intervals
from crm.vocabulary import OpportunityStatus

FOLLOWING, WON, LOST, STOPPED = OpportunityStatus.FOLLOWING, OpportunityStatus.WON, OpportunityStatus.LOST, OpportunityStatus.STOPPED
WANG, EAST = 3, 1


def march(day: int) -> date:
    return date(2025, 3, 1) + timedelta(days=day - 1)


def a_change(seq: int, day: int, status: OpportunityStatus = FOLLOWING, amount: int | None = 500, stage: int = 1) -> Change:
    return Change(seq, march(day), status, stage, WANG, EAST, amount, None)


CHANGES = st.lists(st.tuples(st.integers(1, 12), st.sampled_from(OpportunityStatus), st.integers(0, 3)), max_size=8).map(
    lambda rows: [a_change(seq, *row) for seq, row in enumerate(rows, start=1)]
)


def on_calendar(changes: list[Change]) -> dict[date, Change]:
    """The slow way: every change writes itself on each day from its own on, over what stood there."""
    calendar = {}
    for change in sorted(changes):
        calendar |= {march(day): change for day in range(1, 15) if march(day) >= change.on}
    return calendar


@given(CHANGES, st.randoms(use_true_random=False))
def test_on_each_day_the_last_word_about_it_stands(changes, chance):
    intervals = open_intervals(chance.sample(changes, len(changes)))
    calendar = on_calendar(changes)
    for day in map(march, range(1, 15)):
        standing = [i.change for i in intervals if i.valid_from <= day and (i.valid_to is None or day < i.valid_to)]
        expected = calendar.get(day)
        assert standing == ([expected] if expected and expected.status is FOLLOWING else [])


@given(CHANGES)
def test_intervals_are_never_empty_and_follow_one_another(changes):
    intervals = open_intervals(changes)
    assert all(i.valid_to is None or i.valid_from < i.valid_to for i in intervals)
    assert intervals == sorted(intervals, key=lambda i: i.valid_from)
    assert all(i.valid_to is not None for i in intervals[:-1])


@given(CHANGES)
def test_a_survivor_is_one_that_no_later_change_reaches_back_to(changes):
    """The sentence that SQL says with one window."""
    expected = []
    for change in changes:
        horizon = min((later.on for later in changes if later.seq > change.seq), default=None)
        if change.status is FOLLOWING and (horizon is None or horizon > change.on):
            expected.append(OpenInterval(change.on, horizon, change))
    assert open_intervals(changes) == expected


def test_a_contract_dated_back_closes_from_its_date_on():
    created, raised, signed = a_change(1, 2), a_change(2, 8, amount=700), a_change(3, 5, WON)
    assert open_intervals([created, raised, signed]) == [OpenInterval(march(2), march(5), created)]


def test_of_one_day_the_last_word_counts():
    created, edited, closed, reopened = a_change(1, 2), a_change(2, 2, stage=2), a_change(3, 6, LOST), a_change(4, 6)
    assert open_intervals([created, edited, closed, reopened]) == [
        OpenInterval(march(2), march(6), edited),
        OpenInterval(march(6), None, reopened),
    ]


def test_opened_and_lost_on_one_day_was_never_open_at_its_end():
    assert open_intervals([a_change(1, 2), a_change(2, 2, LOST)]) == []
    assert open_intervals([]) == []
