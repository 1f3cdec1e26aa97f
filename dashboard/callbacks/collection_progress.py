"""How collection progress behaves: as every report does."""

from dash import Dash

from dashboard.callbacks import report_page
from dashboard.pages.collection_progress import FIGURES
from dashboard.queries.answers import Answers
from dashboard.queries.collection_progress import REPORT


def register(app: Dash, answers: Answers) -> None:
    """Give the page its behaviour."""
    report_page.register(app, REPORT, FIGURES, answers)
