"""A claim on a contact that somebody else takes care of: opened without seeing it, settled by both leads, or by the executive."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import NotAllowed, NotFound
from crm.models import Claim, Lead
from crm.services import claims
from crm.services.claims import ClaimIsSettled, NothingToClaim, OpenClaim
from crm.services.inputs import read
from tests.people import CHEN, EAST, LIN, SUN, TODAY, WANG, WEST, ZHAO, a_customer, a_lead, actor, an_opportunity
from tests.services.stories import audited, told


def theirs(session: Session) -> Lead:
    """Zhao's lead, as yet open."""
    lead = a_lead(session, owner=ZHAO)
    lead.phone, lead.phone_key = "13700000001", "+8613700000001"
    session.flush()
    return lead


def claimed(session: Session, login: str = "wang", **contact: str) -> Claim:
    values = {"reason": "老同学介绍", **(contact or {"phone": "137 0000 0001"})}
    return claims.open_claim(session, actor(session, login), read(OpenClaim, values))


def granted(session: Session, login: str, claim: Claim) -> Claim:
    return claims.grant(session, actor(session, login), claim.id, today=TODAY)


def test_both_leads_together_hand_the_lead_over(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = theirs(session)
        claim = claimed(session)
        assert claimed(session).id == claim.id
        assert [who for who, *_said in told(session)] == [LIN, SUN]
        assert (granted(session, "lin", claim).granted, lead.owner_id) == (None, ZHAO)
        assert (granted(session, "sun", claim).granted, lead.owner_id, lead.team_id, lead.arrival_owner_id) == (True, WANG, EAST, ZHAO)
        assert told(session)[-1] == (WANG, "{by} granted your claim.", {"by": "孙"})
        assert ("changed", "leads") in {(act, subject) for _by, act, subject, *_values in audited(session)}
        with pytest.raises(ClaimIsSettled):
            granted(session, "chen", claim)


def test_an_executive_settles_it_alone_and_a_customer_goes_with_its_opportunities(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, "天府软件园", owner=ZHAO)
        opportunity = an_opportunity(session, owner=ZHAO, customer=customer)
        claim = claimed(session, company=customer.name)
        granted(session, "chen", claim)
        assert (customer.owner_id, customer.team_id, opportunity.owner_id, claim.settled_by_id) == (WANG, EAST, WANG, CHEN)


def test_either_lead_declines_and_everything_stays(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = theirs(session)
        claim = claimed(session)
        granted(session, "lin", claim)
        claims.decline(session, actor(session, "sun"), claim.id)
        assert (claim.granted, lead.owner_id, lead.team_id) == (False, ZHAO, WEST)
        assert told(session)[-1][:2] == (WANG, "{by} declined your claim.")


def test_whoever_has_no_say_has_none(engine: Engine) -> None:
    with transaction(engine) as session:
        theirs(session)
        claim = claimed(session)
        for login in ("wang", "zhao", "mei", "fang", "ada"):
            with pytest.raises(NotAllowed):
                granted(session, login, claim)
            assert claims.waiting(session, actor(session, login)) == []
        ours = claimed(session, "lin")  # Lin's own claim concerns Sun and herself
        with pytest.raises(NotFound):
            granted(session, "sun", Claim(id=ours.id + 99))


def test_a_lead_sees_the_record_only_within_reach(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = theirs(session)
        claimed(session)
        (east,) = claims.waiting(session, actor(session, "lin"))
        (west,) = claims.waiting(session, actor(session, "sun"))
        assert (east.name, east.address, east.claimant, east.holder_team, east.matched_on) == ("", "", "王", "华西", "phone")
        assert (west.name, west.address) == (lead.contact_name, f"/leads/{lead.id}")


def test_what_nobody_else_has_is_not_claimed(engine: Engine) -> None:
    with transaction(engine) as session:
        own = a_lead(session)
        own.phone_key = "+8613700000009"
        session.flush()
        for contact in ({"phone": "13700000009"}, {"email": "no@where.cn"}):
            with pytest.raises(NothingToClaim):
                claimed(session, **contact)
        with pytest.raises(NotAllowed):
            claimed(session, "fang", phone="13700000001")
