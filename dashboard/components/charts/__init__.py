"""Pictures: declared before there is data (`charts.funnel(...)`), drawn as plain dictionaries when it comes (`.draw(rows)`).

Zero-based, sorted, labelled where the eye is, in the colours of what they mean; each comes with the sentence that says what it
shows. A page declares them by name: `FIGURES = {"reasons": charts.pareto(_l("Reasons"), LOST, STOPPED, by="reason")}`.
"""

from dashboard.components.charts.bullets import bullets
from dashboard.components.charts.columns import lines, months
from dashboard.components.charts.drawing import Around, Chart, Measure, Picture, blank
from dashboard.components.charts.funnel import funnel
from dashboard.components.charts.heat import heat
from dashboard.components.charts.pareto import pareto
from dashboard.components.charts.ranked import ranked
from dashboard.components.charts.stacks import stacked
from dashboard.components.charts.steps import bridge

__all__ = [
    "Around", "Chart", "Measure", "Picture", "blank", "bridge", "bullets", "funnel", "heat", "lines", "months", "pareto", "ranked",
    "stacked",
]  # fmt: skip
