"""What may become of a lead, an opportunity, a quote: the tables, and what they refuse."""

from datetime import date

import pytest

from crm.rules import leads, quotes, stages
from crm.rules.leads import LeadCannotMove, LeadIsClosed
from crm.rules.quotes import QuoteCannotMove, QuoteHasExpired, QuoteNotApproved
from crm.rules.stages import OpportunityCannotMove, StageIsSetBySystem, StageIsSettled
from crm.vocabulary import Kind, LeadStatus, OpportunityAct, OpportunityStatus, Permission, QuoteStatus, StageMeaning

FOLLOWING, WON, LOST, STOPPED = OpportunityStatus.FOLLOWING, OpportunityStatus.WON, OpportunityStatus.LOST, OpportunityStatus.STOPPED


def test_every_status_has_its_row():
    assert set(stages.MOVES) == set(OpportunityStatus)
    assert set(leads.MOVES) == set(LeadStatus)
    assert set(quotes.MOVES) == set(QuoteStatus)
    assert {act for moves in stages.MOVES.values() for act in moves.values()} == set(stages.ASKS)


def test_all_the_ways_of_an_opportunity():
    assert {(status, to): act for status, moves in stages.MOVES.items() for to, act in moves.items()} == {
        (FOLLOWING, WON): OpportunityAct.WON,
        (FOLLOWING, LOST): OpportunityAct.LOST,
        (FOLLOWING, STOPPED): OpportunityAct.STOPPED,
        (LOST, FOLLOWING): OpportunityAct.REOPENED,
        (STOPPED, FOLLOWING): OpportunityAct.REOPENED,
        (WON, FOLLOWING): OpportunityAct.VOIDED,
        (WON, STOPPED): OpportunityAct.VOIDED,
    }


def test_lin_reopens_what_wang_lost():
    act = stages.move(LOST, FOLLOWING)
    assert act is OpportunityAct.REOPENED
    assert stages.ASKS[act] == (Kind.OPPORTUNITY, Permission.REOPEN)


@pytest.mark.parametrize(("status", "to"), [(LOST, WON), (STOPPED, LOST), (WON, LOST), (FOLLOWING, FOLLOWING)])
def test_a_lost_opportunity_is_not_won_before_it_is_reopened(status, to):
    with pytest.raises(OpportunityCannotMove) as error:
        stages.move(status, to)
    assert error.value.values == {"status": status, "to": to}


def test_only_an_opportunity_that_is_followed_changes_its_stage():
    stages.check_stage_by_hand(FOLLOWING, "提报方案", None)
    for status in (WON, LOST, STOPPED):
        with pytest.raises(StageIsSettled):
            stages.check_stage_by_hand(status, "提报方案", None)


@pytest.mark.parametrize("meaning", list(StageMeaning))
def test_wang_does_not_say_signed_himself(meaning):
    with pytest.raises(StageIsSetBySystem, match="签订合同"):
        stages.check_stage_by_hand(FOLLOWING, "签订合同", meaning)


def test_an_opportunity_is_neglected_after_more_days_than_the_setting():
    touched = [date(2025, 3, 1), None, date(2025, 2, 1)]
    assert stages.days_silent(touched, date(2025, 3, 15)) == 14
    assert not stages.is_neglected(14, limit=14)
    assert stages.is_neglected(15, limit=14)


def test_a_lead_comes_to_one_end_and_stays_there():
    leads.check_move(LeadStatus.UNPROCESSED, LeadStatus.WORKING)
    leads.check_move(LeadStatus.UNPROCESSED, LeadStatus.FAILED)
    leads.check_move(LeadStatus.WORKING, LeadStatus.CONVERTED)
    for end in (LeadStatus.CONVERTED, LeadStatus.FAILED):
        for to in LeadStatus:
            with pytest.raises(LeadIsClosed):
                leads.check_move(end, to)
        with pytest.raises(LeadIsClosed):
            leads.check_open(end)
    with pytest.raises(LeadCannotMove):
        leads.check_move(LeadStatus.WORKING, LeadStatus.UNPROCESSED)


def test_a_lead_waits_until_somebody_does_something():
    arrived, today = date(2025, 3, 1), date(2025, 3, 9)
    assert leads.days_unhandled(LeadStatus.UNPROCESSED, arrived, today) == 8
    assert leads.days_unhandled(LeadStatus.WORKING, arrived, today) == 0
    assert leads.is_neglected(8, limit=7)
    assert not leads.is_neglected(7, limit=7)


def test_a_decided_quote_is_revised_and_never_decided_again():
    quotes.check_move(QuoteStatus.SUBMITTED, QuoteStatus.REJECTED)
    quotes.check_move(QuoteStatus.REJECTED, QuoteStatus.SUPERSEDED)
    for status, to in [
        (QuoteStatus.REJECTED, QuoteStatus.APPROVED),
        (QuoteStatus.DRAFT, QuoteStatus.APPROVED),
        (QuoteStatus.SUBMITTED, QuoteStatus.SIGNED),
        (QuoteStatus.SIGNED, QuoteStatus.SUPERSEDED),
    ]:
        with pytest.raises(QuoteCannotMove):
            quotes.check_move(status, to)
    assert frozenset({QuoteStatus.DRAFT}) == quotes.EDITABLE


def test_an_approved_quote_is_signed_on_its_last_day_and_not_after():
    until = date(2025, 3, 31)
    quotes.check_signable(QuoteStatus.APPROVED, until, until)
    quotes.check_signable(QuoteStatus.APPROVED, None, until)
    with pytest.raises(QuoteHasExpired):
        quotes.check_signable(QuoteStatus.APPROVED, until, date(2025, 4, 1))
    with pytest.raises(QuoteHasExpired):
        quotes.check_signable(QuoteStatus.EXPIRED, until, until)
    with pytest.raises(QuoteNotApproved):
        quotes.check_signable(QuoteStatus.SUBMITTED, until, until)
