"""Answers that are kept: what several people ask for at one moment is computed once, and a failure is nobody else's."""

import threading
from collections.abc import Callable

import pytest

from dashboard.queries.answers import Kept

PATIENCE = 20


class Work:
    """Something that takes until it is let go, and how often it was begun."""

    def __init__(self, *outcomes: object) -> None:
        self.begun = 0
        self.started, self.let_go = threading.Event(), threading.Event()
        self._outcomes = list(outcomes)

    def __call__(self) -> object:
        self.begun += 1
        self.started.set()
        assert self.let_go.wait(PATIENCE)
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def asking(act: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Somebody who asks, and what they were told."""
    told: list[object] = []

    def ask() -> None:
        try:
            told.append(act())
        except ValueError as error:
            told.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, told


def test_two_who_ask_the_same_at_once_cause_one_computation() -> None:
    kept, work = Kept(8), Work("the answer")
    first, to_first = asking(lambda: kept.once("East, March", work))
    assert work.started.wait(PATIENCE)
    second, to_second = asking(lambda: kept.once("East, March", work))
    third, to_third = asking(lambda: kept.once("West, March", lambda: "another"))
    third.join(PATIENCE)
    assert to_third == ["another"]  # another question waits for nobody
    work.let_go.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    assert (to_first, to_second, work.begun) == (["the answer"], ["the answer"], 1)


def test_where_the_first_one_fails_the_next_one_tries() -> None:
    kept, failure = Kept(8), ValueError("no")
    work = Work(failure, "the answer")
    first, to_first = asking(lambda: kept.once("East, March", work))
    assert work.started.wait(PATIENCE)
    second, to_second = asking(lambda: kept.once("East, March", work))
    work.let_go.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    assert (to_first, to_second, work.begun) == ([failure], ["the answer"], 2)


def test_nothing_is_kept_of_what_fails() -> None:
    kept = Kept(8)
    with pytest.raises(ZeroDivisionError):
        kept.once("East, March", lambda: 1 // 0)
    assert kept.once("East, March", lambda: 1) == 1
