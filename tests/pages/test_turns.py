"""Reports are reckoned a few at a time: whoever asks for less is served meanwhile, and of the reports the one that is due first is next."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from dash import Dash

from dashboard import session
from dashboard.crowd import Turns
from tests.pages.visitor import Visitor

PERIOD = {"period": "this_month", "compare": "none"}


def eventually(holds: Callable[[], bool], patience: float = 20.0) -> bool:
    """Whether it holds within so many seconds."""
    ends = time.monotonic() + patience
    while not (held := holds()) and time.monotonic() < ends:
        time.sleep(0.01)
    return held


def test_of_those_who_wait_the_one_is_next_whose_answer_is_due_first() -> None:
    turns, served = Turns(1), list[str]()

    def wait(name: str, patience: float) -> threading.Thread:
        def have() -> None:
            with turns.turn(patience):
                served.append(name)

        thread = threading.Thread(target=have)
        waiting = len(turns._waiting)
        thread.start()
        assert eventually(lambda: len(turns._waiting) == waiting + 1)
        return thread

    with turns.turn(0):
        threads = [wait("lines", 60), wait("the first report", 30), wait("the second report", 31), wait("in a hurry", 1)]
        assert served == []
    for thread in threads:
        thread.join(20)
    assert served == ["in a hurry", "the first report", "the second report", "lines"]


def test_a_failure_gives_its_turn_back_and_no_more_than_so_many_are_at_it() -> None:
    turns, at_it, most = Turns(2), list[int](), list[int]()

    def reckon(number: int) -> None:
        with turns.turn(1):
            at_it.append(number)
            most.append(len(at_it))
            time.sleep(0.01)
            at_it.remove(number)
            raise ZeroDivisionError

    def fail(number: int) -> None:
        with pytest.raises(ZeroDivisionError):
            reckon(number)

    threads = [threading.Thread(target=fail, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(most), max(most)) == (12, 2)
    with turns.turn(1), turns.turn(1):
        assert turns._waiting == []


def drawn(visitor: Visitor) -> int:
    return visitor.call("team_activity-headline.children...", [PERIOD, "main", None], [None, None]).status_code


def test_behind_other_people_s_reports_a_list_a_news_and_a_report_that_is_kept_are_served(app: Dash, lin: Visitor, zhao: Visitor) -> None:
    here: session.Application = app.server.extensions[session.KEY]
    assert drawn(lin) == 200
    answered = list[int]()
    with ExitStack() as others:
        for _ in range(here.settings.reports_at_once):
            others.enter_context(here.turns.turn(0))
        asking = threading.Thread(target=lambda: answered.append(drawn(zhao)))
        asking.start()
        assert eventually(lambda: len(here.turns._waiting) == 1)
        rows = {"startRow": 0, "endRow": 100, "sortModel": []}
        assert zhao.get("/live").status_code == 200
        assert lin.call("opportunities-table-main.getRowsResponse", [rows], [{}, {}]).status_code == 200
        assert drawn(lin) == 200
        assert answered == []
    asking.join(20)
    assert answered == [200]
