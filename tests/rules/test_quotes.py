"""What Wang's lines come to, and whose word it takes."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from crm.money import from_cents
from crm.rules.quotes import Line, Prices, approver, below_list, line_amount, more_off, needs_executive, standing, tax_within, total
from crm.vocabulary import QuoteStatus, Role

D = Decimal
SERVER = 7

LINES = st.lists(
    st.builds(
        Line,
        product_id=st.just(SERVER),
        quantity=st.integers(1, 10**9).map(lambda milli: D(milli).scaleb(-3)),
        unit_price=st.integers(0, 10**11).map(from_cents),
        discount=st.integers(0, 10_000).map(lambda bp: D(bp).scaleb(-4)),
    ),
    max_size=6,
)


def a_line(price: str, discount: str = "0", quantity: str = "1") -> Line:
    return Line(SERVER, D(quantity), D(price), D(discount))


def test_a_line_is_rounded_once_half_up():
    assert line_amount(a_line("99.99", "0.15", "3")) == D("254.97")  # 254.9745
    assert line_amount(a_line("0.01", "0.50")) == D("0.01")  # 0.005
    assert line_amount(a_line("1.00", quantity="0.333")) == D("0.33")


@given(LINES)
def test_a_quote_comes_to_the_sum_of_its_rounded_lines(lines):
    with localcontext() as context:
        context.prec = 60
        by_hand = [(q * p * (1 - d)).quantize(D("0.01"), ROUND_HALF_UP) for _, q, p, d in lines]
    assert [line_amount(line) for line in lines] == by_hand
    assert total(lines) == sum(by_hand, D("0.00"))


def test_five_percent_more_off_lowers_each_unit_price_and_rounds_it():
    assert more_off([a_line("99.99", "0.10", "2"), a_line("0.10")], 5) == [a_line("94.99", "0.10", "2"), a_line("0.10")]  # 94.9905, 0.095
    assert more_off([a_line("100.00")], D("2.5")) == [a_line("97.50")]


@given(LINES, st.integers(0, 100))
def test_more_off_never_makes_anything_dearer(lines, percent):
    lower = more_off(lines, percent)
    assert all(0 <= after.unit_price <= before.unit_price for before, after in zip(lines, lower, strict=True))
    assert total(lower) <= total(lines)


PRICES = {SERVER: Prices(list_price=D("1000.00"), floor_price=D("800.00"))}


def test_a_lead_approves_down_to_the_setting_and_the_executive_below():
    assert not needs_executive([a_line("1000.00", "0.15")], PRICES, D("0.15"))
    assert needs_executive([a_line("1000.00", "0.1501")], PRICES, D("0.15"))


def test_below_the_floor_price_the_executive_decides_whatever_the_setting():
    assert not needs_executive([a_line("1000.00", "0.20")], PRICES, D("0.50"))
    assert needs_executive([a_line("1000.00", "0.2001")], PRICES, D("0.50"))
    assert needs_executive([a_line("1000.00"), a_line("799.99")], PRICES, D("0.50"))


def test_a_lowered_unit_price_is_a_discount_like_any_other():
    decided = more_off([a_line("1000.00", "0.15")], 5)
    assert needs_executive(decided, PRICES, D("0.15"))
    assert not needs_executive([a_line("1100.00", "0.20")], PRICES, D("0.15"))


def test_a_quote_without_lines_asks_for_nobody():
    assert not needs_executive([], PRICES, D("0"))
    assert total([]) == D("0.00")


@given(LINES)
def test_more_off_never_raises_a_price_and_twice_is_no_less_than_once(lines):
    once, twice = more_off(lines, 5), more_off(more_off(lines, 5), 5)
    for before, after, again in zip(lines, once, twice, strict=True):
        assert again.unit_price <= after.unit_price <= before.unit_price
        assert abs(after.unit_price - before.unit_price * 95 / 100) <= D("0.005")


@given(st.lists(st.tuples(st.integers(0, 10**12).map(from_cents), st.integers(0, 10_000)), max_size=6))
def test_the_tax_within_and_what_is_without_make_the_whole(amounts):
    tax = tax_within(amounts)
    assert 0 <= tax <= sum(amount for amount, _rate in amounts)
    for amount, rate in amounts:
        part = tax_within([(amount, rate)])
        assert abs(part * (10_000 + rate) - amount * rate) <= D("0.005") * (10_000 + rate)


def test_whose_word_it_takes():
    assert approver(beyond_lead=False, leads_own=False) is Role.TEAM_LEAD
    assert {approver(beyond_lead=a, leads_own=b) for a, b in ((True, False), (False, True), (True, True))} == {Role.EXECUTIVE}


def test_an_approved_offer_expires_by_itself_and_nothing_else_does():
    last, after = date(2026, 11, 23), date(2026, 11, 24)
    assert standing(QuoteStatus.APPROVED, last, last) is QuoteStatus.APPROVED
    assert standing(QuoteStatus.APPROVED, last, after) is QuoteStatus.EXPIRED
    assert standing(QuoteStatus.APPROVED, None, after) is QuoteStatus.APPROVED
    for status in set(QuoteStatus) - {QuoteStatus.APPROVED}:
        assert standing(status, last, after) is status


def test_lin_reads_how_far_an_offer_is_below_the_list_whatever_way_it_got_there():
    listed = {SERVER: D("100")}
    assert below_list([a_line("100", "0.10"), a_line("80")], listed) == D("0.15")  # 170 of 200
    assert below_list([a_line("95", "0.05")], listed) == D("0.0975")
    assert below_list([a_line("110")], listed) == D("-0.1")
    assert below_list([], listed) is None
    assert below_list([a_line("5")], {SERVER: D("0")}) is None
