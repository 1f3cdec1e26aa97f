"""What a report's page reads: its headline, what its pictures draw. Asked in one place by the page and by its paper, so that they agree.

Of a table that is not open only the figures are asked for that are drawn, and those of the headline that nobody else says; the headline
is then put together from the totals of the tables beside it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from crm.scope import Scope
from dashboard.queries.answers import Answer, Answers
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report, View, narrowed


@dataclass(frozen=True, slots=True)
class Seen:
    """The headline, and the rows of each picture by the view that it draws."""

    headline: Answer
    pictures: Mapping[str, Answer]


def seen(
    answers: Answers, report: Report, draws: Mapping[str, Collection[str]], open_table: str, scope: Scope, filters: Filters, today: date
) -> Seen:  # fmt: skip
    """What one person sees of a report above its tables. `draws`: by view the figures that pictures draw of it; `open_table`: the view
    that is asked for whole anyway."""
    shown = report.view(open_table)
    beside = [answers.table(report, shown, scope, filters, today)] if isinstance(shown, View) else []
    unsaid = {m.key for m in report.top.measures} - {m.key for m in (shown.measures if isinstance(shown, View) else ())}
    pictures = {}
    for name, keys in draws.items():
        view = report.view(name)
        assert isinstance(view, View)
        wanted = view if name == open_table else narrowed(view, {*keys, *unsaid}, scope)
        asked = answers.table(report, wanted, scope, filters, today)
        unsaid -= {m.key for m in view.measures}
        pictures[name] = answers.cut(asked, narrowed(view, keys, scope))
        beside.append(asked)
    return Seen(answers.headline(report, scope, filters, today, beside), pictures)
