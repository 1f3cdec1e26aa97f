"""Fang keeps the books of a contract: what she may enter, and when it may end."""

from datetime import date
from decimal import Decimal

import pytest

from crm.rules import contracts
from crm.rules.contracts import (
    ContractCannotMove,
    InstalmentNamedTwice,
    InstalmentNotPositive,
    MoneyReceived,
    MonthIsClosed,
    MoreThanOutstanding,
    NothingReceived,
    PlanDoesNotSum,
    RefundMoreThanReceived,
    SomethingOutstanding,
)
from crm.vocabulary import ContractStatus

D = Decimal
IN_PROGRESS, COMPLETED, VOIDED = ContractStatus.IN_PROGRESS, ContractStatus.COMPLETED, ContractStatus.VOIDED
AMOUNT = D("100.00")


def test_every_state_has_its_row():
    assert set(contracts.MOVES) == set(ContractStatus)


def test_a_contract_is_completed_when_all_has_come_in():
    contracts.check_complete(IN_PROGRESS, AMOUNT, AMOUNT)
    contracts.check_complete(IN_PROGRESS, AMOUNT, D("120.00"))
    with pytest.raises(SomethingOutstanding) as error:
        contracts.check_complete(IN_PROGRESS, AMOUNT, D("99.99"))
    assert error.value.values == {"outstanding": D("0.01")}


def test_a_contract_is_voided_when_all_has_been_given_back():
    contracts.check_void(IN_PROGRESS, D("0.00"))
    with pytest.raises(MoneyReceived):
        contracts.check_void(IN_PROGRESS, D("0.01"))


@pytest.mark.parametrize("ended", [COMPLETED, VOIDED])
def test_what_has_ended_does_not_end_again(ended):
    with pytest.raises(ContractCannotMove):
        contracts.check_complete(ended, AMOUNT, AMOUNT)
    with pytest.raises(ContractCannotMove):
        contracts.check_void(ended, D("0.00"))


def test_a_plan_sums_to_the_contract_to_the_cent():
    contracts.check_plan([(1, D("33.33")), (2, D("66.67"))], AMOUNT)
    with pytest.raises(PlanDoesNotSum) as error:
        contracts.check_plan([(1, D("33.33")), (2, D("66.66"))], AMOUNT)
    assert error.value.values == {"planned": D("99.99"), "amount": AMOUNT, "difference": D("0.01")}
    with pytest.raises(PlanDoesNotSum):
        contracts.check_plan([], AMOUNT)


def test_an_instalment_asks_for_money_and_has_its_own_number():
    with pytest.raises(InstalmentNotPositive):
        contracts.check_plan([(1, AMOUNT), (2, D("0.00"))], AMOUNT)
    with pytest.raises(InstalmentNotPositive):
        contracts.check_plan([(1, D("150.00")), (2, D("-50.00"))], AMOUNT)
    with pytest.raises(InstalmentNamedTwice):
        contracts.check_plan([(1, D("50.00")), (1, D("50.00"))], AMOUNT)


def test_more_than_is_outstanding_needs_fangs_word():
    contracts.check_receipt(D("40.00"), AMOUNT, D("60.00"), is_prepayment=False)
    with pytest.raises(MoreThanOutstanding):
        contracts.check_receipt(D("40.01"), AMOUNT, D("60.00"), is_prepayment=False)
    with pytest.raises(MoreThanOutstanding):
        contracts.check_receipt(D("0.01"), AMOUNT, D("130.00"), is_prepayment=False)
    contracts.check_receipt(D("40.01"), AMOUNT, D("60.00"), is_prepayment=True)


def test_nobody_gives_back_what_has_not_come_in():
    contracts.check_receipt(D("-60.00"), AMOUNT, D("60.00"), is_prepayment=False)
    with pytest.raises(RefundMoreThanReceived):
        contracts.check_receipt(D("-60.01"), AMOUNT, D("60.00"), is_prepayment=True)
    with pytest.raises(NothingReceived):
        contracts.check_receipt(D("0.00"), AMOUNT, D("60.00"), is_prepayment=False)


def test_a_closed_month_takes_nothing():
    closed = {date(2025, 2, 1)}
    contracts.check_month_open(date(2025, 3, 1), closed)
    with pytest.raises(MonthIsClosed):
        contracts.check_month_open(date(2025, 2, 28), closed)
