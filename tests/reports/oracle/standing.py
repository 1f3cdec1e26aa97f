"""How each record stood at the end of a day, read from its dated acts: nothing but the acts that are seen from there."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from crm.vocabulary import ContractAct, ContractStatus, OpportunityAct, OpportunityStatus
from tests.reports.oracle.books import Books, Row
from tests.reports.oracle.coins import ZERO, Coin, Planned, replay
from tests.reports.oracle.windows import Window

CENT = Decimal("0.01")
CLOSES = {OpportunityAct.WON, OpportunityAct.LOST, OpportunityAct.STOPPED, OpportunityAct.VOIDED}


def half_up(amount: Decimal) -> Decimal:
    """To the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Standing:
    """A contract at the end of a day."""

    status: ContractStatus
    amount: Decimal
    carer: int | None
    team: int | None

    @property
    def valid(self) -> bool:
        """Whether it counts as signed."""
        return self.status is not ContractStatus.VOIDED


def contract(books: Books, row: Row, at: Window) -> Standing | None:
    """A contract as it stood; none before it was signed."""
    acts = [act for act in books.contract_acts[row.id] if at.sees(act.day, act.recorded_on)]
    if not any(act.act is ContractAct.SIGNED for act in acts):
        return None
    amount = [act.amount for act in acts if act.act in (ContractAct.SIGNED, ContractAct.AMENDED)][-1]
    held = [act for act in acts if act.act in (ContractAct.SIGNED, ContractAct.CARER)][-1]
    status = [act.status for act in acts if act.act in (ContractAct.SIGNED, ContractAct.COMPLETED, ContractAct.VOIDED)][-1]
    return Standing(status, amount, held.owner_id, held.team_id)


def opportunity(books: Books, row: Row, at: Window) -> Row | None:
    """The last act of an opportunity that is seen: it says how the opportunity stood."""
    acts = [act for act in books.opportunity_acts[row.id] if at.sees(act.day, act.recorded_on)]
    return acts[-1] if acts else None


def opportunity_lines(books: Books, opportunity_id: int, at: Window) -> list[Row]:
    """An opportunity's lines at the end of a day; on days before its first act, those of the first day."""
    acts = books.opportunity_acts[opportunity_id]
    seen = [act for act in acts if at.sees(act.day, act.recorded_on)]
    if not seen:
        begins = min(known(act, at) for act in acts)
        seen = [act for act in acts if known(act, at) == begins]
    return _lines_after(seen[-1].seq, books.opportunity_lines[opportunity_id], books.former_opportunity_lines[opportunity_id])


def contract_lines(books: Books, contract_id: int, at: Window) -> list[Row]:
    """A contract's lines at the end of a day on which it stands: as it was signed, or amended last."""
    acts = [act for act in books.contract_acts[contract_id] if at.sees(act.day, act.recorded_on)]
    last = [act for act in acts if act.act in (ContractAct.SIGNED, ContractAct.AMENDED)][-1]
    return _lines_after(last.seq, books.contract_lines[contract_id], books.former_contract_lines[contract_id])


def known(act: Row, at: Window) -> date:
    """The day from which on an act is there."""
    day: date = max(act.day, act.recorded_on) if at.past else act.day
    return day


def _lines_after(seq: int, lines: list[Row], former: list[Row]) -> list[Row]:
    """The lines as they stood after an act."""
    return [line for line in lines if line.since_seq <= seq] + [line for line in former if line.since_seq <= seq < line.until_seq]


@dataclass(frozen=True)
class Closing:
    """The act by which an opportunity was closed, and the stage that it had before."""

    act: Row
    stage: int


def closing(books: Books, row: Row, at: Window) -> Closing | None:
    """How an opportunity is closed, if it is: by its last closing that was not undone."""
    closed: Closing | None = None
    seen: Row | None = None
    for before, act in pairwise([None, *books.opportunity_acts[row.id]]):
        if not at.sees(act.day, act.recorded_on):
            continue
        if act.status is OpportunityStatus.FOLLOWING:
            closed = None
        elif seen is None or act.act in CLOSES or act.status is not seen.status:
            closed = Closing(act, before.stage_id if before else act.stage_id)
        seen = act
    return closed


def probability(books: Books, stage_id: int, day: date) -> Decimal:
    """How likely a stage's opportunities were held to be won, that day."""
    versions = sorted(books.stage_versions[stage_id], key=lambda version: version.valid_from)
    held = [version for version in versions if version.valid_from <= day] or versions[:1]
    return Decimal(held[-1].probability_bp) / 10_000


def counts(row: Row, day: date, at: Window) -> bool:
    """Whether a receipt or cost of that day counts: a mistyped one stands until its day in the past's eyes, and never in today's."""
    if not at.sees(day, row.recorded_on):
        return False
    return row.cancelled_on is None or (at.past and row.cancelled_on > at.state)


def coins(books: Books, contract_id: int, at: Window) -> list[Coin]:
    """What had come in and gone back."""
    return [
        Coin(row.received_on, row.id, row.amount, frozenset(named.no for named in books.named[row.id]))
        for row in books.receipts[contract_id]
        if counts(row, row.received_on, at)
    ]


def received(books: Books, contract_id: int, at: Window) -> Decimal:
    """What had come in, less what had gone back."""
    return sum((coin.amount for coin in coins(books, contract_id, at)), ZERO)


def spent(books: Books, contract_id: int, at: Window) -> dict[int, Decimal]:
    """Costs by category."""
    found: dict[int, Decimal] = {}
    for row in books.costs[contract_id]:
        if counts(row, row.paid_on, at):
            found[row.category_id] = found.get(row.category_id, ZERO) + row.amount
    return found


def plan(books: Books, contract_id: int, at: Window) -> list[Planned]:
    """The payment plan in force; empty where there was none."""
    versions = [row for row in books.plans[contract_id] if not row.proposed and at.sees(row.day, row.recorded_on)]
    if not versions:
        return []
    newest = max(versions, key=lambda row: row.revision)
    return [Planned(row.no, row.due_on, row.amount) for row in books.instalments[newest.id]]


def unpaid(books: Books, contract_id: int, at: Window) -> list[tuple[int, date, Decimal, Decimal]]:
    """Number, due date, amount and open part of each instalment of the plan in force."""
    instalments = plan(books, contract_id, at)
    purse = replay(instalments, coins(books, contract_id, at))
    return [(instalment.no, instalment.due_on, instalment.amount, purse.open(instalment)) for instalment in instalments]
