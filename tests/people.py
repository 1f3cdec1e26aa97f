"""The company that the tests tell of, and builders for what happens in it.

Chen 陈 is the executive. Lin 林 leads the East team 华东, in which Wang 王 is a rep; Sun 孙 leads the West team 华西, in which Zhao 赵
is one. Fang 方 does the money, Mei 梅 the marketing, Xia 夏 is in the customer service department, Ada 安达 administers.

`fill` writes them and the master data into a fresh migrated database; ids are those of the constants below. The builders write
rows as the verbs would have left them (history included), in any state and at any date, and flush; the services themselves are
tested through the services.
"""

import itertools
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import make_engine, transaction
from crm.models import (
    Campaign,
    CompanySettings,
    CompetitionFactor,
    Competitor,
    Contact,
    Contract,
    ContractHistory,
    ContractLine,
    Cost,
    CostCategory,
    Customer,
    Department,
    FollowUp,
    FollowUpMethod,
    Instalment,
    Lead,
    LeadSource,
    LossReason,
    Opportunity,
    OpportunityHistory,
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
    Team,
    TeamMembership,
    User,
    UserRole,
)
from crm.scope import Actor
from crm.services import people
from crm.vocabulary import (
    ChannelKind,
    ContractAct,
    ContractStatus,
    LeadStatus,
    LossKind,
    OpportunityAct,
    OpportunityStatus,
    QuoteStatus,
    Role,
    StageMeaning,
    TargetUnit,
)

FOUNDED = date(2024, 1, 1)
TODAY = date(2026, 11, 23)
PASSWORD = "east-or-west-1"

EAST, WEST = 1, 2
CHEN, LIN, WANG, SUN, ZHAO, FANG, MEI, XIA, ADA = range(1, 10)
SERVICE_DESK, DELIVERY = 1, 2
TALKS, PROPOSAL, QUOTED, SIGNED = range(1, 5)
WEB, EXPO, REFERRAL = range(1, 4)
CRM_SUITE, CLOUD_DRIVE, TRAINING = range(1, 4)
TOO_EXPENSIVE, TO_COMPETITOR, NO_BUDGET, POSTPONED = range(1, 5)
CALL, VISIT, WECHAT = range(1, 4)
RIVAL, OLD_RIVAL = 1, 2
PRICE, DELIVERY_TIME = 1, 2
TRAVEL, HARDWARE = 1, 2
SPRING_EXPO = 1

Money = Decimal | int | str
Row = TypeVar("Row")

_numbers = itertools.count(1)


def company(url: str) -> Engine:
    """An engine on the migrated database at `url`, filled."""
    engine = make_engine(url)
    with transaction(engine) as session:
        fill(session)
    return engine


def fill(session: Session) -> None:
    """Teams, people and master data into an empty database; nothing that happened yet."""
    _add(session, CompanySettings(id=1, company_name="东西软件"), SettingVersion(valid_from=FOUNDED, opportunity_neglected_days=14))
    _add(session, Department(name="客服"), Department(name="交付"))
    east, west = _add(session, Team(name="华东"), Team(name="华西"))
    _add(
        session,
        _person("chen", "陈", Role.EXECUTIVE),
        _person("lin", "林", Role.TEAM_LEAD, team=EAST),
        _person("wang", "王", Role.REP, team=EAST),
        _person("sun", "孙", Role.TEAM_LEAD, team=WEST),
        _person("zhao", "赵", Role.REP, team=WEST),
        _person("fang", "方", Role.FINANCE),
        _person("mei", "梅", Role.MARKETING),
        _person("xia", "夏", Role.SERVICE, department=SERVICE_DESK),
        _person("ada", "安达", Role.ADMINISTRATOR),
    )
    east.leader_id, west.leader_id = LIN, SUN
    _add(session, *[TeamMembership(user_id=who, team_id=team, from_on=FOUNDED) for who, team in _MEMBERS])
    _master(session)


_MEMBERS = ((LIN, EAST), (WANG, EAST), (SUN, WEST), (ZHAO, WEST))


def _person(login: str, name: str, *roles: Role, team: int | None = None, department: int | None = None) -> User:
    held = [UserRole(role=role) for role in roles]
    return User(
        login=login, name=name, roles=held, team_id=team, department_id=department, password_hash=_hash(), must_change_password=False
    )


@cache
def _hash() -> str:
    """`PASSWORD`, hashed once and cheaply: the tests are not what it must withstand."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def _master(session: Session) -> None:
    _add(
        session,
        Stage(name="前期洽谈", position=1, probability_bp=1000),
        Stage(name="提报方案", position=2, probability_bp=3000),
        Stage(name="销售报价", position=3, probability_bp=6000, meaning=StageMeaning.QUOTED),
        Stage(name="签订合同", position=4, probability_bp=10000, meaning=StageMeaning.SIGNED),
    )
    for stage in session.scalars(select(Stage).order_by(Stage.id)):
        session.add(
            StageVersion(
                stage_id=stage.id, valid_from=FOUNDED, name=stage.name, position=stage.position, probability_bp=stage.probability_bp
            )
        )
    _add(
        session,
        LeadSource(name="网站", name_key="网站", channel=ChannelKind.ONLINE),
        LeadSource(name="展会", name_key="展会", channel=ChannelKind.EVENT),
        LeadSource(name="客户推荐", name_key="客户推荐", channel=ChannelKind.REFERRAL),
    )
    _add(
        session,
        Product(code="CRM", name="客户管理套件", category="软件", unit="套", list_price=Decimal(100000), floor_price=Decimal(80000)),
        Product(code="DRIVE", name="云盘", category="软件", unit="年", list_price=Decimal(20000), floor_price=Decimal(15000)),
        Product(code="TRAIN", name="培训", category="服务", unit="天", list_price=Decimal(5000), floor_price=Decimal(4000)),
    )
    _add(
        session,
        LossReason(name="价格太高", kind=LossKind.LOST),
        LossReason(name="输给竞争对手", kind=LossKind.LOST, names_competitor=True),
        LossReason(name="没有预算", kind=LossKind.STOPPED),
        LossReason(name="项目推迟", kind=LossKind.STOPPED),
    )
    _add(session, *[FollowUpMethod(name=name) for name in ("电话", "上门拜访", "微信")])
    _add(session, Competitor(name="远景科技"), Competitor(name="旧友软件", active=False))
    _add(session, CompetitionFactor(name="价格"), CompetitionFactor(name="交付"))
    _add(session, CostCategory(name="差旅"), CostCategory(name="硬件"))
    spring = (date(2026, 3, 1), date(2026, 3, 31))
    _add(session, Campaign(name="春季展", source_id=EXPO, from_on=spring[0], until_on=spring[1], cost=Decimal(31000)))


def _add(session: Session, *rows: Row) -> tuple[Row, ...]:
    """`rows` written in their order, so that a fresh database numbers them from 1."""
    session.add_all(rows)
    session.flush()
    return rows


def actor(session: Session, login: str, today: date = TODAY) -> Actor:
    """The person as they act on `today`."""
    user_id = session.scalar(select(User.id).where(User.login == login))
    assert user_id is not None, f"nobody is called {login}"
    return people.actor_of(session, user_id, today)


def noon(day: date) -> datetime:
    """Noon in Shanghai on `day`."""
    return datetime.combine(day, time(4), UTC)


def team_of(session: Session, owner: int | None) -> int | None:
    """The team that a person is in now."""
    return None if owner is None else session.get_one(User, owner).team_id


def a_lead(
    session: Session,
    *,
    contact: str = "李先生",
    company: str = "",
    phone: str = "",
    owner: int | None = WANG,
    source: int = WEB,
    campaign: int | None = None,
    product: int | None = None,
    arrived: date = TODAY,
    status: LeadStatus = LeadStatus.UNPROCESSED,
    handled: date | None = None,
    ended: date | None = None,
) -> Lead:
    """A lead of `owner`; `ended` is the day it was converted or failed (the day it arrived if left out)."""
    team, ended = team_of(session, owner), ended or arrived
    phone = phone or f"1380000{next(_numbers):04d}"
    lead = Lead(
        contact_name=contact, company=company, company_key=company.casefold(), phone=phone, phone_key=phone,
        source_id=source, campaign_id=campaign, product_id=product, status=status,
        owner_id=owner, team_id=team, arrival_owner_id=owner, arrival_team_id=team,
        arrived_on=arrived, created_at=noon(arrived), created_by_id=owner,
        first_handled_on=handled or (None if status is LeadStatus.UNPROCESSED else arrived),
        converted_on=ended if status is LeadStatus.CONVERTED else None,
        failed_on=ended if status is LeadStatus.FAILED else None,
    )  # fmt: skip
    _add(session, lead)
    return lead


def a_customer(
    session: Session, name: str = "", *, owner: int | None = WANG, team: int | None = None, created: date = FOUNDED, phone: str = ""
) -> Customer:
    """A customer of `owner` with one contact; without an owner it waits in `team`'s pool, without a team in the company's."""
    name = name or f"客户{next(_numbers)}"
    customer = Customer(
        name=name, name_key=name.casefold(), owner_id=owner, team_id=team_of(session, owner) or team,
        pooled_on=created if owner is None else None, created_at=noon(created), created_on=created,
    )  # fmt: skip
    _add(session, customer)
    _add(session, Contact(customer_id=customer.id, name="张经理", phone=phone, phone_key=phone))
    return customer


def an_opportunity(
    session: Session,
    title: str = "",
    *,
    customer: Customer | None = None,
    owner: int | None = WANG,
    team: int | None = None,
    amount: Money | None = "100000.00",
    lines: Mapping[int, Money] | None = None,
    stage: int = TALKS,
    created: date = date(2026, 3, 2),
    expected_close: date | None = None,
    source: int | None = WEB,
    lead: Lead | None = None,
    status: OpportunityStatus = OpportunityStatus.FOLLOWING,
    closed: date | None = None,
    reason: int | None = None,
    competitor: int | None = None,
) -> Opportunity:
    """An opportunity with its history: created, and closed where `status` says so (won: without a contract, see `a_contract`)."""
    customer = customer or a_customer(session, owner=owner, team=team, created=created)
    opportunity = Opportunity(
        title=title or f"机会{next(_numbers)}", customer_id=customer.id, lead_id=lead.id if lead else None, source_id=source,
        stage_id=stage, expected_amount=None if amount is None else Decimal(amount), expected_close_on=expected_close,
        owner_id=customer.owner_id, team_id=customer.team_id, first_owner_id=customer.owner_id, first_team_id=customer.team_id,
        created_on=created, created_at=noon(created), created_by_id=customer.owner_id,
        lines=[OpportunityLine(product_id=product, amount=Decimal(part)) for product, part in (lines or {}).items()],
    )  # fmt: skip
    _add(session, opportunity)
    a_change(session, opportunity, OpportunityAct.CREATED, created)
    if status is not OpportunityStatus.FOLLOWING:
        opportunity.status, opportunity.closed_on = status, closed or created
        if status is not OpportunityStatus.WON:
            opportunity.loss_reason_id = reason or (TOO_EXPENSIVE if status is OpportunityStatus.LOST else NO_BUDGET)
            opportunity.loss_competitor_id = competitor
        a_change(session, opportunity, OpportunityAct(status.value), opportunity.closed_on)
    return opportunity


def a_change(
    session: Session, opportunity: Opportunity, act: OpportunityAct, day: date, *, recorded: date | None = None
) -> OpportunityHistory:
    """A line of history that keeps the opportunity as it stands now."""
    seqs = session.scalars(select(OpportunityHistory.seq).where(OpportunityHistory.opportunity_id == opportunity.id))
    line = OpportunityHistory(
        opportunity_id=opportunity.id, seq=max(seqs, default=0) + 1, act=act, at=noon(recorded or day), day=day,
        recorded_on=recorded or day, by_id=opportunity.owner_id, status=opportunity.status, stage_id=opportunity.stage_id,
        owner_id=opportunity.owner_id, team_id=opportunity.team_id, amount=opportunity.expected_amount,
        expected_close_on=opportunity.expected_close_on, loss_reason_id=opportunity.loss_reason_id,
        loss_competitor_id=opportunity.loss_competitor_id,
    )  # fmt: skip
    _add(session, line)
    return line


def a_follow_up(session: Session, opportunity: Opportunity, day: date = TODAY, *, by: int = WANG, problem: str = "") -> FollowUp:
    """A call with the customer; with `problem`, one for the service desk to solve."""
    follow_up = FollowUp(
        opportunity_id=opportunity.id, by_id=by, team_id=team_of(session, by), at=noon(day), day=day, recorded_on=day,
        method_id=CALL, content="谈了方案", problem=problem, department_id=SERVICE_DESK if problem else None,
    )  # fmt: skip
    opportunity.last_followed_up_on = max(day, opportunity.last_followed_up_on or day)
    _add(session, follow_up)
    return follow_up


def a_quote(
    session: Session,
    opportunity: Opportunity,
    *,
    total: Money = "80000.00",
    lines: Mapping[int, Money] | None = None,
    status: QuoteStatus = QuoteStatus.APPROVED,
    valid_until: date | None = None,
    created: date = TODAY,
) -> Quote:
    """The next revision of an offer of Wang's, approved unless it says otherwise; with `lines` (product and amount) in place of `total`."""
    total = sum(map(Decimal, lines.values()), Decimal()) if lines else total
    decided = noon(created) if status in (QuoteStatus.APPROVED, QuoteStatus.SIGNED, QuoteStatus.REJECTED) else None
    revisions = session.scalars(select(Quote.revision).where(Quote.opportunity_id == opportunity.id))
    quote = Quote(
        opportunity_id=opportunity.id, revision=max(revisions, default=0) + 1, status=status, total=Decimal(total), valid_until=valid_until,
        created_at=noon(created), created_on=created, created_by_id=WANG, decided_at=decided, decided_on=created if decided else None,
        decided_by_id=LIN if decided else None,
        lines=[
            QuoteLine(position=i, product_id=product, quantity_milli=1000, unit_price=Decimal(part), amount=Decimal(part))
            for i, (product, part) in enumerate((lines or {}).items(), 1)
        ],
    )  # fmt: skip
    _add(session, quote)
    return quote


def a_contract(
    session: Session,
    number: str = "",
    *,
    opportunity: Opportunity | None = None,
    customer: Customer | None = None,
    owner: int | None = WANG,
    amount: Money = "100000.00",
    signed: date = date(2026, 4, 1),
    recorded: date | None = None,
    lines: Mapping[int, Money] | None = None,
    plan: Iterable[tuple[date, Money]] = (),
    completed: date | None = None,
) -> Contract:
    """A contract with its history; its opportunity, where there is one, is won by it. `plan`: due dates and amounts."""
    customer = (opportunity and session.get_one(Customer, opportunity.customer_id)) or customer or a_customer(session, owner=owner)
    team, recorded = customer.team_id, recorded or signed
    contract = Contract(
        number=number or f"HT-{next(_numbers):05d}", customer_id=customer.id, opportunity_id=opportunity.id if opportunity else None,
        source_id=opportunity.source_id if opportunity else None, amount=Decimal(amount), signed_on=signed, recorded_on=recorded,
        signer_id=customer.owner_id, signer_team_id=team, owner_id=customer.owner_id, team_id=team,
        created_at=noon(recorded), created_by_id=customer.owner_id,
        lines=[ContractLine(product_id=product, amount=Decimal(part)) for product, part in (lines or {}).items()],
    )  # fmt: skip
    _add(session, contract)
    a_contract_change(session, contract, ContractAct.SIGNED, signed, recorded=recorded)
    if opportunity:
        opportunity.status, opportunity.stage_id, opportunity.closed_on = OpportunityStatus.WON, SIGNED, signed
        a_change(session, opportunity, OpportunityAct.WON, signed, recorded=recorded)
    if plan := tuple(plan):
        a_plan(session, contract, *plan, on=signed)
    if completed:
        contract.status, contract.completed_on = ContractStatus.COMPLETED, completed
        a_contract_change(session, contract, ContractAct.COMPLETED, completed)
    return contract


def a_contract_change(
    session: Session, contract: Contract, act: ContractAct, day: date, *, recorded: date | None = None
) -> ContractHistory:
    """A line of history that keeps the contract as it stands now."""
    seqs = session.scalars(select(ContractHistory.seq).where(ContractHistory.contract_id == contract.id))
    line = ContractHistory(
        contract_id=contract.id, seq=max(seqs, default=0) + 1, act=act, at=noon(recorded or day), day=day, recorded_on=recorded or day,
        by_id=contract.owner_id, status=contract.status, amount=contract.amount, owner_id=contract.owner_id, team_id=contract.team_id,
    )  # fmt: skip
    _add(session, line)
    return line


def a_plan(session: Session, contract: Contract, *instalments: tuple[date, Money], on: date) -> PaymentPlan:
    """The next version of the contract's payment plan, in force from `on`."""
    revisions = session.scalars(select(PaymentPlan.revision).where(PaymentPlan.contract_id == contract.id))
    plan = PaymentPlan(
        contract_id=contract.id, revision=max(revisions, default=0) + 1, day=on, recorded_on=on, at=noon(on), by_id=FANG,
        instalments=[
            Instalment(contract_id=contract.id, no=no, due_on=due, amount=Decimal(amount))
            for no, (due, amount) in enumerate(instalments, start=1)
        ],
    )  # fmt: skip
    _add(session, plan)
    return plan


def a_receipt(
    session: Session, contract: Contract, amount: Money, on: date, *, named: Iterable[int] = (), cancelled: date | None = None
) -> Receipt:
    """Money that came in, or a refund (negative); `named`: numbers of the instalments it is meant for."""
    amount = Decimal(amount)
    receipt = Receipt(
        contract_id=contract.id, received_on=on, recorded_on=on, amount=amount, note="" if amount > 0 else "退款",
        created_at=noon(on), created_by_id=FANG, cancelled_on=cancelled, cancel_reason="录错" if cancelled else "",
        named=[ReceiptInstalment(no=no, contract_id=contract.id) for no in named],
    )  # fmt: skip
    _add(session, receipt)
    return receipt


def a_cost(session: Session, contract: Contract, amount: Money, on: date, *, category: int = TRAVEL) -> Cost:
    """Money that went out for a contract."""
    cost = Cost(
        contract_id=contract.id, category_id=category, paid_on=on, recorded_on=on, amount=Decimal(amount), created_at=noon(on),
        created_by_id=FANG,
    )  # fmt: skip
    _add(session, cost)
    return cost


def a_target(
    session: Session, month: date, amount: Money, *, team: int | None = None, rep: int | None = None, since: date | None = None
) -> SalesTarget:
    """A month's target of the company, of a team, or of a rep in their team."""
    unit = TargetUnit.REP if rep else TargetUnit.TEAM if team else TargetUnit.COMPANY
    target = SalesTarget(
        month=month, unit=unit, team_id=team_of(session, rep) or team, user_id=rep, amount=Decimal(amount), valid_from=since or FOUNDED
    )
    _add(session, target)
    return target
