"""What people did and what it brought: beginnings, follow-ups, receipts, lines sold, accounts of contracts."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from crm.vocabulary import ContractStatus, Kind
from tests.reports.oracle import standing
from tests.reports.oracle.books import Books, Row
from tests.reports.oracle.coins import ZERO
from tests.reports.oracle.facts import ONE, Fact, contained, contract_place, products_of, receivables
from tests.reports.oracle.standing import CENT
from tests.reports.oracle.windows import Window


def begun(books: Books, at: Window) -> Iterator[Fact]:
    """Opportunities created in the period, credited to the first team and rep that each came to."""
    for row in books.opportunities:
        first = books.opportunity_acts[row.id][0]
        if not at.holds(row.created_on) or not at.sees(row.created_on, first.recorded_on):
            continue
        seen = [act for act in books.opportunity_acts[row.id] if not at.past or at.sees(act.day, act.recorded_on)]
        place = {
            "team": row.first_team_id if any(act.team_id for act in seen) else None,
            "rep": row.first_owner_id if any(act.owner_id for act in seen) else None,
            "source": row.source_id, "campaign": row.campaign_id, "customer": row.customer_id, "month": row.created_on.replace(day=1),
        }  # fmt: skip
        adds = {"new_count": ONE, "new_amount": first.amount or ZERO}
        yield Fact(Kind.OPPORTUNITY, place, adds, contained(books, row, at))


def follow_ups(books: Books, at: Window) -> Iterator[Fact]:
    """Follow-ups written in the period, a deed of their writer."""
    for row in books.opportunities:
        for said in books.follow_ups[row.id]:
            if at.holds(said.day) and at.sees(said.day, said.recorded_on):
                place = {
                    "team": said.team_id, "rep": said.by_id, "source": row.source_id, "campaign": row.campaign_id,
                    "customer": row.customer_id, "month": said.day.replace(day=1),
                }  # fmt: skip
                yield Fact(Kind.FOLLOW_UP, place, {"followup_count": ONE}, contained(books, row, at))


def signer(row: Row) -> dict[str, Any]:
    """Where a contract's deeds belong."""
    return contract_place(row) | {"team": row.signer_team_id, "rep": row.signer_id}


def receipts(books: Books, at: Window) -> Iterator[Fact]:
    """Money that came in or went back in the period, credited to the contract's signer."""
    for row in books.contracts:
        for coin in standing.coins(books, row.id, at):
            if at.holds(coin.day):
                place = signer(row) | {"month": coin.day.replace(day=1)}
                yield Fact(Kind.RECEIPT, place, {"received_amount": coin.amount}, products_of(books.contract_lines[row.id]))


def sold(books: Books, at: Window) -> Iterator[Fact]:
    """Contracts signed in the period by their lines; what the lines do not state is of no product."""
    for row in books.contracts:
        stood = standing.contract(books, row, at)
        if stood and stood.valid and at.holds(row.signed_on):
            lines = standing.contract_lines(books, row.id, at)
            for product, part in parts({line.product_id: line.amount for line in lines}, stood.amount).items():
                yield Fact(Kind.CONTRACT, signer(row) | {"product": product}, {"sold_amount": part}, products_of(lines))


def parts(lines: Mapping[int, Decimal], amount: Decimal) -> dict[int | None, Decimal]:
    """An amount in proportion to lines, to the cent, the cents left over where most was cut off; as it is where there are none."""
    total = sum(lines.values())
    if not total:
        return {None: amount}
    exact = {product: amount * line / total for product, line in sorted(lines.items())}
    cut: dict[int | None, Decimal] = {product: part.quantize(CENT, "ROUND_DOWN") for product, part in exact.items()}
    left = int((amount - sum(cut.values())) / CENT)
    for product in sorted(exact, key=lambda product: (cut[product] - exact[product], product))[:left]:
        cut[product] += CENT
    return cut


def accounts(books: Books, at: Window) -> Iterator[Fact]:
    """Contracts on which something came in during the period, or is outstanding at the end of the state day; at their carer's."""
    for row in books.contracts:
        stood = standing.contract(books, row, at)
        if not stood or not stood.valid:
            continue
        received, coins = standing.received(books, row.id, at), standing.coins(books, row.id, at)
        owes = stood.status is ContractStatus.IN_PROGRESS and received < stood.amount
        place = contract_place(row) | {"team": stood.team, "rep": stood.carer}
        products = products_of(books.contract_lines[row.id])
        if owes or any(at.holds(coin.day) for coin in coins):
            came = [coin.day for coin in coins if coin.amount > 0]
            last = {"last_receipt_on": max(came)} if came else {}
            yield Fact(Kind.CONTRACT, place, {"contract_amount": stood.amount, "received_to_date": received}, products, most=last)
        if owes:
            yield Fact(Kind.CONTRACT, place, {"outstanding_amount": stood.amount - received, "owing_count": ONE}, products)
        if stood.status is ContractStatus.IN_PROGRESS:
            adds = {"overdue_amount": receivables(books, row.id, at)["overdue_amount"]}
            yield Fact(Kind.PAYMENT_PLAN, place, adds, products)
        for instalment in standing.plan(books, row.id, at):
            if at.first <= instalment.due_on <= at.last:
                due = place | {"month": instalment.due_on.replace(day=1)}
                yield Fact(Kind.PAYMENT_PLAN, due, {"due_in_period": instalment.amount}, products)
