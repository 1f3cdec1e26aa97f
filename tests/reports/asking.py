"""What people could ask of any report, and the frame of a test that asks it: whatever one person sets, something holds."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rules.periods import Compare, Period, Preset
from crm.scope import Actor
from dashboard.queries import REPORTS
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report
from tests.reports.conftest import Demo

PEOPLE = ("chen", "lin", "wang", "sun", "zhao", "fang", "mei")
CASES = [pytest.param(report, login, id=f"{report.key}-{login}") for report in REPORTS for login in PEOPLE]


@st.composite
def filter_states(draw: st.DrawFn, report: Report, demo: Demo, who: Actor) -> Filters:
    """What a person could have set: a period, perhaps a past day, a comparison and values that they are offered."""
    today = demo.today
    preset = draw(st.sampled_from([Preset.THIS_MONTH, Preset.THIS_YEAR, Preset.LAST_QUARTER, Preset.LAST_YEAR, Preset.ALL, Preset.CUSTOM]))
    first = today - timedelta(days=draw(st.integers(0, 1500)))
    custom = Period.of(first, first + timedelta(days=draw(st.integers(0, 500)))) if preset is Preset.CUSTOM else None
    as_of = draw(st.none() | st.integers(0, 900).map(lambda days: today - timedelta(days=days)))
    filters = Filters(preset, custom, as_of, draw(st.sampled_from([None, Compare.PREVIOUS, Compare.YEAR])))
    for name in draw(st.lists(st.sampled_from(report.filters), max_size=2, unique=True)):
        offered = demo.answers.offered(name, who.scope)
        if offered:
            filters = filters.choose(name, draw(st.lists(st.sampled_from(sorted(offered)), min_size=1, max_size=3)))
    return filters


def whatever_is_asked(demo: Demo, report: Report, login: str, times: int, holds: Callable[[Actor, Filters], None]) -> None:
    """`holds`, under so many random filter states of this person; skipped where the report is none of theirs."""
    who = demo.actor(login)
    if not report.open_to(who.roles):
        pytest.skip("not this person's report")

    @settings(max_examples=times)
    @given(filter_states(report, demo, who))
    def asked(filters: Filters) -> None:
        holds(who, filters)

    asked()
