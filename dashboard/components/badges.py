"""State badges: a word and the colour of its meaning, never the colour alone."""

from collections.abc import Mapping
from enum import StrEnum

from dash import html

from crm.vocabulary import (
    CompetitionOutcome,
    ContractStatus,
    CustomerPlace,
    InstalmentPhase,
    LeadStatus,
    OpportunityStatus,
    QuoteStatus,
    Standing,
)
from dashboard.i18n import word

TONES: Mapping[StrEnum, str] = {
    LeadStatus.UNPROCESSED: "overdue",
    LeadStatus.WORKING: "open",
    LeadStatus.CONVERTED: "won",
    LeadStatus.FAILED: "stopped",
    CustomerPlace.COMPANY_POOL: "overdue",
    CustomerPlace.TEAM_POOL: "overdue",
    CustomerPlace.WITH_REP: "open",
    OpportunityStatus.FOLLOWING: "open",
    OpportunityStatus.WON: "won",
    OpportunityStatus.LOST: "lost",
    OpportunityStatus.STOPPED: "stopped",
    QuoteStatus.DRAFT: "stopped",
    QuoteStatus.SUBMITTED: "open",
    QuoteStatus.APPROVED: "won",
    QuoteStatus.REJECTED: "lost",
    QuoteStatus.SUPERSEDED: "stopped",
    QuoteStatus.SIGNED: "won",
    QuoteStatus.EXPIRED: "overdue",
    CompetitionOutcome.OPEN: "open",
    CompetitionOutcome.WON: "won",
    CompetitionOutcome.LOST: "lost",
    CompetitionOutcome.LOST_OTHERWISE: "stopped",
    CompetitionOutcome.STOPPED: "stopped",
    ContractStatus.IN_PROGRESS: "open",
    ContractStatus.COMPLETED: "won",
    ContractStatus.VOIDED: "stopped",
    Standing.IN_USE: "won",
    Standing.RETIRED: "stopped",
    InstalmentPhase.PAID: "won",
    InstalmentPhase.OVERDUE: "overdue",
    InstalmentPhase.DUE: "open",
    InstalmentPhase.PARTLY: "open",
    InstalmentPhase.FUTURE: "stopped",
}
"""The meaning (a colour of the palette) of each state that a row can show. Words are unique by class: a lead's are not a quote's."""


def badge(status: StrEnum) -> html.Span:
    """The state as it stands in front of a row or beside a title."""
    return html.Span(word(status), className=f"badge-state tone-{TONES[status]}")


def badge_cells(statuses: type[StrEnum]) -> dict[str, dict[str, str]]:
    """For a grid's badge column: value → what it is called and what it means, in the language of this context."""
    return {status.value: {"label": word(status), "tone": TONES[status]} for status in statuses}
