"""What the reports ask of the warehouse. `REPORTS` is the registry, in the order of the menu, and the only one."""

from dashboard.queries import (
    collection_progress,
    competition,
    contracts_in_progress,
    lead_conversion,
    loss_analysis,
    plan_completion,
    rep_outcomes,
    rep_ranking,
    sales_collections,
    signing_bulletin,
    team_activity,
    team_followup,
)
from dashboard.queries.report import Report

REPORTS: tuple[Report, ...] = (
    plan_completion.REPORT,
    team_activity.REPORT,
    signing_bulletin.REPORT,
    sales_collections.REPORT,
    contracts_in_progress.REPORT,
    rep_ranking.REPORT,
    team_followup.REPORT,
    rep_outcomes.REPORT,
    competition.REPORT,
    lead_conversion.REPORT,
    loss_analysis.REPORT,
    collection_progress.REPORT,
)


def report(key: str) -> Report:
    """The report of that key; KeyError if there is none."""
    return next((found for found in REPORTS if found.key == key), None) or _unknown(key)


def _unknown(key: str) -> Report:
    raise KeyError(key)
