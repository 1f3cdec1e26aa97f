"""Whatever may happen to a company's records, one act at a time and at random: what the follower must keep up with.

Acts are written as rows, as the verbs leave them and as a correction by hand might, on days of one spring and often dated back.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, selectinload

from crm import history
from crm.models import (
    Base,
    Campaign,
    CompetitionRecord,
    CompetitionRecordFactor,
    Contract,
    ContractLine,
    Cost,
    Customer,
    FollowUp,
    FormerContractLine,
    FormerOpportunityLine,
    Instalment,
    Lead,
    LeadSource,
    Opportunity,
    OpportunityLine,
    PaymentPlan,
    Product,
    Quote,
    QuoteLine,
    Receipt,
    ReceiptInstalment,
    SalesTarget,
    SettingVersion,
    Stage,
    StageVersion,
    User,
    UserRole,
)
from crm.money import apportion
from crm.services import merging
from crm.vocabulary import CompetitionSide, ContractAct, ContractStatus, LeadStatus, OpportunityAct, OpportunityStatus, QuoteStatus, Role
from tests import people
from tests.people import EAST, LIN, SUN, WANG, WEST, ZHAO

SPRING = date(2026, 3, 1)
REPS = (WANG, ZHAO, LIN, SUN)

Record = TypeVar("Record", bound=Base)
Act = Callable[[Session, Random], None]


def a_day(chance: Random) -> date:
    return SPRING + timedelta(days=chance.randrange(60))


def an_amount(chance: Random) -> Decimal:
    return Decimal(chance.randrange(0, 200_000)) / 100


def some(session: Session, chance: Random, model: type[Record], *conditions: Any) -> Record | None:
    """Any of the records, None where there is none."""
    ids = session.scalars(select(model.id).where(*conditions).order_by(model.id)).all()  # type: ignore[attr-defined]
    return session.get_one(model, chance.choice(ids)) if ids else None


def recorded(chance: Random, day: date) -> date:
    """Mostly at once, sometimes days later."""
    return day + timedelta(days=chance.choice([0, 0, 0, 1, 9]))


def lines(chance: Random, amount: Decimal) -> dict[int, Decimal]:
    products = chance.sample([1, 2, 3], chance.randrange(4))
    parts = [amount] if len(products) == 1 else [amount / 2, amount / 2] if len(products) == 2 else [amount / 4, amount / 4, amount / 2]
    parts = [part.quantize(Decimal("0.01")) for part in parts]
    if products:
        parts = [*parts[: len(products) - 1], amount - sum(parts[: len(products) - 1])]
    return dict(zip(products, parts, strict=False))


def lead_arrives(session: Session, chance: Random) -> None:
    status = chance.choice(list(LeadStatus))
    people.a_lead(
        session, owner=chance.choice([*REPS, None]), source=chance.choice([1, 2, 3]), product=chance.choice([None, 1, 2]),
        campaign=chance.choice([None, 1]), arrived=a_day(chance), status=status,
    )  # fmt: skip


def lead_converts(session: Session, chance: Random) -> None:
    lead = some(session, chance, Lead, Lead.status == LeadStatus.WORKING)
    if lead:
        lead.status, lead.converted_on = LeadStatus.CONVERTED, lead.arrived_on + timedelta(days=chance.randrange(9))
        people.an_opportunity(session, lead=lead, owner=None, amount=an_amount(chance), created=lead.converted_on)


def lead_is_corrected(session: Session, chance: Random) -> None:
    lead = some(session, chance, Lead)
    if lead:
        lead.source_id, lead.arrival_team_id, lead.owner_id = chance.choice([1, 2]), chance.choice([EAST, WEST, None]), chance.choice(REPS)


def opportunity_opens(session: Session, chance: Random) -> None:
    amount = chance.choice([None, an_amount(chance)])
    people.an_opportunity(
        session, owner=chance.choice([*REPS, None]), amount=amount, lines=lines(chance, amount or Decimal(0)), created=a_day(chance)
    )


def opportunity_changes(session: Session, chance: Random) -> None:
    found = some(session, chance, Opportunity, Opportunity.status == OpportunityStatus.FOLLOWING)
    if found:
        found.expected_amount, found.stage_id = an_amount(chance), chance.randrange(1, 5)
        day = a_day(chance)
        people.a_change(session, found, OpportunityAct.AMOUNT, day, recorded=recorded(chance, day))


def opportunity_is_assigned(session: Session, chance: Random) -> None:
    found = some(session, chance, Opportunity, Opportunity.status == OpportunityStatus.FOLLOWING)
    if found:
        owner = chance.choice([*REPS, None])
        found.team_id = people.team_of(session, owner) or chance.choice([EAST, WEST, None])
        found.owner_id = owner
        found.first_team_id, found.first_owner_id = found.first_team_id or found.team_id, found.first_owner_id or found.owner_id
        people.a_change(session, found, OpportunityAct.ASSIGNED, a_day(chance))


def opportunity_closes(session: Session, chance: Random) -> None:
    found = some(session, chance, Opportunity, Opportunity.status == OpportunityStatus.FOLLOWING)
    if found:
        found.status, found.loss_reason_id = chance.choice([(OpportunityStatus.LOST, 1), (OpportunityStatus.STOPPED, 3)])
        found.closed_on = a_day(chance)
        people.a_change(session, found, OpportunityAct(found.status.value), found.closed_on)


def opportunity_reopens(session: Session, chance: Random) -> None:
    lost = Opportunity.status.in_([OpportunityStatus.LOST, OpportunityStatus.STOPPED])
    found = some(session, chance, Opportunity, lost)
    if found:
        found.status, found.closed_on = OpportunityStatus.FOLLOWING, None
        people.a_change(session, found, OpportunityAct.REOPENED, a_day(chance))


def products_change(session: Session, chance: Random) -> None:
    """By hand: it was never about anything else."""
    found = some(session, chance, Opportunity)
    if found:
        for model in (OpportunityLine, FormerOpportunityLine):
            session.execute(delete(model).where(model.opportunity_id == found.id))  # type: ignore[attr-defined]
        session.add(OpportunityLine(opportunity_id=found.id, product_id=chance.choice([1, 2, 3]), amount=Decimal(5)))


def lines_are_replaced(session: Session, chance: Random) -> None:
    """As the form does it: what the lines were before stays in the history."""
    found = some(session, chance, Opportunity, Opportunity.status == OpportunityStatus.FOLLOWING)
    if found:
        session.scalars(select(Opportunity).where(Opportunity.id == found.id).options(selectinload(Opportunity.lines))).one()
        if history.set_lines(session, found, lines(chance, found.expected_amount or Decimal(0))):
            day = a_day(chance)
            people.a_change(session, found, OpportunityAct.EDITED, day, recorded=recorded(chance, day))


def follow_up(session: Session, chance: Random) -> None:
    found = some(session, chance, Opportunity)
    if found:
        written = people.a_follow_up(session, found, a_day(chance), by=chance.choice(REPS))
        written.recorded_on = recorded(chance, written.day)


def follow_up_is_struck(session: Session, chance: Random) -> None:
    found = some(session, chance, FollowUp)
    if found:
        session.delete(found)


def competitor_is_met(session: Session, chance: Random) -> None:
    found = some(session, chance, Opportunity)
    if found:
        day = a_day(chance)
        record = CompetitionRecord(
            opportunity_id=found.id, competitor_id=chance.choice([people.RIVAL, people.OLD_RIVAL]), by_id=chance.choice(REPS),
            at=people.noon(day), day=day, recorded_on=recorded(chance, day), our_product_id=chance.choice([None, 1, 2]),
            their_unit_price=chance.choice([None, an_amount(chance)]),
        )  # fmt: skip
        session.add(record)
        session.flush()
        for side in chance.sample(list(CompetitionSide), chance.randrange(3)):
            session.add(CompetitionRecordFactor(record_id=record.id, factor_id=chance.choice([1, 2]), side=side))


def competition_is_struck(session: Session, chance: Random) -> None:
    found = some(session, chance, CompetitionRecord)
    if found:
        session.execute(delete(CompetitionRecordFactor).where(CompetitionRecordFactor.record_id == found.id))
        session.execute(delete(CompetitionRecord).where(CompetitionRecord.id == found.id))


def quote_is_submitted(session: Session, chance: Random) -> None:
    found = some(session, chance, Opportunity)
    if found:
        day, price = a_day(chance), an_amount(chance) + 1
        revision = session.scalar(select(func.count()).where(Quote.opportunity_id == found.id)) or 0
        quote = Quote(
            opportunity_id=found.id, revision=revision + 1, total=price, created_at=people.noon(day), created_on=day, created_by_id=WANG,
            status=QuoteStatus.SUBMITTED, submitted_at=people.noon(day), submitted_on=day, submitted_by_id=WANG,
        )  # fmt: skip
        quote.lines = [
            QuoteLine(position=place, product_id=product, quantity_milli=1000, unit_price=price, discount_bp=chance.choice([0, 333]),
                amount=price)
            for place, product in enumerate(chance.sample([1, 2], chance.randrange(1, 3)), 1)
        ]  # fmt: skip
        session.add(quote)


def contract_is_signed(session: Session, chance: Random) -> None:
    found = some(session, chance, Opportunity, Opportunity.status == OpportunityStatus.FOLLOWING, Opportunity.owner_id.is_not(None))
    if found and chance.random() < 0.8:
        voided = session.scalar(select(func.max(Contract.voided_on)).where(Contract.opportunity_id == found.id))
        day, amount = max(a_day(chance), voided or SPRING), an_amount(chance)  # one contract stands on an opportunity at a time
        plan = [(day + timedelta(days=20), amount / 2), (day + timedelta(days=40), amount - amount / 2)] if chance.random() < 0.8 else []
        contract = people.a_contract(
            session, opportunity=found, amount=amount, signed=day, recorded=recorded(chance, day), lines=lines(chance, amount),
            plan=[(due, part.quantize(Decimal("0.01"))) for due, part in plan],
        )  # fmt: skip
        contract.owner_id, contract.team_id = found.owner_id, found.team_id
    else:
        people.a_contract(session, amount=an_amount(chance), signed=a_day(chance), owner=chance.choice(REPS))


def contract_is_amended(session: Session, chance: Random) -> None:
    found = some(session, chance, Contract, Contract.status == ContractStatus.IN_PROGRESS)
    if found:
        found.amount = an_amount(chance)
        session.scalars(select(Contract).where(Contract.id == found.id).options(selectinload(Contract.lines))).one()
        if found.lines and chance.random() < 0.7:  # else as before lines kept history
            parts = apportion(found.amount, [line.amount for line in found.lines])
            history.set_lines(session, found, {line.product_id: part for line, part in zip(found.lines, parts, strict=True)})
        day = a_day(chance)
        people.a_contract_change(session, found, ContractAct.AMENDED, day, recorded=recorded(chance, day))


def contract_gets_a_carer(session: Session, chance: Random) -> None:
    found = some(session, chance, Contract, Contract.status == ContractStatus.IN_PROGRESS)
    if found:
        owner = chance.choice(REPS)
        found.owner_id, found.team_id = owner, people.team_of(session, owner)
        people.a_contract_change(session, found, ContractAct.CARER, a_day(chance))


def contract_is_completed(session: Session, chance: Random) -> None:
    found = some(session, chance, Contract, Contract.status == ContractStatus.IN_PROGRESS)
    if found:
        found.status, found.completed_on = ContractStatus.COMPLETED, a_day(chance)
        people.a_contract_change(session, found, ContractAct.COMPLETED, found.completed_on)


def contract_is_voided(session: Session, chance: Random) -> None:
    found = some(session, chance, Contract, Contract.status == ContractStatus.IN_PROGRESS)
    if found:
        found.status, found.voided_on, found.void_reason = ContractStatus.VOIDED, a_day(chance), "客户取消"
        people.a_contract_change(session, found, ContractAct.VOIDED, found.voided_on)
        opportunity = session.get(Opportunity, found.opportunity_id) if found.opportunity_id else None
        if opportunity and opportunity.status is OpportunityStatus.WON:
            opportunity.status, opportunity.closed_on = OpportunityStatus.FOLLOWING, None
            people.a_change(session, opportunity, OpportunityAct.VOIDED, found.voided_on)


def contract_moves(session: Session, chance: Random) -> None:
    """By hand: it belongs to another opportunity, which thereby is the one that was won, or to none."""
    contract = some(session, chance, Contract, Contract.status != ContractStatus.VOIDED)
    if not contract:
        return
    other = some(session, chance, Opportunity, Opportunity.status == OpportunityStatus.FOLLOWING)
    former = session.get_one(Opportunity, contract.opportunity_id) if contract.opportunity_id else None
    session.execute(update(Contract).where(Contract.id == contract.id).values(opportunity_id=other.id if other else None))
    if former and former.status is OpportunityStatus.WON:
        former.status, former.closed_on = OpportunityStatus.FOLLOWING, None
        people.a_change(session, former, OpportunityAct.VOIDED, former.created_on)
    if other:
        other.status, other.closed_on = OpportunityStatus.WON, contract.signed_on
        people.a_change(session, other, OpportunityAct.WON, contract.signed_on)


def contract_lines_change(session: Session, chance: Random) -> None:
    found = some(session, chance, Contract)
    if found:
        for model in (ContractLine, FormerContractLine):
            session.execute(delete(model).where(model.contract_id == found.id))  # type: ignore[attr-defined]
        for product, amount in lines(chance, found.amount).items():
            session.add(ContractLine(contract_id=found.id, product_id=product, amount=amount))


def plan_changes(session: Session, chance: Random) -> None:
    found = some(session, chance, Contract)
    if found:
        day = a_day(chance)
        parts = [(a_day(chance), an_amount(chance)) for _ in range(chance.randrange(1, 4))]
        plan = people.a_plan(session, found, *parts, on=day)
        plan.recorded_on, plan.proposed = recorded(chance, day), chance.random() < 0.2


def plan_is_accepted(session: Session, chance: Random) -> None:
    found = some(session, chance, PaymentPlan, PaymentPlan.proposed)
    if found:
        found.proposed = False


def money_comes(session: Session, chance: Random) -> None:
    found = some(session, chance, Contract)
    if found:
        day = a_day(chance)
        amount = an_amount(chance) + 1 if chance.random() < 0.8 else -an_amount(chance) - 1
        receipt = people.a_receipt(session, found, amount, day, named=chance.choice([(), (), (1,), (2, 1)]))
        receipt.recorded_on = recorded(chance, day)


def receipt_is_cancelled(session: Session, chance: Random) -> None:
    found = some(session, chance, Receipt, Receipt.cancelled_on.is_(None))
    if found:
        found.cancelled_on, found.cancel_reason = found.recorded_on + timedelta(days=chance.randrange(9)), "录错"


def receipt_moves(session: Session, chance: Random) -> None:
    """By hand: it was entered with the wrong contract."""
    receipt, contract = some(session, chance, Receipt), some(session, chance, Contract)
    if receipt and contract:
        session.execute(delete(ReceiptInstalment).where(ReceiptInstalment.receipt_id == receipt.id))
        session.execute(update(Receipt).where(Receipt.id == receipt.id).values(contract_id=contract.id))


def money_goes(session: Session, chance: Random) -> None:
    found = some(session, chance, Contract)
    if found:
        cost = people.a_cost(session, found, an_amount(chance), a_day(chance), category=chance.choice([1, 2]))
        cost.recorded_on = recorded(chance, cost.paid_on)


def cost_is_cancelled(session: Session, chance: Random) -> None:
    found = some(session, chance, Cost, Cost.cancelled_on.is_(None))
    if found:
        found.cancelled_on, found.cancel_reason = found.recorded_on + timedelta(days=chance.randrange(3)), "录错"


def customer_is_renamed(session: Session, chance: Random) -> None:
    found = some(session, chance, Customer)
    if found:
        found.name, found.region = f"新名{chance.randrange(99)}", "上海"


def customers_are_merged(session: Session, chance: Random) -> None:
    """Two of them turn out to be the same; what the one had comes to the other, and to its rep."""
    there = session.scalars(select(Customer).where(Customer.merged_into_id.is_(None)).order_by(Customer.id)).all()
    if len(there) > 1:
        stays, goes = chance.sample(there, 2)
        values = merging.MergeCustomers(name=stays.name)
        merging.merge(
            session, people.actor(session, "chen"), stays.id, goes.id, values, versions=(stays.version, goes.version), today=a_day(chance)
        )


def target_changes(session: Session, chance: Random) -> None:
    found = some(session, chance, SalesTarget, SalesTarget.valid_to.is_(None))
    if found:
        found.valid_to = max(found.valid_from + timedelta(days=1), a_day(chance))
    else:
        people.a_target(session, SPRING, an_amount(chance), team=chance.choice([EAST, WEST]))


def master_data_changes(session: Session, chance: Random) -> None:
    """A name here, a value there."""
    session.get_one(User, chance.choice(REPS)).name = chance.choice(["王", "赵", "Anna"])
    session.get_one(LeadSource, 1).name = chance.choice(["网站", "官网"])
    session.get_one(Campaign, 1).cost = an_amount(chance)
    stage = session.get_one(Stage, chance.randrange(1, 5))
    stage.probability_bp = chance.randrange(0, 10_000)
    day = SPRING + timedelta(days=session.scalar(select(func.count()).select_from(StageVersion)) or 0)
    session.add(
        StageVersion(stage_id=stage.id, valid_from=day, name=stage.name, position=stage.position, probability_bp=stage.probability_bp)
    )
    session.add(SettingVersion(valid_from=day, opportunity_neglected_days=chance.randrange(1, 30)))
    if chance.random() < 0.3:
        session.add(Product(code=f"P{day}", name="新品", list_price=Decimal(1), floor_price=Decimal(1)))


def somebody_becomes_a_rep(session: Session, chance: Random) -> None:
    if session.get(UserRole, (LIN, Role.REP)):
        session.execute(delete(UserRole).where(UserRole.user_id == LIN, UserRole.role == Role.REP))
    else:
        session.add(UserRole(user_id=LIN, role=Role.REP))


def contract_vanishes(session: Session, chance: Random) -> None:
    """By hand: a test contract is removed with all that belongs to it."""
    found = some(session, chance, Contract)
    if found:
        receipts, plans = (
            select(Receipt.id).where(Receipt.contract_id == found.id),
            select(PaymentPlan.id).where(PaymentPlan.contract_id == found.id),
        )
        session.execute(delete(ReceiptInstalment).where(ReceiptInstalment.receipt_id.in_(receipts)))
        session.execute(delete(Instalment).where(Instalment.plan_id.in_(plans)))
        for model in (Receipt, PaymentPlan, Cost, ContractLine, FormerContractLine, people.ContractHistory):
            session.execute(delete(model).where(model.contract_id == found.id))
        session.execute(delete(Contract).where(Contract.id == found.id))


ACTS: Sequence[Act] = (
    lead_arrives, lead_converts, lead_is_corrected, opportunity_opens, opportunity_opens, opportunity_changes, opportunity_changes,
    opportunity_is_assigned, opportunity_closes, opportunity_reopens, products_change, lines_are_replaced, lines_are_replaced,
    follow_up, follow_up_is_struck, contract_is_signed, contract_is_signed, contract_is_amended, contract_gets_a_carer,
    contract_is_completed, contract_is_voided, contract_moves, competitor_is_met, competitor_is_met, competition_is_struck,
    quote_is_submitted, contract_lines_change, plan_changes, plan_is_accepted, money_comes, money_comes, receipt_is_cancelled,
    receipt_moves, money_goes, cost_is_cancelled, customer_is_renamed, customers_are_merged, target_changes, master_data_changes,
    somebody_becomes_a_rep, contract_vanishes,
)  # fmt: skip
"""What may happen, the frequent more than once."""
