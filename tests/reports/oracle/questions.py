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
def questions(draw: st.DrawFn, answers: Answers, report: Report, scope: Scope, first: date, today: date) -> Filters:
    """A filter state over a company whose records begin on `first`."""
    days = (today - first).days
    preset = draw(st.sampled_from(Preset))
    custom = None
    if preset is Preset.CUSTOM:
        start = first + draw(st.integers(0, days)) * DAY
        custom = Period.of(start, start + draw(st.integers(0, 500)) * DAY)
    as_of = draw(st.none() | st.integers(0, days).map(lambda ago: today - ago * DAY))
    filters = Filters(preset, custom, as_of, draw(st.sampled_from([None, *Compare])))
    for name in draw(st.lists(st.sampled_from(report.filters), max_size=2, unique=True)):
        offered = answers.offered(name, scope)
        if offered:
            filters = filters.choose(name, draw(st.lists(st.sampled_from(sorted(offered)), min_size=1, max_size=3)))
    return filters
