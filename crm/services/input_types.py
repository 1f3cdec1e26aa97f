"""The types that the fields of inputs have: how a person writes a value, within which bounds, and what of it is kept."""

import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from crm.errors import CrmError
from crm.money import exact_money
from crm.rules import duplicates
from crm.services.input_faults import (
    DayOutOfRange,
    Missing,
    NotAChoice,
    NotADay,
    NotAnEmail,
    NotANumber,
    NotAPhone,
    NotAQuantity,
    NotNegative,
    NotPositive,
    NumberOutOfRange,
    TooLong,
    Unreadable,
)

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 1, 1)
"""A date outside of these is a slip of the finger."""

LINE, PARAGRAPH = 200, 20_000
"""Characters that a text of one line and of many hold, as their columns do."""

THOUSANDTH, MOST_PIECES = Decimal("0.001"), Decimal(1_000_000)
"""How fine a quantity is, and below what it stays."""

Checked = TypeVar("Checked")


def _said(check: Callable[[Any], Checked]) -> BeforeValidator:
    """`check` as a validator whose sentence survives pydantic's collecting of faults."""

    def validate(value: Any) -> Checked:
        try:
            return check(value)
        except CrmError as error:
            raise PydanticCustomError("said", "{sentence}", {"error": error, "sentence": str(error)}) from None

    return BeforeValidator(validate)


def clean(value: Any, limit: int = LINE, *, multiline: bool = False) -> str:
    """Text without spaces around it and in one form of each character; `Unreadable` and `TooLong` say what can't be kept."""
    if not isinstance(value, str):
        raise Unreadable(character=type(value).__name__)
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if len(text) > limit:
        raise TooLong(length=len(text), limit=limit)
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs") and not (multiline and character in "\n\t"):
            raise Unreadable(character=f"U+{ord(character):04X}")
    return text


def _stated(value: Any, limit: int, multiline: bool) -> str:
    text = clean(value, limit, multiline=multiline)
    if not text:
        raise Missing()
    return text


def an_amount(value: Any) -> Decimal:
    """An amount as a person writes it (text with thousands separators, number), exact to the cent and not negative."""
    text = unicodedata.normalize("NFKC", str(value)).replace(",", "").replace(" ", "").lstrip("¥￥")
    amount = exact_money(text)
    if amount < 0:
        raise NotNegative()
    return amount


def _positive_amount(value: Any) -> Decimal:
    amount = an_amount(value)
    if not amount:
        raise NotPositive()
    return amount


def a_day(value: Any) -> date:
    """A date, or its ISO form, within sensible bounds."""
    try:
        day = value if type(value) is date else date.fromisoformat(str(value)[:40].partition("T")[0])
    except ValueError:
        raise NotADay(value=str(value)[:40]) from None
    if not FIRST_DAY <= day < LAST_DAY:
        raise DayOutOfRange(day=day, first=FIRST_DAY, last=LAST_DAY)
    return day


def _reference(value: Any) -> int:
    """The id of a record chosen from a list."""
    try:
        number = value if type(value) is int else int(str(value)[:20])
    except ValueError:
        raise NotAChoice() from None
    if not 0 < number < 2**31:
        raise NotAChoice()
    return number


def _between(least: int, most: int) -> Callable[[Any], int]:
    """A whole number within bounds, both inclusive."""

    def check(value: Any) -> int:
        try:
            number = value if type(value) is int else int(unicodedata.normalize("NFKC", str(value)[:40]))
        except ValueError:
            raise NotANumber(value=str(value)[:40]) from None
        if not least <= number <= most:
            raise NumberOutOfRange(least=least, most=most)
        return number

    return check


def a_percentage(value: Any) -> int:
    """A percentage between 0 and 100 with two places at most, in hundredths of a percent."""
    return int(_percent(value) * 100)


def _quantity(value: Any) -> Decimal:
    """How many of something, to three places: exact, above zero, below a billion."""
    text = unicodedata.normalize("NFKC", str(value)[:40]).replace(",", "").replace(" ", "")
    try:
        quantity = Decimal(text)
    except InvalidOperation:
        raise NotAQuantity(value=text) from None
    if not quantity.is_finite() or not 0 < quantity < MOST_PIECES or quantity != quantity.quantize(THOUSANDTH):
        raise NotAQuantity(value=text)
    return quantity.quantize(THOUSANDTH).normalize() + 0


def _percent(value: Any) -> Decimal:
    percent = an_amount(str(value).rstrip("%％ "))
    if percent > 100:
        raise NumberOutOfRange(least=0, most=100)
    return percent


def _growth(value: Any) -> Decimal:
    """A change in percent, from −100 to 1000."""
    text = unicodedata.normalize("NFKC", str(value)[:40]).strip().rstrip("% ").replace("−", "-")
    percent = exact_money(text)
    if not -100 <= percent <= 1000:
        raise NumberOutOfRange(least=-100, most=1000)
    return percent


def _phone(value: Any) -> str:
    text = clean(value, duplicates.PHONE_KEY_LENGTH)
    if text and len([character for character in text if character.isdigit()]) < 5:
        raise NotAPhone(value=text)
    return text


def _email(value: Any) -> str:
    text = clean(value, duplicates.EMAIL_KEY_LENGTH)
    if text and not duplicates.email_key(text):
        raise NotAnEmail(value=text[:60])
    return text


Line = Annotated[str, _said(lambda value: _stated(value, LINE, False))]
"""One line of text that must say something."""

OptionalLine = Annotated[str, _said(lambda value: clean(value, LINE))]
"""One line of text, or nothing."""

Paragraph = Annotated[str, _said(lambda value: _stated(value, PARAGRAPH, True))]
"""Text of several lines that must say something."""

OptionalParagraph = Annotated[str, _said(lambda value: clean(value, PARAGRAPH, multiline=True))]
"""Text of several lines, or nothing."""

Reason = Annotated[str, _said(lambda value: _stated(value, 2000, True))]
"""Why something was done; it must be said."""

OptionalReason = Annotated[str, _said(lambda value: clean(value, 2000, multiline=True))]
"""Why something was done, or nothing."""

Phone = Annotated[str, _said(_phone)]
"""A phone number, or nothing."""

Email = Annotated[str, _said(_email)]
"""An e-mail address, or nothing."""

Amount = Annotated[Decimal, _said(an_amount)]
"""Money: two places, not negative, no more than `crm.money.LARGEST`."""

PositiveAmount = Annotated[Decimal, _said(_positive_amount)]
"""Money above zero."""

Day = Annotated[date, _said(a_day)]
"""A business date."""

Reference = Annotated[int, _said(_reference)]
"""The id of a record; the verb looks it up within reach."""

Percentage = Annotated[int, _said(a_percentage)]
"""Hundredths of a percent, written as a percentage."""

Growth = Annotated[Decimal, _said(_growth)]
"""A change in percent, two places at most."""

Quantity = Annotated[Decimal, _said(_quantity)]
"""How many of something, to three places."""

Days = Annotated[int, _said(_between(0, 3650))]
"""A number of days."""

Megabytes = Annotated[int, _said(_between(1, 2000))]
"""How large a file may be."""

Rows = Annotated[int, _said(_between(1, 10_000_000))]
"""How many rows a table may have."""

Months = Annotated[int, _said(_between(0, 60))]
"""A number of months."""

Position = Annotated[int, _said(_between(1, 1000))]
"""A place in an order, from 1."""
