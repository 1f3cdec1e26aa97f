"""How a lead moves: unprocessed, working, and the two ends, which are final."""

from collections.abc import Mapping
from datetime import date

from crm.errors import CrmError
from crm.vocabulary import N_, LeadStatus

MOVES: Mapping[LeadStatus, frozenset[LeadStatus]] = {
    LeadStatus.UNPROCESSED: frozenset({LeadStatus.WORKING, LeadStatus.CONVERTED, LeadStatus.FAILED}),
    LeadStatus.WORKING: frozenset({LeadStatus.CONVERTED, LeadStatus.FAILED}),
    LeadStatus.CONVERTED: frozenset(),
    LeadStatus.FAILED: frozenset(),
}


class LeadIsClosed(CrmError):
    """A converted or failed lead takes no further action."""

    message = N_("This lead is “{status}” and takes no further action.")


class LeadCannotMove(CrmError):
    """The table has no such move between two open states (`status`, `to`: LeadStatus)."""

    message = N_("A lead that is “{status}” can't become “{to}”.")


def check_open(status: LeadStatus) -> None:
    """Refuse any act on a lead that has come to its end."""
    if not MOVES[status]:
        raise LeadIsClosed(status=status)


def check_move(status: LeadStatus, to: LeadStatus) -> None:
    """Refuse a move that the table does not have."""
    check_open(status)
    if to not in MOVES[status]:
        raise LeadCannotMove(status=status, to=to)


def days_unhandled(status: LeadStatus, arrived_on: date, day: date) -> int:
    """For how many days nobody has done anything with the lead; 0 once somebody has."""
    return max((day - arrived_on).days, 0) if status is LeadStatus.UNPROCESSED else 0


def is_neglected(unhandled: int, limit: int) -> bool:
    """Whether a lead waits for more days than the company's setting allows."""
    return unhandled > limit
