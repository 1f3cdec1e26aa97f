"""What a person may write into a cell, and what it then is: exactly that, or a reason."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import CrmError
from crm.importing import values
from crm.importing.faults import (
    BelowZero,
    ControlCharacter,
    NotAChoice,
    NotAnEmail,
    NotANumber,
    NotAPhone,
    NotWhole,
    NotYesOrNo,
    PercentOutOfRange,
    PercentUnclear,
    TextTooLong,
    TooLarge,
)
from crm.money import LARGEST, AmountTooFine, AmountTooLarge
from crm.rules.duplicates import name_key
from crm.vocabulary import OpportunityStatus


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1234.5", "1234.50"), ("1,234,567.89", "1234567.89"), ("１２３４．５", "1234.50"), ("￥1,234", "1234"), ("¥ 12", "12"),
        ("$5", "5"), ("5 €", "5"), ("RMB 5", "5"), ("CNY5.00", "5"), ("12元", "12"), ("12.5 元整", "12.5"), ("3.5万", "35000"),
        ("3.5万元", "35000"), ("1.2亿", "120000000"), ("200万", "2000000"), ("2百万", "2000000"), ("0", "0"), ("1 234.50", "1234.50"),
        ("1'234.50", "1234.50"), (".5", "0.50"), (1234, "1234"), (12.5, "12.50"), (0.1 + 0.2, "0.30"), (1e6, "1000000"), (" 7 ", "7"),
    ],
)  # fmt: skip
def test_an_amount_as_people_write_it(cell, amount):
    assert values.money(cell, ".") == Decimal(amount)


@pytest.mark.parametrize(("cell", "amount"), [("1.234,56", "1234.56"), ("1234,5", "1234.50"), ("1.234", "1234"), ("12 345,6", "12345.60")])
def test_a_decimal_comma_where_the_layout_says_so(cell, amount):
    assert values.money(cell, ",") == Decimal(amount)


@pytest.mark.parametrize("cell", ["(1,234.50)", "（1234.5）", "-1234.5", "−1234.50", "¥-1,234.5", "-¥1,234.5", "－１２３４．５"])
def test_a_negative_amount_counts_only_where_it_means_something(cell):
    assert values.money(cell, ".", signed=True) == Decimal("-1234.50")
    with pytest.raises(BelowZero):
        values.money(cell, ".")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("abc", NotANumber), ("1,23", NotANumber), ("1,2345", NotANumber), ("12,34,567", NotANumber), ("1.234,56", NotANumber),
        ("1.2.3", NotANumber), ("5.", NotANumber), ("(5", NotANumber), ("5)", NotANumber), ("1e5", NotANumber), ("NaN", NotANumber),
        ("inf", NotANumber), ("Infinity", NotANumber), ("0x10", NotANumber), ("1_000", NotANumber), ("五", NotANumber), ("1/2", NotANumber),
        ("9" * 100_000, NotANumber), ("%", NotANumber), (True, NotANumber), (date(2026, 3, 5), NotANumber),
        (float("nan"), NotANumber), (float("inf"), NotANumber),
        ("0.001", AmountTooFine), ("12.345", AmountTooFine), (12.345, AmountTooFine), ("1.23456万", None),
        ("9" * 30, AmountTooLarge), (1e300, AmountTooLarge), ("99999999亿", AmountTooLarge),
    ],
)  # fmt: skip
def test_no_amount_is_rounded_cut_or_guessed(cell, reason):
    if reason is None:
        assert values.money(cell, ".") == Decimal("12345.60")
        return
    with pytest.raises(reason):
        values.money(cell, ".")


def test_a_column_in_ten_thousands_is_multiplied_exactly():
    assert values.money("12.3456", ".", multiply=Decimal(10_000)) == Decimal("123456.00")


@given(st.decimals(min_value=-LARGEST, max_value=LARGEST, places=2))
def test_what_is_written_with_separators_is_read_to_the_cent(amount):
    assert values.money(f"{amount:,}", ".", signed=True) == amount
    assert values.money(f"{amount:,}".translate(str.maketrans(",.", ".,")), ",", signed=True) == amount
    assert values.money(f"¥{amount:,}", ".", signed=True) == amount


def outcome(read, cell):
    try:
        return read(cell)
    except CrmError as reason:
        return reason


@given(st.one_of(st.text(max_size=200), st.floats(), st.integers(), st.booleans(), st.dates()))
def test_whatever_is_in_a_cell_gives_a_value_or_a_reason(cell):
    for read in (
        lambda c: values.money(c, ".", signed=True),
        lambda c: values.integer(c, ","),
        lambda c: values.percent(c, "."),
        lambda c: values.text(c, 50),
        lambda c: values.name(c, 50),
        lambda c: values.phone(c, 40),
        lambda c: values.email(c, 254),
        lambda c: values.names(c, ";", 50),
        values.boolean,
    ):
        found = outcome(read, cell)
        assert found is not None
        assert not isinstance(found, CrmError) or str(found)


@pytest.mark.parametrize(
    ("cell", "share"),
    [("18%", "0.18"), ("１８％", "0.18"), ("100%", "1"), ("1%", "0.01"), ("13", "0.13"), (0.13, "0.13"), ("0", "0"), ("0.5%", "0.005")],
)
def test_a_percentage_with_or_without_its_sign(cell, share):
    assert values.percent(cell, ".") == Decimal(share)


def test_a_one_may_be_one_percent_or_all_of_it():
    with pytest.raises(PercentUnclear):
        values.percent("1", ".")
    with pytest.raises(PercentOutOfRange):
        values.percent("101%", ".")
    with pytest.raises(PercentOutOfRange):
        values.percent("-5%", ".")


def test_counts_are_whole_and_sensible():
    assert values.integer("1,200", ".") == 1200
    assert values.integer(3.0, ".") == 3
    for cell, reason in (("2.5", NotWhole), ("-1", BelowZero), ("9999999999", TooLarge)):
        with pytest.raises(reason):
            values.integer(cell, ".")


def test_texts_keep_their_words_and_numbers_their_digits():
    assert values.text("  多谢，下周联系。\r\n再约　", 100) == "多谢，下周联系。\n再约"
    assert values.text(13912345678.0, 100) == "13912345678"
    assert values.text("0000611365", 100) == "0000611365"
    assert values.text("<b>=1+1</b> 😀 مرحبا", 100) == "<b>=1+1</b> 😀 مرحبا"
    with pytest.raises(TextTooLong) as refused:
        values.text("长" * 100_000, 20_000)
    assert refused.value.values == {"length": 100_000, "limit": 20_000}
    with pytest.raises(ControlCharacter):
        values.text("a\0b", 100)


def test_names_lose_full_width_and_double_spaces_but_not_their_brackets():
    assert values.name(" ＡＣＭＥ　 ２号（上海）\n公司 ", 100) == "ACME 2号（上海） 公司"
    assert name_key("ＧＯＯＧＬＥ ") == name_key("google") == "google"
    assert values.names("GTX Pro；MG、 GTX Pro|", ";；、|", 100) == ("GTX Pro", "MG")


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("139 1234 5678", "139 1234 5678"), ("＋８６－１３９１２３４５６７８", "+86-13912345678"), (13912345678.0, "13912345678"),
        ("010-12345678 转 801", "010-12345678 转 801"), ("(021) 6888-0000", "(021) 6888-0000"),
        ("13912345678/13812345678", "13912345678/13812345678"),
    ],
)  # fmt: skip
def test_a_telephone_number_stays_as_written_in_half_width(cell, phone):
    assert values.phone(cell, 40) == phone


@pytest.mark.parametrize("cell", ["1.39E+10", "暂无", "123", "1" * 20, "a@b.cn", "13912345678 王", "139/12345678"])
def test_what_cannot_be_dialled_is_no_telephone_number(cell):
    with pytest.raises(NotAPhone):
        values.phone(cell, 40)


def test_one_address_and_not_something_like_it():
    assert values.email("ｗａｎｇ@Example.cn ", 254) == "wang@Example.cn"
    for cell in ("wang", "wang@", "@example.cn", "wang@example", "a@b.cn; c@d.cn", "<wang@example.cn>", "wang@@example.cn"):
        with pytest.raises(NotAnEmail):
            values.email(cell, 254)


def test_yes_and_no_in_both_languages():
    assert [values.boolean(cell) for cell in ("是", "Yes", "√", 1, True, "ＴＲＵＥ")] == [True] * 6
    assert [values.boolean(cell) for cell in ("否", "no", "×", 0, False, 0.0)] == [False] * 6
    with pytest.raises(NotYesOrNo):
        values.boolean("也许")


def test_a_choice_is_found_in_any_spelling_and_else_lists_the_words():
    won, lost = OpportunityStatus.WON, OpportunityStatus.LOST
    words = {"won": won, "赢单": won, "lost": lost}
    assert values.choice(" ＷＯＮ ", words) is won
    with pytest.raises(NotAChoice) as refused:
        values.choice("赢了", words)
    assert refused.value.values == {"choices": (won, lost)}
