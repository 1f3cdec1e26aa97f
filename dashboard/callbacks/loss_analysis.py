"""How loss analysis behaves: as every report does."""

from dash import Dash

from dashboard.callbacks import report_page
from dashboard.pages.loss_analysis import FIGURES
from dashboard.queries.answers import Answers
from dashboard.queries.loss_analysis import REPORT


def register(app: Dash, answers: Answers) -> None:
    """Give the page its behaviour."""
    report_page.register(app, REPORT, FIGURES, answers)
