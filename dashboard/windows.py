"""The days that a question is about, in words: one wording for pages, files and the command line."""

from dashboard.i18n import _, day
from dashboard.queries.filters import Filters, Preset, Question


def window(filters: Filters, question: Question) -> str:
    """The period as it was chosen."""
    if filters.preset is Preset.ALL:
        return _("All time, until {day}", day=day(question.state))
    return between(question)


def between(question: Question) -> str:
    """First and last day up to the state day, both inclusive, and how many they are."""
    first, last = question.period.start, max(question.period.start, min(question.period.last, question.state))
    return _("{first} – {last} ({days} days)", first=day(first), last=day(last), days=(last - first).days + 1)
