"""How an opportunity moves: its status table, what each move is called and asks for, and who may set which stage."""

from collections.abc import Iterable, Mapping
from datetime import date

from crm.errors import CrmError
from crm.vocabulary import N_, Kind, OpportunityAct, OpportunityStatus, Permission, StageMeaning

MOVES: Mapping[OpportunityStatus, Mapping[OpportunityStatus, OpportunityAct]] = {
    OpportunityStatus.FOLLOWING: {
        OpportunityStatus.WON: OpportunityAct.WON,
        OpportunityStatus.LOST: OpportunityAct.LOST,
        OpportunityStatus.STOPPED: OpportunityAct.STOPPED,
    },
    OpportunityStatus.WON: {
        OpportunityStatus.FOLLOWING: OpportunityAct.VOIDED,
        OpportunityStatus.STOPPED: OpportunityAct.VOIDED,
    },
    OpportunityStatus.LOST: {OpportunityStatus.FOLLOWING: OpportunityAct.REOPENED},
    OpportunityStatus.STOPPED: {OpportunityStatus.FOLLOWING: OpportunityAct.REOPENED},
}
"""From each status, where to, and by which act."""

ASKS: Mapping[OpportunityAct, tuple[Kind, Permission]] = {
    OpportunityAct.WON: (Kind.CONTRACT, Permission.SIGN),
    OpportunityAct.LOST: (Kind.OPPORTUNITY, Permission.CLOSE),
    OpportunityAct.STOPPED: (Kind.OPPORTUNITY, Permission.CLOSE),
    OpportunityAct.REOPENED: (Kind.OPPORTUNITY, Permission.REOPEN),
    OpportunityAct.VOIDED: (Kind.CONTRACT, Permission.VOID),
}
"""What a person must be allowed for each act that changes the status."""


class OpportunityCannotMove(CrmError):
    """The status table has no such move (`status`, `to`: OpportunityStatus)."""

    message = N_("An opportunity that is “{status}” can't become “{to}”.")


class StageIsSettled(CrmError):
    """Only an opportunity that is being followed changes its stage."""

    message = N_("This opportunity is “{status}”; its stage can't change any more.")


class StageIsSetBySystem(CrmError):
    """The stages that mean *quoted* and *signed* follow from the quote and the contract."""

    message = N_("The stage “{stage}” is set by the system when a quote is submitted or a contract signed.")


def move(status: OpportunityStatus, to: OpportunityStatus) -> OpportunityAct:
    """The act that leads from `status` to `to`; `OpportunityCannotMove` if none does."""
    act = MOVES[status].get(to)
    if act is None:
        raise OpportunityCannotMove(status=status, to=to)
    return act


def check_stage_by_hand(status: OpportunityStatus, stage: str, meaning: StageMeaning | None) -> None:
    """Refuse to set the stage named `stage` by hand where that is not a person's to do."""
    if status is not OpportunityStatus.FOLLOWING:
        raise StageIsSettled(status=status)
    if meaning is not None:
        raise StageIsSetBySystem(stage=stage)


def days_silent(touched: Iterable[date | None], day: date) -> int:
    """Days from the latest of follow-up, assignment and creation (`touched`, one of them at least) until `day`."""
    return (day - max(when for when in touched if when is not None)).days


def is_neglected(silent: int, limit: int) -> bool:
    """Whether an open opportunity was silent for more days than the company's setting allows."""
    return silent > limit
