"""The words of the business: every closed set of values that code, database and screen share.

Each word is a lower-case English term (docs/glossary.md gives the Chinese label); the labels here are message ids that the
edge translates. Nothing in this module knows how a word is stored or shown.
"""

from collections.abc import Mapping
from enum import StrEnum, auto


def N_(message: str) -> str:  # noqa: N802  (the name that message extractors look for)
    """Mark `message` for the catalogue of translations; the text itself is unchanged."""
    return message


class Message(str):
    """A message id that stands as a value inside of another sentence, and is translated with it."""

    __slots__ = ()


class Role(StrEnum):
    """What a person is in the company; roles add up (permissions.py)."""

    REP = auto()
    TEAM_LEAD = auto()
    EXECUTIVE = auto()
    MARKETING = auto()
    FINANCE = auto()
    SERVICE = auto()
    ADMINISTRATOR = auto()


class Kind(StrEnum):
    """The kinds of record that permissions speak of."""

    LEAD = auto()
    CUSTOMER = auto()
    OPPORTUNITY = auto()
    FOLLOW_UP = auto()
    COMMENT = auto()
    QUOTE = auto()
    CONTRACT = auto()
    PAYMENT_PLAN = auto()
    RECEIPT = auto()
    COST = auto()
    PROBLEM = auto()
    COMPETITOR = auto()
    TARGET = auto()
    SOURCE = auto()
    MASTER = auto()
    AUDIT = auto()


class Reach(StrEnum):
    """How far a person's sight goes for one kind of record."""

    NOTHING = auto()
    OWN = auto()
    TEAMS = auto()
    COMPANY = auto()
    AGGREGATE = auto()


class Permission(StrEnum):
    """What may be done with a record within reach: the letters of the permission table, and the acts that are more than a letter."""

    READ = auto()
    CREATE = auto()
    UPDATE = auto()
    ASSIGN = auto()
    APPROVE = auto()
    EXPORT = auto()
    IMPORT = auto()
    REPLY = auto()
    CANCEL = auto()
    VOID = auto()
    CLOSE = auto()
    REOPEN = auto()
    DECIDE = auto()
    CONVERT = auto()
    COMPLETE = auto()
    AMEND = auto()
    SIGN = auto()
    SUBMIT = auto()
    PROPOSE = auto()
    GRANT = auto()
    PUBLISH = auto()
    MERGE = auto()
    ERASE = auto()
    DEPUTE = auto()


class LeadStatus(StrEnum):
    """A lead's state; the last two are final."""

    UNPROCESSED = auto()
    WORKING = auto()
    CONVERTED = auto()
    FAILED = auto()


class CustomerPlace(StrEnum):
    """Where a customer is: waiting for a team, waiting for a rep, or with one."""

    COMPANY_POOL = auto()
    TEAM_POOL = auto()
    WITH_REP = auto()


class Parting(StrEnum):
    """What becomes of the open work of somebody who changes team: it goes along with them, or stays with the old team."""

    GOES_ALONG = auto()
    STAYS = auto()


class OpportunityStatus(StrEnum):
    """An opportunity's status; only *following* is open."""

    FOLLOWING = auto()
    WON = auto()
    LOST = auto()
    STOPPED = auto()


class OpportunityAct(StrEnum):
    """What changed an opportunity: the kind of one line of its history."""

    CREATED = auto()
    ASSIGNED = auto()
    STAGE = auto()
    AMOUNT = auto()
    EXPECTED_CLOSE = auto()
    EDITED = auto()
    WON = auto()
    LOST = auto()
    STOPPED = auto()
    REOPENED = auto()
    VOIDED = auto()


class PipelineStep(StrEnum):
    """What changed what stands open with somebody, or the day on which it is expected."""

    NEW = auto()
    REOPENED = auto()
    GROWN = auto()
    SHRUNK = auto()
    WON = auto()
    LOST = auto()
    STOPPED = auto()
    RECEIVED = auto()
    GIVEN = auto()
    PULLED_IN = auto()
    PUSHED_OUT = auto()


class StageMeaning(StrEnum):
    """The two stages that the system sets itself."""

    QUOTED = auto()
    SIGNED = auto()


class LossKind(StrEnum):
    """Which closing a reason explains."""

    LOST = auto()
    STOPPED = auto()


class QuoteStatus(StrEnum):
    """The states of one revision of a quote."""

    DRAFT = auto()
    SUBMITTED = auto()
    APPROVED = auto()
    REJECTED = auto()
    SUPERSEDED = auto()
    SIGNED = auto()
    EXPIRED = auto()


class ContractStatus(StrEnum):
    """A contract's state."""

    IN_PROGRESS = auto()
    COMPLETED = auto()
    VOIDED = auto()


class InstalmentPhase(StrEnum):
    """How an instalment stands on a day. One partly paid past its due date is overdue."""

    PAID = auto()
    OVERDUE = auto()
    DUE = auto()
    PARTLY = auto()
    FUTURE = auto()


class ContractAct(StrEnum):
    """What changed a contract: the kind of one line of its history."""

    SIGNED = auto()
    AMENDED = auto()
    COMPLETED = auto()
    VOIDED = auto()
    CARER = auto()


class PlanAct(StrEnum):
    """What became of a contract's payment plan, or of one that was proposed."""

    MADE = auto()
    CHANGED = auto()
    PROPOSED = auto()
    TAKEN_UP = auto()
    DECLINED = auto()


class CommentKind(StrEnum):
    """What a comment is: advice, a question, a decision with a value, or an answer to one of these."""

    ADVICE = auto()
    QUESTION = auto()
    DECISION = auto()
    REPLY = auto()


class StrengthKind(StrEnum):
    """What a person is strong in: products, industries or regions."""

    PRODUCT = auto()
    INDUSTRY = auto()
    REGION = auto()


class CompetitionSide(StrEnum):
    """Whose advantage a factor on a competition record is."""

    STRENGTH = auto()
    WEAKNESS = auto()


class CompetitionOutcome(StrEnum):
    """What became of the competition with one competitor at one opportunity."""

    OPEN = auto()
    WON = auto()
    LOST = auto()
    LOST_OTHERWISE = auto()
    STOPPED = auto()


class ChannelKind(StrEnum):
    """Through what kind of channel a lead source brings leads."""

    ONLINE = auto()
    EVENT = auto()
    REFERRAL = auto()
    OUTBOUND = auto()
    PARTNER = auto()
    OTHER = auto()


class Standing(StrEnum):
    """Whether a value of a list of master data is offered."""

    IN_USE = auto()
    RETIRED = auto()


class PriceLevel(StrEnum):
    """Where a competitor's prices lie against ours."""

    LOWER = auto()
    SIMILAR = auto()
    HIGHER = auto()


class PaymentMethod(StrEnum):
    """How money came in."""

    TRANSFER = auto()
    ACCEPTANCE = auto()
    CHEQUE = auto()
    CASH = auto()
    OTHER = auto()


class TargetUnit(StrEnum):
    """Whose target a target record is."""

    COMPANY = auto()
    TEAM = auto()
    REP = auto()


class ImportStatus(StrEnum):
    """How an import ended."""

    DONE = auto()
    UNDONE = auto()


class AuditAct(StrEnum):
    """What an audit line tells of."""

    CREATED = auto()
    CHANGED = auto()
    DELETED = auto()
    SIGNED_IN = auto()
    SIGN_IN_REFUSED = auto()
    SIGNED_OUT = auto()
    REFUSED = auto()
    EXPORTED = auto()
    DOWNLOADED = auto()
    IMPORTED = auto()
    IMPORT_UNDONE = auto()


class Unit(StrEnum):
    """What a measure counts in, and so how it is written."""

    MONEY = auto()
    COUNT = auto()
    RATE = auto()
    DAYS = auto()
    DAY = auto()
    MOVE = auto()
    """Places gained (above zero) or lost: written with its sign."""


_LABELS: tuple[tuple[StrEnum, str], ...] = (
    (Role.REP, N_("Sales rep")),
    (Role.TEAM_LEAD, N_("Team lead")),
    (Role.EXECUTIVE, N_("Executive")),
    (Role.MARKETING, N_("Marketing")),
    (Role.FINANCE, N_("Finance")),
    (Role.SERVICE, N_("Service")),
    (Role.ADMINISTRATOR, N_("Administrator")),
    (LeadStatus.UNPROCESSED, N_("Unprocessed")),
    (LeadStatus.WORKING, N_("Working")),
    (LeadStatus.CONVERTED, N_("Converted")),
    (LeadStatus.FAILED, N_("Failed")),
    (CustomerPlace.COMPANY_POOL, N_("Company's pool")),
    (CustomerPlace.TEAM_POOL, N_("Team's pool")),
    (CustomerPlace.WITH_REP, N_("With a rep")),
    (Parting.GOES_ALONG, N_("Goes along to the new team")),
    (Parting.STAYS, N_("Stays with the old team")),
    (OpportunityStatus.FOLLOWING, N_("Following")),
    (OpportunityStatus.WON, N_("Won")),
    (OpportunityStatus.LOST, N_("Lost")),
    (OpportunityStatus.STOPPED, N_("Stopped")),
    (OpportunityAct.CREATED, N_("Created")),
    (OpportunityAct.ASSIGNED, N_("Assigned")),
    (OpportunityAct.STAGE, N_("Stage changed")),
    (OpportunityAct.AMOUNT, N_("Amount changed")),
    (OpportunityAct.EXPECTED_CLOSE, N_("Expected close date changed")),
    (OpportunityAct.EDITED, N_("Edited")),
    (OpportunityAct.WON, N_("Won by contract")),
    (OpportunityAct.LOST, N_("Marked as lost")),
    (OpportunityAct.STOPPED, N_("Marked as stopped")),
    (OpportunityAct.REOPENED, N_("Reopened")),
    (OpportunityAct.VOIDED, N_("Contract voided")),
    (QuoteStatus.DRAFT, N_("Draft")),
    (QuoteStatus.SUBMITTED, N_("Submitted")),
    (QuoteStatus.APPROVED, N_("Approved")),
    (QuoteStatus.REJECTED, N_("Rejected")),
    (QuoteStatus.SUPERSEDED, N_("Superseded")),
    (QuoteStatus.SIGNED, N_("Signed")),
    (QuoteStatus.EXPIRED, N_("Expired")),
    (ContractStatus.IN_PROGRESS, N_("In progress")),
    (ContractStatus.COMPLETED, N_("Completed")),
    (ContractStatus.VOIDED, N_("Voided")),
    (PipelineStep.NEW, N_("New in the pipeline")),
    (PipelineStep.REOPENED, N_("Reopened")),
    (PipelineStep.GROWN, N_("Grown")),
    (PipelineStep.SHRUNK, N_("Shrunk")),
    (PipelineStep.WON, N_("Won")),
    (PipelineStep.LOST, N_("Lost")),
    (PipelineStep.STOPPED, N_("Stopped")),
    (PipelineStep.RECEIVED, N_("Received from others")),
    (PipelineStep.GIVEN, N_("Given to others")),
    (PipelineStep.PULLED_IN, N_("Pulled in")),
    (PipelineStep.PUSHED_OUT, N_("Pushed out")),
    (InstalmentPhase.PAID, N_("Paid")),
    (InstalmentPhase.OVERDUE, N_("Past due")),
    (InstalmentPhase.DUE, N_("Falls due")),
    (InstalmentPhase.PARTLY, N_("Partly paid")),
    (InstalmentPhase.FUTURE, N_("Not due yet")),
    (ContractAct.SIGNED, N_("Contract signed")),
    (ContractAct.AMENDED, N_("Amended")),
    (ContractAct.COMPLETED, N_("Contract completed")),
    (ContractAct.VOIDED, N_("Contract voided")),
    (ContractAct.CARER, N_("Carer changed")),
    (PlanAct.MADE, N_("Payment plan made")),
    (PlanAct.CHANGED, N_("Payment plan changed")),
    (PlanAct.PROPOSED, N_("Payment plan proposed")),
    (PlanAct.TAKEN_UP, N_("Proposed payment plan taken up")),
    (PlanAct.DECLINED, N_("Proposed payment plan declined")),
    (PaymentMethod.TRANSFER, N_("Bank transfer")),
    (PaymentMethod.ACCEPTANCE, N_("Bank acceptance")),
    (PaymentMethod.CHEQUE, N_("Cheque")),
    (PaymentMethod.CASH, N_("Cash")),
    (PaymentMethod.OTHER, N_("Other method")),
    (CommentKind.ADVICE, N_("Advice")),
    (CommentKind.QUESTION, N_("Question")),
    (CommentKind.DECISION, N_("Decision")),
    (CommentKind.REPLY, N_("Reply")),
    (ChannelKind.ONLINE, N_("Online")),
    (ChannelKind.EVENT, N_("Event")),
    (ChannelKind.REFERRAL, N_("Referral")),
    (ChannelKind.OUTBOUND, N_("Outbound")),
    (ChannelKind.PARTNER, N_("Partner")),
    (ChannelKind.OTHER, N_("Other channel")),
    (Standing.IN_USE, N_("In use")),
    (Standing.RETIRED, N_("Retired")),
    (PriceLevel.LOWER, N_("Lower than ours")),
    (PriceLevel.SIMILAR, N_("Similar to ours")),
    (PriceLevel.HIGHER, N_("Higher than ours")),
    (CompetitionSide.STRENGTH, N_("Our strengths")),
    (CompetitionSide.WEAKNESS, N_("Our weaknesses")),
    (CompetitionOutcome.OPEN, N_("Undecided")),
    (CompetitionOutcome.WON, N_("We won")),
    (CompetitionOutcome.LOST, N_("Lost to them")),
    (CompetitionOutcome.LOST_OTHERWISE, N_("Lost, not to them")),
    (CompetitionOutcome.STOPPED, N_("Not pursued")),
    (AuditAct.CREATED, N_("Record created")),
    (AuditAct.CHANGED, N_("Record changed")),
    (AuditAct.DELETED, N_("Record deleted")),
    (AuditAct.SIGNED_IN, N_("Signed in")),
    (AuditAct.SIGN_IN_REFUSED, N_("Sign-in refused")),
    (AuditAct.SIGNED_OUT, N_("Signed out")),
    (AuditAct.REFUSED, N_("Act refused")),
    (AuditAct.EXPORTED, N_("Exported")),
    (AuditAct.DOWNLOADED, N_("Downloaded")),
    (AuditAct.IMPORTED, N_("Imported")),
    (AuditAct.IMPORT_UNDONE, N_("Import undone")),
    (TargetUnit.COMPANY, N_("Company")),
    (TargetUnit.TEAM, N_("Team")),
    (TargetUnit.REP, N_("Rep")),
    (LossKind.LOST, N_("Lost to")),
    (LossKind.STOPPED, N_("Stopped because")),
)

LABELS: Mapping[tuple[type[StrEnum], StrEnum], str] = {(type(word), word): text for word, text in _LABELS}
"""The message id that names each word on the screen, by its class too: a closing that was *lost* and a status *lost* are equal strings."""


def label(word: StrEnum) -> str:
    """The message id that names `word`; the word itself where it is never shown."""
    return LABELS.get((type(word), word), word.value)
