"""The fields of each kind of record that can be imported: one table, read by layouts, by the page and by the verdict.

Keys are the words of the glossary. A field of type NAME or NAMES names other records (`names` says which), found by their name,
login or external id; what happens to unknown ones, the layout says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from crm.vocabulary import N_, ContractStatus, LeadStatus, Message, OpportunityStatus, PaymentMethod, PriceLevel, Role

LONG = 20_000


class RecordKind(StrEnum):
    """What a file holds: one kind of record a row."""

    LEADS = auto()
    CUSTOMERS = auto()
    OPPORTUNITIES = auto()
    CONTRACTS = auto()
    INSTALMENTS = auto()
    RECEIPTS = auto()
    COSTS = auto()
    FOLLOW_UPS = auto()
    TARGETS = auto()
    PRODUCTS = auto()
    COMPETITORS = auto()
    PEOPLE = auto()
    TEAMS = auto()


KIND_LABELS: Mapping[RecordKind, str] = {
    RecordKind.LEADS: N_("Leads"),
    RecordKind.CUSTOMERS: N_("Customers"),
    RecordKind.OPPORTUNITIES: N_("Opportunities"),
    RecordKind.CONTRACTS: N_("Contracts"),
    RecordKind.INSTALMENTS: N_("Instalments"),
    RecordKind.RECEIPTS: N_("Receipts"),
    RecordKind.COSTS: N_("Costs"),
    RecordKind.FOLLOW_UPS: N_("Follow-ups"),
    RecordKind.TARGETS: N_("Targets"),
    RecordKind.PRODUCTS: N_("Products"),
    RecordKind.COMPETITORS: N_("Competitors"),
    RecordKind.PEOPLE: N_("People"),
    RecordKind.TEAMS: N_("Teams"),
}


class FieldType(StrEnum):
    """What a field holds, and so how its cells are read."""

    TEXT = auto()
    NAME = auto()
    NAMES = auto()
    INTEGER = auto()
    MONEY = auto()
    PERCENT = auto()
    DAY = auto()
    MONTH = auto()
    BOOLEAN = auto()
    PHONE = auto()
    EMAIL = auto()
    CHOICE = auto()
    CHOICES = auto()


class Named(StrEnum):
    """The records that a name can mean."""

    PERSON = auto()
    TEAM = auto()
    DEPARTMENT = auto()
    SOURCE = auto()
    CAMPAIGN = auto()
    PRODUCT = auto()
    CUSTOMER = auto()
    OPPORTUNITY = auto()
    CONTRACT = auto()
    STAGE = auto()
    LOSS_REASON = auto()
    COMPETITOR = auto()
    METHOD = auto()
    COST_CATEGORY = auto()


Spellings = Mapping[StrEnum, tuple[str, ...]]
"""A closed set of words, and how files write each."""

LEAD_STATUS: Spellings = {
    LeadStatus.UNPROCESSED: ("未处理", "新线索", "new", "open"),
    LeadStatus.WORKING: ("跟进中", "跟进", "in progress", "contacted"),
    LeadStatus.CONVERTED: ("成功", "已转化", "转化", "qualified"),
    LeadStatus.FAILED: ("失败", "无效", "unqualified", "lost"),
}
OPPORTUNITY_STATUS: Spellings = {
    OpportunityStatus.FOLLOWING: ("跟进", "跟进中", "进行中", "open"),
    OpportunityStatus.WON: ("签约", "赢单", "成交", "closed won"),
    OpportunityStatus.LOST: ("输单", "丢单", "closed lost"),
    OpportunityStatus.STOPPED: ("停止", "终止", "取消", "cancelled"),
}
CONTRACT_STATUS: Spellings = {
    ContractStatus.IN_PROGRESS: ("在建", "执行中", "履行中", "in progress", "active"),
    ContractStatus.COMPLETED: ("完结", "已完成", "完成"),
    ContractStatus.VOIDED: ("作废", "void", "cancelled"),
}
PAYMENT_METHOD: Spellings = {
    PaymentMethod.TRANSFER: ("转账", "银行转账", "电汇", "对公转账", "wire", "bank transfer"),
    PaymentMethod.ACCEPTANCE: ("承兑", "承兑汇票", "银行承兑", "bill"),
    PaymentMethod.CHEQUE: ("支票", "check"),
    PaymentMethod.CASH: ("现金",),
    PaymentMethod.OTHER: ("其他", "其它"),
}
PRICE_LEVEL: Spellings = {
    PriceLevel.LOWER: ("低", "较低", "更低", "low"),
    PriceLevel.SIMILAR: ("相近", "持平", "相当", "same"),
    PriceLevel.HIGHER: ("高", "较高", "更高", "high"),
}
ROLES: Spellings = {
    Role.REP: ("销售", "销售员", "销售代表", "业务员", "sales rep", "sales"),
    Role.TEAM_LEAD: ("团队负责人", "销售主管", "销售经理", "团队长", "team lead", "manager"),
    Role.EXECUTIVE: ("总经理", "高管", "公司领导"),
    Role.MARKETING: ("市场", "市场部"),
    Role.FINANCE: ("财务",),
    Role.SERVICE: ("服务", "客服"),
    Role.ADMINISTRATOR: ("管理员", "系统管理员", "admin"),
}


class Language(StrEnum):
    """A person's language."""

    ZH = auto()
    EN = auto()


LANGUAGE: Spellings = {Language.ZH: ("中文", "简体中文", "chinese"), Language.EN: ("英文", "英语", "english")}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its key, its label (a message id), what it holds. `limit` is the longest text, `signed` allows amounts below zero."""

    key: str
    label: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    names: Named | None = None
    words: Spellings | None = None
    limit: int = 200
    signed: bool = False

    @property
    def title(self) -> Message:
        """The label for use inside of a sentence."""
        return Message(self.label)


def _named(key: str, label: str, what: Named, required: bool = False) -> Field:
    return Field(key, label, FieldType.NAME, required, names=what)


def _words(key: str, label: str, words: Spellings, type: FieldType = FieldType.CHOICE) -> Field:
    return Field(key, label, type, words=words)


def _required(field: Field) -> Field:
    return Field(field.key, field.label, field.type, True, field.names, field.words, field.limit, field.signed)


EXTERNAL_ID = Field("external_id", N_("Id in the old system"))
NOTE = Field("note", N_("Note"), limit=LONG)
SHORT_NOTE = Field("note", N_("Note"), limit=2000)
NAME = Field("name", N_("Name"), required=True)
CONTACT = Field("contact", N_("Contact"))
PHONE = Field("phone", N_("Phone"), FieldType.PHONE, limit=40)
EMAIL = Field("email", N_("E-mail"), FieldType.EMAIL, limit=254)
REGION = Field("region", N_("Region"))
OWNER = _named("owner", N_("Owner"), Named.PERSON)
TEAM = _named("team", N_("Team"), Named.TEAM)
SOURCE = _named("source", N_("Lead source"), Named.SOURCE)
CAMPAIGN = _named("campaign", N_("Campaign"), Named.CAMPAIGN)
CUSTOMER = _named("customer", N_("Customer"), Named.CUSTOMER, required=True)
CONTRACT = _named("contract", N_("Contract"), Named.CONTRACT, required=True)
PRODUCTS = Field("products", N_("Products"), FieldType.NAMES, names=Named.PRODUCT)
AMOUNT = Field("amount", N_("Amount"), FieldType.MONEY)
CREATED_ON = Field("created_on", N_("Created on"), FieldType.DAY)
CLOSED_ON = Field("closed_on", N_("Closed on"), FieldType.DAY)
ACTIVE = Field("active", N_("Active"), FieldType.BOOLEAN)

FIELDS: Mapping[RecordKind, tuple[Field, ...]] = {
    RecordKind.LEADS: (
        _required(CONTACT),
        Field("company", N_("Company")),
        PHONE,
        EMAIL,
        Field("wechat", N_("WeChat"), limit=60),
        REGION,
        _required(SOURCE),
        CAMPAIGN,
        _named("rep", N_("Sales rep"), Named.PERSON, required=True),
        TEAM,
        _named("product", N_("Product interest"), Named.PRODUCT),
        Field("intent", N_("Intent")),
        NOTE,
        Field("arrived_on", N_("Arrived on"), FieldType.DAY, required=True),
        _words("status", N_("Status"), LEAD_STATUS),
        Field("handled_on", N_("First handled on"), FieldType.DAY),
        CLOSED_ON,
        Field("failure_reason", N_("Failure reason"), limit=2000),
        EXTERNAL_ID,
    ),
    RecordKind.CUSTOMERS: (
        NAME,
        Field("industry", N_("Industry")),
        REGION,
        Field("address", N_("Address"), limit=500),
        NOTE,
        OWNER,
        TEAM,
        CONTACT,
        Field("contact_title", N_("Contact's title")),
        PHONE,
        EMAIL,
        CREATED_ON,
        EXTERNAL_ID,
    ),
    RecordKind.OPPORTUNITIES: (
        Field("title", N_("Title"), required=True),
        CUSTOMER,
        CONTACT,
        PHONE,
        EMAIL,
        OWNER,
        TEAM,
        SOURCE,
        CAMPAIGN,
        PRODUCTS,
        AMOUNT,
        _required(CREATED_ON),
        Field("expected_close_on", N_("Expected close date"), FieldType.DAY),
        _named("stage", N_("Stage"), Named.STAGE),
        _words("status", N_("Status"), OPPORTUNITY_STATUS),
        CLOSED_ON,
        _named("loss_reason", N_("Loss reason"), Named.LOSS_REASON),
        _named("loss_competitor", N_("Lost to a competitor"), Named.COMPETITOR),
        Field("loss_note", N_("Loss note"), limit=LONG),
        Field("contract_number", N_("Contract no.")),
        Field("contract_signed_on", N_("Contract signed on"), FieldType.DAY),
        Field("contract_amount", N_("Contract amount"), FieldType.MONEY),
        EXTERNAL_ID,
    ),
    RecordKind.CONTRACTS: (
        Field("number", N_("Contract no."), required=True),
        CUSTOMER,
        _named("opportunity", N_("Opportunity"), Named.OPPORTUNITY),
        _named("signer", N_("Signer"), Named.PERSON, required=True),
        _named("carer", N_("Carer"), Named.PERSON),
        TEAM,
        SOURCE,
        CAMPAIGN,
        PRODUCTS,
        _required(AMOUNT),
        Field("signed_on", N_("Signed on"), FieldType.DAY, required=True),
        Field("starts_on", N_("Starts on"), FieldType.DAY),
        Field("ends_on", N_("Ends on"), FieldType.DAY),
        Field("due_on", N_("Due date"), FieldType.DAY),
        Field("settled_on", N_("Settled on"), FieldType.DAY),
        _words("status", N_("Status"), CONTRACT_STATUS),
        Field("completed_on", N_("Completed on"), FieldType.DAY),
        Field("voided_on", N_("Voided on"), FieldType.DAY),
        Field("void_reason", N_("Reason for voiding"), limit=2000),
        EXTERNAL_ID,
    ),
    RecordKind.INSTALMENTS: (
        CONTRACT,
        Field("no", N_("Instalment no."), FieldType.INTEGER),
        Field("due_on", N_("Due date"), FieldType.DAY, required=True),
        _required(AMOUNT),
        Field("condition", N_("Condition"), limit=500),
    ),
    RecordKind.RECEIPTS: (
        CONTRACT,
        Field("received_on", N_("Received on"), FieldType.DAY, required=True),
        Field("amount", N_("Amount"), FieldType.MONEY, required=True, signed=True),
        _words("method", N_("Payment method"), PAYMENT_METHOD),
        Field("instalment", N_("Instalment no."), FieldType.INTEGER),
        SHORT_NOTE,
        EXTERNAL_ID,
    ),
    RecordKind.COSTS: (
        CONTRACT,
        _named("category", N_("Cost category"), Named.COST_CATEGORY, required=True),
        Field("paid_on", N_("Paid on"), FieldType.DAY, required=True),
        _required(AMOUNT),
        SHORT_NOTE,
        EXTERNAL_ID,
    ),
    RecordKind.FOLLOW_UPS: (
        _named("opportunity", N_("Opportunity"), Named.OPPORTUNITY, required=True),
        _named("writer", N_("Written by"), Named.PERSON, required=True),
        Field("day", N_("Date"), FieldType.DAY, required=True),
        _named("method", N_("Follow-up method"), Named.METHOD, required=True),
        Field("content", N_("Content"), required=True, limit=LONG),
        Field("feedback", N_("Customer's feedback"), limit=LONG),
        Field("problem", N_("Problem"), limit=LONG),
        _named("department", N_("Department"), Named.DEPARTMENT),
        Field("next_step", N_("Next step"), limit=500),
        Field("next_step_on", N_("Next step on"), FieldType.DAY),
        EXTERNAL_ID,
    ),
    RecordKind.TARGETS: (
        Field("month", N_("Month"), FieldType.MONTH, required=True),
        TEAM,
        _named("rep", N_("Sales rep"), Named.PERSON),
        _required(AMOUNT),
    ),
    RecordKind.PRODUCTS: (
        Field("code", N_("Product code"), required=True),
        NAME,
        Field("category", N_("Category")),
        Field("unit", N_("Unit")),
        Field("list_price", N_("List price"), FieldType.MONEY, required=True),
        Field("floor_price", N_("Floor price"), FieldType.MONEY),
        Field("tax_rate", N_("Tax rate"), FieldType.PERCENT),
        ACTIVE,
        EXTERNAL_ID,
    ),
    RecordKind.COMPETITORS: (
        NAME,
        Field("aliases", N_("Aliases"), FieldType.NAMES),
        Field("products", N_("Products"), limit=2000),
        _words("price_level", N_("Price level"), PRICE_LEVEL),
        NOTE,
        ACTIVE,
    ),
    RecordKind.PEOPLE: (
        Field("login", N_("Login"), required=True),
        NAME,
        _words("roles", N_("Roles"), ROLES, FieldType.CHOICES),
        TEAM,
        _named("team_lead", N_("Team lead"), Named.PERSON),
        _named("department", N_("Department"), Named.DEPARTMENT),
        PRODUCTS,
        Field("industries", N_("Industries"), FieldType.NAMES),
        Field("regions", N_("Regions"), FieldType.NAMES),
        Field("customer_limit", N_("Limit of open customers"), FieldType.INTEGER),
        _words("language", N_("Language"), LANGUAGE),
        ACTIVE,
        EXTERNAL_ID,
    ),
    RecordKind.TEAMS: (
        NAME,
        _named("leader", N_("Team lead"), Named.PERSON),
        ACTIVE,
    ),
}

ONE_OF: Mapping[RecordKind, tuple[str, ...]] = {RecordKind.LEADS: ("phone", "email")}
"""Fields of which a row needs at least one."""

IN_ORDER: Mapping[RecordKind, tuple[tuple[str, str], ...]] = {
    RecordKind.LEADS: (("arrived_on", "handled_on"), ("arrived_on", "closed_on")),
    RecordKind.OPPORTUNITIES: (("created_on", "closed_on"), ("created_on", "contract_signed_on")),
    RecordKind.CONTRACTS: (("starts_on", "ends_on"), ("signed_on", "completed_on"), ("signed_on", "voided_on")),
}
"""Pairs of days of which the second can't lie before the first."""

NEEDED: Mapping[RecordKind, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    RecordKind.LEADS: (("closed_on", "status", (LeadStatus.CONVERTED, LeadStatus.FAILED)),),
    RecordKind.OPPORTUNITIES: (
        ("closed_on", "status", (OpportunityStatus.WON, OpportunityStatus.LOST, OpportunityStatus.STOPPED)),
        ("loss_reason", "status", (OpportunityStatus.LOST, OpportunityStatus.STOPPED)),
    ),
    RecordKind.CONTRACTS: (
        ("completed_on", "status", (ContractStatus.COMPLETED,)),
        ("voided_on", "status", (ContractStatus.VOIDED,)),
        ("void_reason", "status", (ContractStatus.VOIDED,)),
    ),
}
"""Fields that become required by the value of another: which, by which other, at which values."""


def fields_of(kind: RecordKind) -> dict[str, Field]:
    """The fields of a kind by their keys, in the table's order."""
    return {field.key: field for field in FIELDS[kind]}


def titles(fields: Iterable[Field]) -> tuple[Message, ...]:
    """The labels for use inside of a sentence."""
    return tuple(field.title for field in fields)
