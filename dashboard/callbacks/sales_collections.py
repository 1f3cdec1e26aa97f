"""How collections behave: as every report does."""

from dash import Dash

from dashboard.callbacks import report_page
from dashboard.pages.sales_collections import FIGURES
from dashboard.queries.answers import Answers
from dashboard.queries.sales_collections import REPORT


def register(app: Dash, answers: Answers) -> None:
    """Give the page its behaviour."""
    report_page.register(app, REPORT, FIGURES, answers)
