"""Every field of every form meets bad input with a sentence."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest

from crm.errors import Invalid
from crm.services.input_types import Amount, Day, Line, OptionalParagraph, Percentage, Position, Reference
from crm.services.inputs import Control, Input, field, read


class Sample(Input):
    """One of each."""

    title: Annotated[Line, field("Title")]
    amount: Annotated[Amount | None, field("Amount", Control.AMOUNT)] = None
    day: Annotated[Day | None, field("Day", Control.DAY)] = None
    note: Annotated[OptionalParagraph, field("Note", Control.AREA)] = ""
    product_id: Annotated[Reference | None, field("Product", Control.CHOICE)] = None
    discount: Annotated[Percentage | None, field("Discount", Control.PERCENT)] = None
    position: Annotated[Position | None, field("Position", Control.COUNT)] = None


def faults(**values: Any) -> dict[str, str]:
    """The names of what is wrong, by field."""
    with pytest.raises(Invalid) as refused:
        read(Sample, {"title": "方案", **values})
    assert all(str(error) for error in refused.value.faults.values())
    return {key: type(error).__name__ for key, error in refused.value.faults.items()}


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("amount", "-0.01", "NotNegative"),
        ("amount", "0.001", "AmountTooFine"),
        ("amount", "NaN", "NotAnAmount"),
        ("amount", "Infinity", "NotAnAmount"),
        ("amount", "1e99", "AmountTooLarge"),
        ("amount", "十", "NotAnAmount"),
        ("amount", "9" * 100_000, "AmountTooLarge"),
        ("amount", 0.1 + 0.2, "AmountTooFine"),
        ("amount", True, "NotAnAmount"),
        ("amount", [], "NotAnAmount"),
        ("title", "a\x00b", "Unreadable"),
        ("title", "两\n行", "Unreadable"),
        ("title", "\ud800", "Unreadable"),
        ("title", "长" * 201, "TooLong"),
        ("title", 7, "Unreadable"),
        ("note", "x" * 100_000, "TooLong"),
        ("note", "a\x00b", "Unreadable"),
        ("day", "2026-02-30", "NotADay"),
        ("day", "03/04/2026", "NotADay"),
        ("day", "1026-02-03", "DayOutOfRange"),
        ("product_id", "7; drop table users", "NotAChoice"),
        ("product_id", "9" * 50, "NotAChoice"),
        ("product_id", -1, "NotAChoice"),
        ("product_id", 0, "NotAChoice"),
        ("discount", "100.01", "NumberOutOfRange"),
        ("discount", "5.001", "AmountTooFine"),
        ("position", "0", "NumberOutOfRange"),
        ("position", "1.5", "NotANumber"),
        ("position", "9" * 100_000, "NumberOutOfRange"),
        ("owner_id", 3, "UnknownField"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_a_sentence(key: str, value: Any, fault: str) -> None:
    assert faults(**{key: value}) == {key: fault}


@pytest.mark.parametrize("title", ["", "   ", None, "　"])
def test_a_title_of_nothing_is_missing(title: str | None) -> None:
    assert faults(title=title) == {"title": "Missing"}


def test_all_faults_are_said_at_once() -> None:
    assert faults(amount="-1", day="x", title="") == {"title": "Missing", "amount": "NotNegative", "day": "NotADay"}


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1,234,567.8", "1234567.80"), ("￥１２３．４５", "123.45"), ("0", "0.00"), (100, "100.00"), (Decimal("1.10"), "1.10")],
)
def test_amounts_as_people_write_them(typed: Any, amount: str) -> None:
    assert str(read(Sample, {"title": "x", "amount": typed}).amount) == amount


def test_text_stays_text() -> None:
    kept = read(Sample, {"title": " <b>王</b> 😀 ", "note": "一行\r\n\t二行 ‮x"})
    assert (kept.title, kept.note) == ("<b>王</b> 😀", "一行\n\t二行 ‮x")


def test_what_is_left_empty_is_left_out() -> None:
    kept = read(Sample, {"title": "x", "amount": "", "day": None, "note": "  ", "product_id": ""})
    assert kept == Sample(title="x")


def test_days_and_percentages() -> None:
    kept = read(Sample, {"title": "x", "day": "2026-11-23T00:00:00", "discount": "５%", "position": "3"})
    assert (kept.day, kept.discount, kept.position) == (date(2026, 11, 23), 500, 3)
