"""Rows of contracts and their money: lines, history, plans, receipts, costs, invoices."""

from collections.abc import Iterator

import numpy as np

from crm.bulk import chosen, days, flags, given, made, moments, same, whole
from crm.demo.calendar import NEVER, hours, instants
from crm.demo.company import Company
from crm.demo.contracts import ACT_AMENDED, ACT_VOIDED
from crm.demo.dice import Ints, draw, quota
from crm.demo.lists import words
from crm.demo.names import Words, texts
from crm.demo.payments import PREPAID
from crm.demo.people import FANG
from crm.demo.plans import AGREED, PROPOSED
from crm.demo.quotes import APPROVED, lines_of
from crm.demo.rows import Rows, reference, row_reference, table
from crm.demo.rows.sales import split
from crm.models import (
    Contract,
    ContractHistory,
    ContractLine,
    Cost,
    FormerContractLine,
    Instalment,
    Invoice,
    PaymentPlan,
    Receipt,
    ReceiptInstalment,
)
from crm.vocabulary import ContractAct, ContractStatus, PaymentMethod

OLD_SYSTEM = "旧合同系统"


def rows(company: Company) -> Iterator[Rows]:
    """Contracts, then their money."""
    yield _contracts(company)
    yield from _lines(company)
    yield _history(company)
    yield from _plans(company)
    yield _receipts(company)
    yield _named(company)
    yield _costs(company)
    yield _invoices(company)


def _contracts(company: Company) -> Rows:
    signed, acts, rng = company.contracts, company.contract_story, company.dice.of("contract rows")
    count, last, opportunity = len(signed), acts.last, signed.opportunity
    starts = signed.signed + rng.integers(0, 30, count)
    reasons = words("master")["notes"]["void"]
    voided = np.where(signed.voided > 0, rng.integers(0, len(reasons), count), NEVER)
    undated = rng.random(count) < 0.05
    external = np.where(signed.imported, np.arange(count), NEVER)
    return table(
        Contract, count, number=given(_numbers(signed.signed)), customer_id=reference(company.openings.customer[opportunity] + 1),
        opportunity_id=reference(opportunity + 1), quote_id=row_reference(np.where(signed.imported, NEVER, signed.quote)),
        source_id=reference(company.openings.source[opportunity]), campaign_id=reference(company.openings.campaign[opportunity]),
        status=chosen(list(ContractStatus), acts.status[last]), amount=whole(acts.amount[last]), signed_on=days(signed.signed),
        recorded_on=days(signed.recorded), starts_on=days(np.where(undated, NEVER, starts)),
        ends_on=days(np.where(undated, NEVER, starts + rng.integers(120, 760, count))), signer_id=reference(signed.signer),
        signer_team_id=reference(signed.signer_team), owner_id=reference(acts.owner[last]), team_id=reference(acts.team[last]),
        completed_on=days(company.completed), voided_on=days(signed.voided), void_reason=chosen(["", *reasons], voided + 1),
        is_imported=flags(signed.imported), external_system=chosen([OLD_SYSTEM], np.where(signed.imported, 0, NEVER)),
        external_id=made(lambda part: _external(external[part])), created_at=moments(_instants(signed.recorded, opportunity, 10)),
        created_by_id=reference(np.where(signed.imported, 0, signed.signer)), version=whole(acts.seq[last]),
    )  # fmt: skip


def _numbers(signed: Ints) -> list[str]:
    """HT2024-00017: the year of signing, and a running number in it."""
    running: dict[int, int] = {}
    numbers = []
    years = signed.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    for year in years.tolist():
        running[year] = running.get(year, 0) + 1
        numbers.append(f"HT{year}-{running[year]:05d}")
    return numbers


def _external(rows: Ints) -> Words:
    found = "LC-" + texts(rows + 100_000)
    found[rows < 0] = None
    return np.asarray(found)


def _instants(on: Ints, salt: Ints, rank: int) -> Ints:
    return instants(on, np.full(len(on), rank), salt)


def _lines(company: Company) -> Iterator[Rows]:
    """What was sold, after discount and amendments, and what it was before these; imported contracts do not say."""
    signed, offers, acts = company.contracts, company.offers, company.contract_story
    contract, line = lines_of(offers, signed.opportunity)
    kept = ~signed.imported[contract]
    contract, line = contract[kept], line[kept]
    sold = offers.amounts(line, offers.revisions[offers.opportunity[line]])
    total = signed.amended_to
    # lines of contracts that were never amended sum to the amount as they are
    amount = np.where((signed.amended > 0)[contract], split(contract, sold, np.where(signed.imported, 0, total)), sold)
    amended, seq = np.flatnonzero(acts.act == ACT_AMENDED), np.ones(len(signed), dtype=np.int64)
    seq[acts.contract[amended]] = acts.seq[amended]
    changed = np.flatnonzero(amount != sold)
    yield table(
        ContractLine, len(line), contract_id=reference(contract + 1), product_id=whole(offers.product[line]), amount=whole(amount),
        since_seq=whole(np.where(amount != sold, seq[contract], 1)),
    )  # fmt: skip
    yield table(
        FormerContractLine, len(changed), contract_id=reference(contract[changed] + 1), product_id=whole(offers.product[line[changed]]),
        amount=whole(sold[changed]), until_seq=whole(seq[contract[changed]]),
    )  # fmt: skip


def _history(company: Company) -> Rows:
    acts, rng = company.contract_story, company.dice.of("contract history")
    notes = words("master")["notes"]
    reasons = ["", *notes["amend"], *notes["void"]]
    amended = 1 + rng.integers(0, len(notes["amend"]), len(acts))
    voided = 1 + len(notes["amend"]) + rng.integers(0, len(notes["void"]), len(acts))
    reason = np.where(acts.act == ACT_AMENDED, amended, np.where(acts.act == ACT_VOIDED, voided, 0))
    return table(
        ContractHistory, len(acts), contract_id=reference(acts.contract + 1), seq=whole(acts.seq), act=chosen(list(ContractAct), acts.act),
        at=moments(instants(acts.recorded, np.minimum(acts.seq + 9, 29), company.contracts.opportunity[acts.contract])), day=days(acts.day),
        recorded_on=days(acts.recorded), by_id=reference(acts.by), status=chosen(list(ContractStatus), acts.status),
        amount=whole(acts.amount),
        owner_id=reference(acts.owner), team_id=reference(acts.team), reason=chosen(reasons, reason),
    )  # fmt: skip


def _plans(company: Company) -> Iterator[Rows]:
    """The contracts' plans, and a few that so far stand on a quote."""
    plans, signed, rng = company.plans, company.contracts, company.dice.of("plan rows")
    quoted = np.flatnonzero(quota(rng, (company.quotes.status == APPROVED), 0.1, 3))
    none = np.zeros(len(quoted), dtype=np.int64)
    contract = np.r_[plans.contract + 1, none]
    on, recorded = np.r_[plans.day, company.quotes.created[quoted]], np.r_[plans.recorded, company.quotes.created[quoted]]
    why = np.r_[plans.why, none + AGREED]
    signer = signed.signer[np.maximum(contract - 1, 0)]
    writer = np.where(contract > 0, signer, np.r_[plans.contract * 0, company.quotes.submitted_by[quoted]])
    notes = words("master")["notes"]["plan"]
    reason = np.where(why == AGREED, NEVER, rng.integers(0, len(notes), len(why)))
    yield table(
        PaymentPlan, len(contract), contract_id=reference(contract), quote_id=reference(np.r_[plans.contract * 0, quoted + 1]),
        revision=whole(np.r_[plans.revision, none + 1]), day=days(on), recorded_on=days(recorded),
        at=moments(_instants(recorded, contract, 14)),
        by_id=reference(np.where((why == AGREED) | (why == PROPOSED), writer, FANG)), reason=chosen(["", *notes], reason + 1),
        proposed=flags(why == PROPOSED),
    )  # fmt: skip
    halves = company.quotes.total[quoted]
    of_quotes = len(plans.contract) + np.repeat(np.arange(len(quoted)), 2)
    no = np.r_[plans.instalments.no, np.tile([1, 2], len(quoted))]
    due = np.r_[plans.instalments.due, (company.quotes.created[quoted][:, None] + np.array([40, 100])).ravel()]
    amount = np.r_[plans.instalments.amount, np.stack([halves // 2, halves - halves // 2], axis=1).ravel()]
    conditions = words("master")["notes"]["conditions"]
    yield table(
        Instalment, len(no), plan_id=reference(np.r_[plans.plan, of_quotes] + 1),
        contract_id=reference(np.r_[plans.instalments.contract + 1, of_quotes * 0]),
        no=whole(no), due_on=days(due), amount=whole(amount), condition=chosen(conditions, np.where(no <= 4, no - 1, 5)),
    )  # fmt: skip


def _receipts(company: Company) -> Rows:
    receipts, rng = company.receipts, company.dice.of("receipt rows")
    count, notes = len(receipts), words("master")["notes"]
    texts_of = ["", notes["refund"][0], notes["refund"][2], "合同作废，退还已收款项", "客户预付下期货款"]
    wrong = np.where(receipts.cancelled > 0, rng.integers(0, len(notes["cancel"]), count), NEVER)
    return table(
        Receipt, count, contract_id=reference(receipts.contract + 1), received_on=days(receipts.received),
        recorded_on=days(receipts.recorded),
        amount=whole(receipts.amount), method=chosen(list(PaymentMethod), draw(rng, (72, 18, 6, 2, 2), count)),
        note=chosen(texts_of, receipts.note), is_prepayment=flags(receipts.note == PREPAID),
        created_at=moments(_instants(receipts.recorded, receipts.contract, 16)), created_by_id=same(FANG),
        cancelled_on=days(receipts.cancelled),
        cancelled_by_id=reference(np.where(wrong >= 0, FANG, 0)), cancel_reason=chosen(["", *notes["cancel"]], wrong + 1),
        version=whole(1 + (wrong >= 0)),
    )  # fmt: skip


def _named(company: Company) -> Rows:
    """The instalments that receipts name."""
    receipts = company.receipts
    one, two = np.flatnonzero(receipts.named > 0), np.flatnonzero(receipts.named_too > 0)
    receipt, no = np.r_[one, two], np.r_[receipts.named[one], receipts.named_too[two]]
    order = np.lexsort((no, receipt))
    return table(
        ReceiptInstalment, len(receipt), receipt_id=reference(receipt[order] + 1), no=whole(no[order]),
        contract_id=reference(receipts.contract[receipt[order]] + 1),
    )  # fmt: skip


def _costs(company: Company) -> Rows:
    costs = company.costs
    return table(
        Cost, len(costs), contract_id=reference(costs.contract + 1), category_id=whole(costs.category), paid_on=days(costs.paid),
        recorded_on=days(costs.recorded), amount=whole(costs.amount), created_at=moments(_instants(costs.recorded, costs.contract, 18)),
        created_by_id=same(FANG), cancelled_on=days(costs.cancelled),
        cancel_reason=chosen(["", "重复录入"], (costs.cancelled > 0).astype(np.int64)), version=whole(1 + (costs.cancelled > 0)),
    )  # fmt: skip


def _invoices(company: Company) -> Rows:
    """One invoice over the first part, or over all."""
    signed, rng = company.contracts, company.dice.of("invoices")
    on = signed.recorded + rng.integers(3, 45, len(signed))
    rows = np.flatnonzero((on <= company.calendar.today) & (signed.voided < 0) & (rng.random(len(signed)) < 0.6))
    rows = rows[np.argsort(on[rows], kind="stable")]
    share = np.where(rng.random(len(rows)) < 0.4, 100, 30)
    numbers = texts(40_000_000 + np.arange(len(rows)) * 37)
    return table(
        Invoice, len(rows), contract_id=reference(rows + 1), number=given(numbers.tolist()), invoiced_on=days(on[rows]),
        amount=whole(signed.amount[rows] * share // 100), created_at=moments(hours(rng, on[rows])), created_by_id=same(FANG),
    )  # fmt: skip
