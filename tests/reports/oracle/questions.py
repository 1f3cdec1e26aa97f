"""Questions as people put them: a period, perhaps a past day, a comparison, and values of what they are offered."""

from datetime import date, timedelta

from hypothesis import strategies as st

from crm.rules.periods import Compare, Period, Preset
from crm.scope import Scope
from dashboard.queries.answers import Answers
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report

DAY = timedelta(days=1)


@st.composite
def days(draw: st.DrawFn, first: date, today: date) -> Filters:
    """A period, perhaps a past day and a comparison, over a company whose records begin on `first`."""
    span = (today - first).days
    preset = draw(st.sampled_from(Preset))
    custom = None
    if preset is Preset.CUSTOM:
        start = first + draw(st.integers(0, span)) * DAY
        custom = Period.of(start, start + draw(st.integers(0, 500)) * DAY)
    as_of = draw(st.none() | st.integers(0, span).map(lambda ago: today - ago * DAY))
    return Filters(preset, custom, as_of, draw(st.sampled_from([None, *Compare])))


@st.composite
def narrowed(draw: st.DrawFn, filters: Filters, answers: Answers, report: Report, scope: Scope) -> Filters:
    """The same with values chosen from what a person is offered."""
    for name in draw(st.lists(st.sampled_from(report.filters), max_size=2, unique=True)):
        offered = answers.offered(name, scope)
        if offered:
            filters = filters.choose(name, draw(st.lists(st.sampled_from(sorted(offered)), min_size=1, max_size=3)))
    return filters


@st.composite
def questions(draw: st.DrawFn, answers: Answers, report: Report, scope: Scope, first: date, today: date) -> Filters:
    """A filter state of one person."""
    return draw(narrowed(draw(days(first, today)), answers, report, scope))
