"""Receipts and instalments, told again from the words: coin after coin, nothing clever.

Receipts in order of date, on one day receipts before refunds, then id. A receipt that names instalments pays them up to their open
parts, the rest goes to the oldest open one, what is left is prepaid. A refund takes back from its named instalment, else from what is
prepaid, else from the latest payments. What is given back before it came in is made good first.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Planned:
    """An instalment of the plan in force."""

    no: int
    due_on: date
    amount: Decimal


@dataclass(frozen=True)
class Coin:
    """A receipt, or below zero a refund, with the numbers of the instalments that it names."""

    day: date
    id: int
    amount: Decimal
    named: frozenset[int] = frozenset()


@dataclass
class Purse:
    """What has been paid on each instalment, payment by payment, and what no instalment has taken up."""

    plan: list[Planned]
    payments: list[list[object]] = field(default_factory=list)
    prepaid: Decimal = ZERO

    def paid(self, no: int) -> Decimal:
        """What stands on an instalment."""
        return sum((amount for on, amount in self.payments if on == no), ZERO)  # type: ignore[misc]

    def open(self, instalment: Planned) -> Decimal:
        """What an instalment still waits for."""
        return instalment.amount - self.paid(instalment.no)

    def receive(self, coin: Coin) -> None:
        """Money comes in."""
        owed = min(coin.amount, max(-self.prepaid, ZERO))
        self.prepaid += owed
        left = coin.amount - owed
        oldest_first = sorted(self.plan, key=lambda instalment: (instalment.due_on, instalment.no))
        for instalment in [i for i in oldest_first if i.no in coin.named] + oldest_first:
            part = min(left, self.open(instalment))
            if part > 0:
                self.payments.append([instalment.no, part])
                left -= part
        self.prepaid += left

    def give_back(self, coin: Coin) -> None:
        """Money goes out again."""
        left = self._take_back(-coin.amount, coin.named)
        from_prepaid = max(min(left, self.prepaid), ZERO)
        self.prepaid -= from_prepaid
        left = self._take_back(left - from_prepaid, frozenset(i.no for i in self.plan))
        self.prepaid -= left

    def _take_back(self, left: Decimal, numbers: frozenset[int]) -> Decimal:
        for payment in reversed(self.payments):
            if payment[0] in numbers:
                part = min(left, payment[1])  # type: ignore[call-overload]
                payment[1] -= part  # type: ignore[operator]
                left -= part
        return left


def replay(plan: list[Planned], coins: list[Coin]) -> Purse:
    """What stands on each instalment after all these receipts and refunds."""
    purse = Purse(plan)
    for coin in sorted(coins, key=lambda coin: (coin.day, coin.amount < 0, coin.id)):
        if coin.amount > 0:
            purse.receive(coin)
        else:
            purse.give_back(coin)
    return purse
