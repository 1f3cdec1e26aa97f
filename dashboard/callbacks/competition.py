"""How competition behaves: as every report does."""

from dash import Dash

from dashboard.callbacks import report_page
from dashboard.pages.competition import FIGURES
from dashboard.queries.answers import Answers
from dashboard.queries.competition import REPORT


def register(app: Dash, answers: Answers) -> None:
    """Give the page its behaviour."""
    report_page.register(app, REPORT, FIGURES, answers)
