"""Contracts 合同 and their money: plans of instalments, receipts, costs, invoices, files."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.models.base import (
    Amount,
    Base,
    Day,
    Former,
    Id,
    Imported,
    Instant,
    Moment,
    Name,
    Short,
    Since,
    Versioned,
    in_order,
    positive,
    refers,
    word,
)
from crm.models.customers import Customer
from crm.models.people import Team, User
from crm.vocabulary import ContractAct, ContractStatus, PaymentMethod


class Contract(Imported, Versioned, Base):
    """合同. Signings, receipts and costs are credited to the signer for ever; the carer holds it now (owner_id, team_id)."""

    __tablename__ = "contracts"
    id: Mapped[Id]
    number: Mapped[Short] = mapped_column(unique=True)
    customer_id: Mapped[int] = refers("customers.id", index=True)
    opportunity_id: Mapped[int | None] = refers("opportunities.id", index=True)
    quote_id: Mapped[int | None] = refers("quotes.id")
    source_id: Mapped[int | None] = refers("lead_sources.id")
    campaign_id: Mapped[int | None] = refers("campaigns.id")
    status: Mapped[ContractStatus] = mapped_column(word(ContractStatus), default=ContractStatus.IN_PROGRESS)
    amount: Mapped[Amount]
    signed_on: Mapped[Day]
    recorded_on: Mapped[Day]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    signer_id: Mapped[int | None] = refers("users.id")
    signer_team_id: Mapped[int | None] = refers("teams.id")
    owner_id: Mapped[int | None] = refers("users.id")
    team_id: Mapped[int | None] = refers("teams.id")
    completed_on: Mapped[date | None]
    voided_on: Mapped[date | None]
    void_reason: Mapped[str] = mapped_column(String(2000), default="")
    is_imported: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    created_by_id: Mapped[int | None] = refers("users.id")

    customer: Mapped[Customer] = relationship(lazy="raise")
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id], lazy="raise")
    signer: Mapped[User | None] = relationship(foreign_keys=[signer_id], lazy="raise")
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id], lazy="raise")
    lines: Mapped[list["ContractLine"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    history: Mapped[list["ContractHistory"]] = relationship(lazy="raise", order_by="ContractHistory.seq")
    receipts: Mapped[list["Receipt"]] = relationship(lazy="raise", order_by="Receipt.received_on")
    plans: Mapped[list["PaymentPlan"]] = relationship(lazy="raise", order_by="PaymentPlan.revision")
    __table_args__ = (
        positive("amount"),
        CheckConstraint("(status = 'completed') = (completed_on is not null)", name="completed_dated"),
        CheckConstraint("(status = 'voided') = (voided_on is not null)", name="voided_dated"),
        CheckConstraint("ends_on is null or starts_on is null or ends_on >= starts_on", name="dates_in_order"),
        UniqueConstraint("external_system", "external_id"),
        Index(
            "uq_contracts_valid_per_opportunity", "opportunity_id", unique=True,
            sqlite_where=text("status <> 'voided'"), postgresql_where=text("status <> 'voided'"),
        ),
        Index("ix_contracts_signed_on", "signed_on", "id"),
        Index("ix_contracts_amount", "amount", "id"),
        Index("ix_contracts_status", "status", "id"),
        Index("ix_contracts_status_signed_on", "status", "signed_on", "id"),
        Index("ix_contracts_status_amount", "status", "amount", "id"),
        Index("ix_contracts_list", "team_id", "signed_on", "id", "status", "amount", "owner_id", "customer_id"),
        Index("ix_contracts_owner_id", "owner_id", "signed_on", "id", "status", "amount"),
        Index("ix_contracts_team_id", "team_id", "id"),
    )  # fmt: skip


class ContractLine(Since, Base):
    """What was sold: a product and its amount after discount. The lines of a contract, where stated, sum to its amount."""

    __tablename__ = "contract_lines"
    id: Mapped[Id]
    contract_id: Mapped[int] = refers("contracts.id", index=True)
    product_id: Mapped[int] = refers("products.id")
    amount: Mapped[Amount]
    __table_args__ = (UniqueConstraint("contract_id", "product_id"), positive("amount"))


class FormerContractLine(Former, Base):
    """A line as a contract had it before it was amended."""

    __tablename__ = "former_contract_lines"
    id: Mapped[Id]
    contract_id: Mapped[int] = refers("contracts.id")
    product_id: Mapped[int] = refers("products.id")
    amount: Mapped[Amount]
    __table_args__ = (UniqueConstraint("contract_id", "product_id", "since_seq"), positive("amount"), in_order())


class ContractHistory(Base):
    """One dated act on a contract: how it stood after it. `seq` counts from 1 within the contract."""

    __tablename__ = "contract_history"
    id: Mapped[Id]
    contract_id: Mapped[int] = refers("contracts.id")
    seq: Mapped[int]
    act: Mapped[ContractAct] = mapped_column(word(ContractAct))
    at: Mapped[Moment]
    day: Mapped[Day]
    recorded_on: Mapped[Day]
    by_id: Mapped[int | None] = refers("users.id")
    status: Mapped[ContractStatus] = mapped_column(word(ContractStatus))
    amount: Mapped[Amount]
    owner_id: Mapped[int | None] = refers("users.id")
    team_id: Mapped[int | None] = refers("teams.id")
    reason: Mapped[str] = mapped_column(String(2000), default="")
    __table_args__ = (UniqueConstraint("contract_id", "seq"), positive("seq"))


class PaymentPlan(Base):
    """One version of a payment plan, of a quote or of a contract; the newest holds from `day` on, earlier days keep what was.

    One that is only proposed never holds. It waits as long as it is the newest and nobody has declined it.
    """

    __tablename__ = "payment_plans"
    id: Mapped[Id]
    contract_id: Mapped[int | None] = refers("contracts.id")
    quote_id: Mapped[int | None] = refers("quotes.id", index=True)
    revision: Mapped[int]
    day: Mapped[Day]
    recorded_on: Mapped[Day]
    at: Mapped[Moment]
    by_id: Mapped[int | None] = refers("users.id")
    reason: Mapped[str] = mapped_column(String(2000), default="")
    proposed: Mapped[bool] = mapped_column(default=False)
    declined_at: Mapped[datetime | None] = mapped_column(Instant)
    declined_by_id: Mapped[int | None] = refers("users.id")
    decline_reason: Mapped[str] = mapped_column(String(2000), default="")
    instalments: Mapped[list["Instalment"]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="Instalment.no")
    __table_args__ = (
        CheckConstraint("(contract_id is null) <> (quote_id is null)", name="one_subject"),
        CheckConstraint("declined_at is null or proposed", name="declined_proposal"),
        CheckConstraint("(declined_at is null) = (decline_reason = '')", name="decline_explained"),
        UniqueConstraint("contract_id", "revision"),
    )


class Instalment(Base):
    """One instalment of a plan's version; `no` names it across versions. `contract_id` repeats the plan's, for the change log."""

    __tablename__ = "instalments"
    id: Mapped[Id]
    plan_id: Mapped[int] = refers("payment_plans.id")
    contract_id: Mapped[int | None] = refers("contracts.id", index=True)
    no: Mapped[int]
    due_on: Mapped[Day]
    amount: Mapped[Amount]
    condition: Mapped[str] = mapped_column(String(500), default="")
    __table_args__ = (UniqueConstraint("plan_id", "no"), positive("amount"), CheckConstraint("no > 0", name="no_from_one"))


class Receipt(Imported, Versioned, Base):
    """收款记录: money received, or a refund as a negative amount. A cancelled one stays and does not count from its day on."""

    __tablename__ = "receipts"
    id: Mapped[Id]
    contract_id: Mapped[int] = refers("contracts.id")
    received_on: Mapped[Day]
    recorded_on: Mapped[Day]
    amount: Mapped[Amount]
    method: Mapped[PaymentMethod] = mapped_column(word(PaymentMethod), default=PaymentMethod.TRANSFER)
    note: Mapped[str] = mapped_column(String(2000), default="")
    is_prepayment: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    created_by_id: Mapped[int | None] = refers("users.id")
    cancelled_on: Mapped[date | None]
    cancelled_by_id: Mapped[int | None] = refers("users.id")
    cancel_reason: Mapped[str] = mapped_column(String(2000), default="")
    named: Mapped[list["ReceiptInstalment"]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="ReceiptInstalment.no")
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint("amount > 0 or note <> ''", name="refund_explained"),
        CheckConstraint("(cancelled_on is null) = (cancel_reason = '')", name="cancel_explained"),
        UniqueConstraint("external_system", "external_id"),
        Index("ix_receipts_received_on", "received_on", "id"),
        Index("ix_receipts_contract_id", "contract_id", "cancelled_on", "amount"),
    )


class ReceiptInstalment(Base):
    """An instalment that a receipt names, by its number within the contract. `contract_id` repeats the receipt's, for the change log."""

    __tablename__ = "receipt_instalments"
    receipt_id: Mapped[int] = refers("receipts.id", primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contract_id: Mapped[int] = refers("contracts.id", index=True)


class Cost(Imported, Versioned, Base):
    """支出 of a contract."""

    __tablename__ = "costs"
    id: Mapped[Id]
    contract_id: Mapped[int] = refers("contracts.id", index=True)
    category_id: Mapped[int] = refers("cost_categories.id")
    paid_on: Mapped[Day]
    recorded_on: Mapped[Day]
    amount: Mapped[Amount]
    note: Mapped[str] = mapped_column(String(2000), default="")
    created_at: Mapped[Moment]
    created_by_id: Mapped[int | None] = refers("users.id")
    cancelled_on: Mapped[date | None]
    cancel_reason: Mapped[str] = mapped_column(String(2000), default="")
    __table_args__ = (positive("amount"), UniqueConstraint("external_system", "external_id"))


class Invoice(Versioned, Base):
    """开票: listed, not a receivable. A cancelled one stays; its number is never given again."""

    __tablename__ = "invoices"
    id: Mapped[Id]
    contract_id: Mapped[int] = refers("contracts.id", index=True)
    number: Mapped[Short] = mapped_column(unique=True)
    invoiced_on: Mapped[Day]
    amount: Mapped[Amount]
    file_id: Mapped[int | None] = refers("files.id")
    created_at: Mapped[Moment]
    created_by_id: Mapped[int | None] = refers("users.id")
    cancelled_on: Mapped[date | None]
    cancel_reason: Mapped[str] = mapped_column(String(2000), default="")


class File(Base):
    """An uploaded file: stored under a random name, told by its content. It belongs to one record (`subject`, `subject_id`)."""

    __tablename__ = "files"
    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    stored_name: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Name]
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[Moment]
    uploaded_by_id: Mapped[int | None] = refers("users.id")
    __table_args__ = (Index("ix_files_subject", "subject", "subject_id"), positive("size"))
