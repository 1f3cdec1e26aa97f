"""What Wang's lines come to, and whose word it takes."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from crm.money import from_cents
from crm.rules.quotes import Line, Prices, line_amount, more_off, needs_executive, total

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
