"""Quotes: the states of a revision, what lines cost, what "more off" means, and when the executive decides.

Prices include tax. Discounts are fractions (0.15 is 15 %) in `Decimal`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from crm import money
from crm.errors import CrmError
from crm.vocabulary import N_, QuoteStatus, Role

MOVES: Mapping[QuoteStatus, frozenset[QuoteStatus]] = {
    QuoteStatus.DRAFT: frozenset({QuoteStatus.SUBMITTED, QuoteStatus.SUPERSEDED}),
    QuoteStatus.SUBMITTED: frozenset({QuoteStatus.APPROVED, QuoteStatus.REJECTED}),
    QuoteStatus.REJECTED: frozenset({QuoteStatus.SUPERSEDED}),
    QuoteStatus.APPROVED: frozenset({QuoteStatus.SIGNED, QuoteStatus.EXPIRED, QuoteStatus.SUPERSEDED}),
    QuoteStatus.EXPIRED: frozenset({QuoteStatus.SUPERSEDED}),
    QuoteStatus.SUPERSEDED: frozenset(),
    QuoteStatus.SIGNED: frozenset(),
}
"""A newer revision supersedes; one that waits for a decision is decided first."""

EDITABLE = frozenset({QuoteStatus.DRAFT})
"""A decided quote is not edited but revised."""


class QuoteCannotMove(CrmError):
    """The table has no such move (`status`, `to`: QuoteStatus)."""

    message = N_("A quote that is “{status}” can't become “{to}”.")


class QuoteNotApproved(CrmError):
    """Only an approved quote can be signed."""

    message = N_("Only an approved quote can be signed; this one is “{status}”.")


class QuoteHasExpired(CrmError):
    """The day until which the offer held is past."""

    message = N_("This quote was valid until {valid_until}; revise it before signing.")


class QuoteNotEditable(CrmError):
    """What was submitted or decided stands as it is (`status`: QuoteStatus)."""

    message = N_("This quote is “{status}” and can't be edited; revise it instead.")


class WaitsForDecision(CrmError):
    """A submitted revision is approved or rejected before there is another."""

    message = N_("Revision {revision} of the quote waits for approval. It is decided first.")


class OwnQuote(CrmError):
    """Who made, submitted or owns it does not decide it."""

    message = N_("Nobody decides their own quote.")


class ExecutiveDecides(CrmError):
    """Too far below the list price, below a floor price, or a lead's own."""

    message = N_("This quote is approved by the executive: {why}.")


BELOW_LIMIT = N_("a price is below the floor price or the discount above the limit")
LEADS_OWN = N_("it is a team lead's own")


class Line(NamedTuple):
    """A product at a price: quantity (up to three places), unit price, discount as a fraction."""

    product_id: int
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = Decimal(0)


class Prices(NamedTuple):
    """What a product costs by the list, and the price below which only the executive may go."""

    list_price: Decimal
    floor_price: Decimal


def check_move(status: QuoteStatus, to: QuoteStatus) -> None:
    """Refuse a move that the table does not have."""
    if to not in MOVES[status]:
        raise QuoteCannotMove(status=status, to=to)


def check_signable(status: QuoteStatus, valid_until: date | None, day: date) -> None:
    """Refuse to sign, on `day`, what is not approved or no longer valid."""
    if status is QuoteStatus.EXPIRED or (status is QuoteStatus.APPROVED and is_expired(valid_until, day)):
        raise QuoteHasExpired(valid_until=valid_until)
    if status is not QuoteStatus.APPROVED:
        raise QuoteNotApproved(status=status)


def check_editable(status: QuoteStatus) -> None:
    """Refuse to edit what is no draft."""
    if status not in EDITABLE:
        raise QuoteNotEditable(status=status)


def check_superseded(status: QuoteStatus, revision: int) -> None:
    """Refuse a newer revision beside one that waits for its decision, or that was signed."""
    if status is QuoteStatus.SUBMITTED:
        raise WaitsForDecision(revision=revision)
    check_move(status, QuoteStatus.SUPERSEDED)


def standing(status: QuoteStatus, valid_until: date | None, day: date) -> QuoteStatus:
    """How a revision stands on `day`: an approved one expires by itself."""
    return QuoteStatus.EXPIRED if status is QuoteStatus.APPROVED and is_expired(valid_until, day) else status


def is_expired(valid_until: date | None, day: date) -> bool:
    """Whether `day` lies after the last day of the offer."""
    return valid_until is not None and day > valid_until


def line_amount(line: Line) -> Decimal:
    """Quantity × unit price × (1 − discount), half-up to the cent."""
    exact = Fraction(line.quantity) * _net_price(line) * 100
    return money.from_cents(money.half_up(exact.numerator, exact.denominator))


def total(lines: Iterable[Line]) -> Decimal:
    """What the quote comes to: the sum of its lines' rounded amounts."""
    return sum(map(line_amount, lines), money.ZERO)


def tax_within(amounts: Iterable[tuple[Decimal, int]]) -> Decimal:
    """The tax that amounts with their rates (in hundredths of a percent) include, each half-up to the cent."""
    return sum((_tax(amount, rate) for amount, rate in amounts), money.ZERO)


def _tax(amount: Decimal, rate_bp: int) -> Decimal:
    return money.from_cents(money.half_up(money.cents(amount) * rate_bp, 10_000 + rate_bp))


def more_off(lines: Iterable[Line], percent: Decimal | int) -> list[Line]:
    """The lines after a decision of `percent` % more off: each unit price × (1 − percent / 100), half-up to the cent."""
    return [line._replace(unit_price=money.percent_of(line.unit_price, 100 - percent)) for line in lines]


def below_list(lines: Sequence[Line], list_prices: Mapping[int, Decimal]) -> Decimal | None:
    """How far lines together are below what their products cost by the list, as a fraction; None where the list says nothing."""
    listed = sum((line.quantity * list_prices[line.product_id] for line in lines), Decimal(0))
    return 1 - total(lines) / listed if listed else None


def needs_executive(lines: Iterable[Line], prices: Mapping[int, Prices], limit: Decimal) -> bool:
    """Whether the company's head must approve: a line below its product's floor price, or further off its list price than `limit`.

    What counts is what the customer pays for one: a lowered unit price is a discount like any other. `prices` by product.
    """
    return any(_net_price(line) < _lowest_for_lead(prices[line.product_id], limit) for line in lines)


def approver(*, beyond_lead: bool, leads_own: bool) -> Role:
    """Whose word a quote needs: the team lead's, or the executive's (`beyond_lead`: what `needs_executive` says)."""
    return Role.EXECUTIVE if beyond_lead or leads_own else Role.TEAM_LEAD


def _net_price(line: Line) -> Fraction:
    """What one costs after the discount, unrounded."""
    return Fraction(line.unit_price) * (1 - Fraction(line.discount))


def _lowest_for_lead(prices: Prices, limit: Decimal) -> Fraction:
    """The lowest net price that a team lead may approve."""
    return max(Fraction(prices.floor_price), Fraction(prices.list_price) * (1 - Fraction(limit)))
