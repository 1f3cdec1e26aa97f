"""A company lives: people of tests/people.py do, day after day and at random, what the verbs let them do, often dated back.

What a verb refuses does not happen. The same chance makes the same life.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import CrmError
from crm.models import Base, Contract, Customer, Lead, Opportunity, Receipt
from crm.money import split_evenly
from crm.scope import Actor
from crm.services import (
    amendments,
    competition,
    contracts,
    costs,
    customers,
    endings,
    follow_ups,
    hand_over,
    leads,
    opportunities,
    payment_plans,
    receipts,
    signing,
    targets,
)
from crm.services.payment_plans import PlannedInstalment
from crm.vocabulary import ContractStatus, LeadStatus, OpportunityStatus
from tests import people
from tests.people import (
    CALL,
    CRM_SUITE,
    EAST,
    EXPO,
    HARDWARE,
    LIN,
    NO_BUDGET,
    OLD_RIVAL,
    POSTPONED,
    PROPOSAL,
    RIVAL,
    SPRING_EXPO,
    SUN,
    TALKS,
    TO_COMPETITOR,
    TOO_EXPENSIVE,
    TRAINING,
    TRAVEL,
    WANG,
    WEB,
    WEST,
    ZHAO,
)

BEGAN = date(2026, 2, 16)
SELLERS = {WANG: EAST, LIN: EAST, ZHAO: WEST, SUN: WEST}
LOGINS = {WANG: "wang", LIN: "lin", ZHAO: "zhao", SUN: "sun"}
PRODUCTS = range(CRM_SUITE, TRAINING + 1)

Record = TypeVar("Record", bound=Base)


@dataclass
class Life:
    """What happens from `BEGAN` on; `today` is how far it has come."""

    engine: Engine
    chance: Random
    today: date = BEGAN
    done: list[str] = field(default_factory=list)

    def go_on(self, acts: int) -> None:
        """So many acts more are tried, with quiet days between them."""
        for _ in range(acts):
            self.today += timedelta(days=self.chance.choice((0, 0, 0, 1, 2, 4)))
            act = self.chance.choice(ACTS)
            try:
                with transaction(self.engine) as session:
                    act(self, session)
                self.done.append(act.__name__)
            except CrmError:
                continue
            except Nothing:
                continue

    def whoever(self, session: Session, login: str) -> Actor:
        """The person as they act today."""
        return people.actor(session, login, self.today)

    def some(self, session: Session, model: type[Record], *conditions: Any) -> Record:
        """Any of these records."""
        found = session.scalars(select(model).where(*conditions).order_by(model.id)).all()  # type: ignore[attr-defined]
        if not found:
            raise Nothing
        return self.chance.choice(found)

    def lately(self) -> date:
        """Today, or a day of the last weeks."""
        return self.today - timedelta(days=self.chance.choice((0, 0, 1, 5, 12, 30)))

    def amount(self) -> Decimal:
        """An amount that does not divide."""
        return Decimal(self.chance.randrange(1, 5_000_000)) / 100

    def lines(self, amount: Decimal) -> list[tuple[int, Decimal]]:
        """An amount by products; none now and then."""
        chosen = self.chance.sample(PRODUCTS, self.chance.randrange(0, 3))
        return list(zip(chosen, split_evenly(amount, len(chosen)), strict=True)) if chosen else []

    def plan(self, amount: Decimal, numbers: tuple[int, ...] = ()) -> tuple[PlannedInstalment, ...]:
        """An amount in instalments, due before and after today; some keep a number that they had."""
        parts = split_evenly(amount, self.chance.randrange(1, 4))
        kept = [*numbers[: self.chance.randrange(0, len(numbers) + 1)], *([None] * len(parts))]
        days = [self.today + timedelta(days=self.chance.randrange(-60, 90)) for _ in parts]
        return tuple(PlannedInstalment(due_on=day, amount=part, no=no) for day, part, no in zip(days, parts, kept, strict=False))


class Nothing(Exception):
    """There is nothing that this could happen to."""


def a_lead_arrives(life: Life, session: Session) -> None:
    number, owner = life.chance.randrange(10**8), life.chance.choice(list(SELLERS))
    source = life.chance.choice((WEB, EXPO))
    values = leads.CreateLead(
        contact_name=f"联系人{number}", company=f"公司{number}", phone=f"138{number:08d}", source_id=source, owner_id=owner,
        campaign_id=SPRING_EXPO if source == EXPO else None, product_id=life.chance.choice((None, *PRODUCTS)),
    )  # fmt: skip
    leads.create(session, life.whoever(session, "chen"), values, today=life.today)


def a_lead_is_handled(life: Life, session: Session) -> None:
    lead = life.some(session, Lead, Lead.status == LeadStatus.UNPROCESSED)
    actor = life.whoever(session, LOGINS[lead.owner_id or WANG])
    leads.note(session, actor, lead.id, leads.WriteNote(content="打过电话"), today=life.today)


def a_lead_changes_hands(life: Life, session: Session) -> None:
    lead = life.some(session, Lead, Lead.status == LeadStatus.WORKING)
    values = leads.AssignLead(owner_id=life.chance.choice(list(SELLERS)))
    leads.assign(session, life.whoever(session, "chen"), lead.id, values, version=lead.version)


def a_lead_fails(life: Life, session: Session) -> None:
    lead = life.some(session, Lead, Lead.converted_on.is_(None))
    leads.fail(session, life.whoever(session, "chen"), lead.id, leads.FailLead(reason="没有需求"), version=lead.version, today=life.today)


def a_lead_converts(life: Life, session: Session) -> None:
    lead = life.some(session, Lead, Lead.converted_on.is_(None))
    leads.convert(session, life.whoever(session, "chen"), lead.id, leads.ConvertLead(title="新机会"), today=life.today)


def a_customer_is_assigned(life: Life, session: Session) -> None:
    customer = life.some(session, Customer)
    owner = life.chance.choice((*SELLERS, *SELLERS, None))
    team = SELLERS[owner] if owner else life.chance.choice((EAST, WEST, None))
    values = customers.AssignCustomer(team_id=team, owner_id=owner)
    customers.assign(session, life.whoever(session, "chen"), customer.id, values, version=customer.version, today=life.today)


def an_opportunity_opens(life: Life, session: Session) -> None:
    actor = life.whoever(session, "chen")
    if life.chance.random() < 0.5:
        name = customers.CreateCustomer(name=f"客户{life.chance.randrange(10**8)}")
        customer = customers.create(session, actor, name, today=life.today)
    else:
        customer = life.some(session, Customer)
    amount = life.amount()
    values = opportunities.CreateOpportunity(
        customer_id=customer.id, title="机会", expected_amount=life.chance.choice((amount, amount, None)), source_id=WEB,
        expected_close_on=life.today + timedelta(days=life.chance.randrange(0, 90)),
        lines=tuple(opportunities.ProductLine(product_id=id) for id, _ in life.lines(amount)),
    )  # fmt: skip
    opportunities.create(session, actor, values, today=life.today)


def an_opportunity_is_edited(life: Life, session: Session) -> None:
    opportunity, amount = life.some(session, Opportunity, Opportunity.status == OpportunityStatus.FOLLOWING), life.amount()
    values = opportunities.EditOpportunity(
        title=opportunity.title, stage_id=life.chance.choice((opportunity.stage_id, TALKS, PROPOSAL)), expected_amount=amount,
        expected_close_on=life.today + timedelta(days=life.chance.randrange(-20, 90)),
        lines=tuple(opportunities.ProductLine(product_id=id, amount=part) for id, part in life.lines(amount)),
    )  # fmt: skip
    opportunities.edit(
        session, life.whoever(session, "chen"), opportunity.id, values, version=opportunity.version, today=life.today
    )  # fmt: skip


def a_follow_up_is_written(life: Life, session: Session) -> None:
    opportunity = life.some(session, Opportunity)
    values = follow_ups.WriteFollowUp(method_id=CALL, content="谈了方案")
    follow_ups.write(session, life.whoever(session, life.chance.choice(list(LOGINS.values()))), opportunity.id, values, today=life.today)


def a_competitor_is_met(life: Life, session: Session) -> None:
    opportunity = life.some(session, Opportunity)
    values = competition.RecordCompetition(
        competitor_id=life.chance.choice((RIVAL, OLD_RIVAL)), our_product_id=life.chance.choice((None, *PRODUCTS)),
        their_unit_price=life.chance.choice((None, life.amount())), strengths=life.chance.choice(((), (1,))),
    )  # fmt: skip
    competition.record(session, life.whoever(session, "chen"), opportunity.id, values, today=life.today)


def an_opportunity_ends(life: Life, session: Session) -> None:
    opportunity = life.some(session, Opportunity, Opportunity.status == OpportunityStatus.FOLLOWING)
    close, reasons = life.chance.choice(
        ((opportunities.mark_lost, (TOO_EXPENSIVE, TO_COMPETITOR)), (opportunities.mark_stopped, (NO_BUDGET, POSTPONED)))
    )
    values = opportunities.CloseOpportunity(reason_id=life.chance.choice(reasons), competitor_id=RIVAL)
    close(session, life.whoever(session, "chen"), opportunity.id, values, version=opportunity.version, today=life.today)


def an_opportunity_reopens(life: Life, session: Session) -> None:
    opportunity = life.some(session, Opportunity, Opportunity.status.in_((OpportunityStatus.LOST, OpportunityStatus.STOPPED)))
    opportunities.reopen(session, life.whoever(session, "chen"), opportunity.id, version=opportunity.version, today=life.today)


def a_contract_is_signed(life: Life, session: Session) -> None:
    owned = Opportunity.status == OpportunityStatus.FOLLOWING, Opportunity.owner_id.is_not(None)
    opportunity, amount = life.some(session, Opportunity, *owned), life.amount()
    values = signing.SignContract(
        number=f"HT{life.chance.randrange(10**8)}", signed_on=max(life.lately(), opportunity.created_on),
        plan=life.chance.choice((life.plan(amount), life.plan(amount), ())),
    )  # fmt: skip
    quote = people.a_quote(session, opportunity, total=amount, lines=dict(life.lines(amount)), created=life.today)
    actor = life.whoever(session, LOGINS[opportunity.owner_id or WANG])
    signing.sign(session, actor, quote.id, values, version=opportunity.version, today=life.today)


def _signed(life: Life, session: Session) -> Contract:
    return life.some(session, Contract, Contract.status == ContractStatus.IN_PROGRESS)


def a_contract_is_amended(life: Life, session: Session) -> None:
    contract, amount = _signed(life, session), life.amount()
    plan = life.plan(amount) if payment_plans.current_plan(session, contract.id) else ()
    values = amendments.AmendContract(amount=amount, day=max(life.lately(), contract.signed_on), reason="增补", plan=plan)
    amendments.amend(session, life.whoever(session, "chen"), contract.id, values, version=contract.version, today=life.today)


def a_contract_completes(life: Life, session: Session) -> None:
    contract = _signed(life, session)
    left = contract.amount - receipts.received(session, contract.id)
    fang = life.whoever(session, "fang")
    if left > 0:
        receipts.receive(session, fang, contract.id, receipts.Receive(amount=left, received_on=life.lately()), today=life.today)
    session.flush()
    endings.complete(session, fang, contract.id, version=contract.version, today=life.today)


def a_contract_is_voided(life: Life, session: Session) -> None:
    contract = _signed(life, session)
    becomes = life.chance.choice((OpportunityStatus.FOLLOWING, OpportunityStatus.STOPPED))
    values = endings.VoidContract(reason="客户破产", opportunity_becomes=becomes, stop_reason_id=NO_BUDGET)
    endings.void(session, life.whoever(session, "chen"), contract.id, values, version=contract.version, today=life.today)


def a_plan_changes(life: Life, session: Session) -> None:
    contract = _signed(life, session)
    standing = payment_plans.current_plan(session, contract.id)
    numbers = tuple(instalment.no for instalment in standing.instalments) if standing else ()
    values = payment_plans.ChangePlan(plan=life.plan(contract.amount, numbers), reason="延期")
    login = life.chance.choice(("fang", "fang", LOGINS.get(contract.owner_id or 0, "fang")))
    payment_plans.change_plan(session, life.whoever(session, login), contract.id, values, version=contract.version, today=life.today)


def money_comes_in(life: Life, session: Session) -> None:
    contract = _signed(life, session)
    named = _some_numbers(life, session, contract)
    amount = life.chance.choice((life.amount(), contract.amount / 2, contract.amount)).quantize(Decimal("0.01"))
    values = receipts.Receive(
        amount=amount, received_on=life.lately(), instalments=named, is_prepayment=life.chance.random() < 0.5
    )  # fmt: skip
    receipts.receive(session, life.whoever(session, "fang"), contract.id, values, today=life.today)


def money_goes_back(life: Life, session: Session) -> None:
    contract = life.some(session, Contract, Contract.status != ContractStatus.VOIDED)
    received = receipts.received(session, contract.id)
    amount = life.chance.choice((received, (received / 3).quantize(Decimal("0.01"))))
    if amount <= 0:
        raise Nothing
    values = receipts.Refund(
        amount=amount, refunded_on=life.lately(), reason="退货", instalments=_some_numbers(life, session, contract)
    )  # fmt: skip
    receipts.refund(session, life.whoever(session, "fang"), contract.id, values, today=life.today)


def _some_numbers(life: Life, session: Session, contract: Contract) -> tuple[int, ...]:
    standing = payment_plans.current_plan(session, contract.id)
    numbers = [instalment.no for instalment in standing.instalments] if standing else []
    return tuple(life.chance.sample(numbers, life.chance.randrange(0, min(len(numbers), 2) + 1)))


def a_receipt_was_mistyped(life: Life, session: Session) -> None:
    receipt = life.some(session, Receipt, Receipt.cancelled_on.is_(None))
    values = contracts.CancelEntry(reason="录错")
    receipts.cancel(session, life.whoever(session, "fang"), receipt.id, values, today=life.today)


def a_cost_is_paid(life: Life, session: Session) -> None:
    contract = life.some(session, Contract)
    values = costs.PayCost(category_id=life.chance.choice((TRAVEL, HARDWARE)), paid_on=life.lately(), amount=life.amount())
    costs.pay_cost(session, life.whoever(session, "fang"), contract.id, values, today=life.today)


def a_target_is_set(life: Life, session: Session) -> None:
    unit: dict[str, int] = life.chance.choice(({}, {"team_id": EAST}, {"team_id": WEST}, *({"user_id": who} for who in SELLERS)))
    month = date(2026, life.chance.randrange(1, 13), 1)
    values = targets.SetTarget(month=month, amount=life.amount(), **unit)
    targets.set_target(session, life.whoever(session, "chen"), values, today=life.today)


def somebody_hands_over(life: Life, session: Session) -> None:
    leaver, taker = life.chance.sample(list(SELLERS), 2)
    values = hand_over.HandOver(to_id=taker, why="轮岗")
    hand_over.hand_over(session, life.whoever(session, "chen"), leaver, values, today=life.today)


Act = Callable[[Life, Session], None]
OFTEN: tuple[Act, ...] = (
    a_lead_arrives, a_lead_converts, an_opportunity_opens, a_customer_is_assigned, a_contract_is_signed, money_comes_in,
    an_opportunity_is_edited,
)  # fmt: skip
SELDOM: tuple[Act, ...] = (
    a_lead_is_handled, a_lead_changes_hands, a_lead_fails, a_follow_up_is_written, a_competitor_is_met, an_opportunity_ends,
    an_opportunity_reopens,
    a_contract_is_amended, a_contract_completes, a_contract_is_voided, a_plan_changes, money_goes_back, a_receipt_was_mistyped,
    a_cost_is_paid, a_target_is_set, somebody_hands_over,
)  # fmt: skip
ACTS = (*OFTEN, *OFTEN, *SELDOM)
