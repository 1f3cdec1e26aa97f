"""Tables only: what is kept, and the constraints that hold whatever the code does. Rules live in `crm.rules`, acts in `crm.services`."""

from crm.models.base import Base
from crm.models.contracts import (
    Contract,
    ContractHistory,
    ContractLine,
    Cost,
    File,
    FormerContractLine,
    Instalment,
    Invoice,
    PaymentPlan,
    Receipt,
    ReceiptInstalment,
)
from crm.models.customers import Assignment, Contact, Customer, Erasure
from crm.models.leads import Claim, Lead, LeadNote
from crm.models.master import (
    Campaign,
    ClosedMonth,
    CompanySettings,
    CompetitionFactor,
    Competitor,
    CompetitorAlias,
    CostCategory,
    FollowUpMethod,
    LeadSource,
    LossReason,
    Product,
    SalesTarget,
    SettingVersion,
    Stage,
    StageVersion,
)
from crm.models.opportunities import (
    Comment,
    CompetitionRecord,
    CompetitionRecordFactor,
    FollowUp,
    FollowUpVersion,
    FormerOpportunityLine,
    Opportunity,
    OpportunityHistory,
    OpportunityLine,
    OpportunityReader,
)
from crm.models.people import (
    Department,
    Deputy,
    Notification,
    SavedView,
    SignInAttempt,
    Team,
    TeamMembership,
    User,
    UserRole,
    UserStrength,
)
from crm.models.quotes import Quote, QuoteLine
from crm.models.records import AuditEntry, AuditSeal, Change, ImportedRecord, ImportLayout, ImportRun, Submission

__all__ = [
    "Assignment", "AuditEntry", "AuditSeal", "Base", "Campaign", "Change", "Claim", "ClosedMonth", "Comment", "CompanySettings",
    "CompetitionFactor", "CompetitionRecord", "CompetitionRecordFactor", "Competitor", "CompetitorAlias", "Contact", "Contract",
    "ContractHistory", "ContractLine", "Cost", "CostCategory", "Customer", "Department", "Deputy", "Erasure", "File", "FollowUp",
    "FollowUpMethod", "FollowUpVersion", "FormerContractLine", "FormerOpportunityLine", "ImportLayout", "ImportRun", "ImportedRecord",
    "Instalment", "Invoice", "Lead", "LeadNote", "LeadSource", "LossReason", "Notification", "Opportunity", "OpportunityHistory",
    "OpportunityLine", "OpportunityReader",
    "PaymentPlan", "Product", "Quote", "QuoteLine", "Receipt", "ReceiptInstalment", "SalesTarget", "SavedView", "SettingVersion",
    "SignInAttempt", "Stage", "StageVersion", "Submission", "Team", "TeamMembership", "User", "UserRole", "UserStrength",
]  # fmt: skip
