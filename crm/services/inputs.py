"""What a verb is told: one pydantic class beside each verb, from which its form is drawn, checked and explained.

A field is an annotated type of this module with a label:

    title: Annotated[Line, field(N_("Title"))]
    expected_amount: Annotated[Amount | None, field(N_("Expected amount"), Control.AMOUNT)] = None

`read` turns what a form sent into the input, or raises `Invalid` with a sentence per field. Empty text is no answer: a field that
may be left out becomes its default, another is refused as missing. How a field is drawn stands in its `json_schema_extra`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from crm.errors import CrmError, Invalid
from crm.money import exact_money
from crm.rules import duplicates
from crm.vocabulary import N_

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 1, 1)
"""A date outside of these is a slip of the finger."""

LINE, PARAGRAPH = 200, 20_000
"""Characters that a text of one line and of many hold, as their columns do."""


THOUSANDTH, MOST_PIECES = Decimal("0.001"), Decimal(1_000_000)
"""How fine a quantity is, and below what it stays."""


class Control(StrEnum):
    """How a field is drawn, where its type does not say so."""

    TEXT = "text"
    AREA = "area"
    AMOUNT = "amount"
    PERCENT = "percent"
    COUNT = "count"
    DAY = "day"
    CHOICE = "choice"
    CHOICES = "choices"
    CHECK = "check"
    PASSWORD = "password"  # noqa: S105  (a kind of control)
    LINES = "lines"
    FILES = "files"
    HIDDEN = "hidden"


class Missing(CrmError):
    """A field that must be filled was left empty."""

    message = N_("Please fill this in.")


class TooLong(CrmError):
    """More characters than the field keeps."""

    message = N_("This text has {length} characters; at most {limit} fit.")


class Unreadable(CrmError):
    """NUL and other characters that no text holds."""

    message = N_("This text contains characters that can't be kept (such as {character}). Please type it again.")


class NotNegative(CrmError):
    """A negative amount where it has no meaning."""

    message = N_("This amount can't be negative.")


class NotPositive(CrmError):
    """An amount of zero where money must be meant."""

    message = N_("This amount must be above zero.")


class DayAhead(CrmError):
    """What has happened has a date up to today."""

    message = N_("{day} is in the future.")


class NotADay(CrmError):
    """Text that is no date of the calendar."""

    message = N_("“{value}” is not a date.")


class DayOutOfRange(CrmError):
    """A date that nobody means."""

    message = N_("{day} is not between {first} and {last}.")


class NotANumber(CrmError):
    """Text that is no whole number."""

    message = N_("“{value}” is not a whole number.")


class NumberOutOfRange(CrmError):
    """A whole number beyond its field's bounds."""

    message = N_("This must be between {least} and {most}.")


class NotAQuantity(CrmError):
    """Text that is no quantity: zero or less, finer than a thousandth, or beyond what anybody sells."""

    message = N_("“{value}” is not a quantity; up to three decimals, above zero.")


class NotAChoice(CrmError):
    """A value that the field does not offer."""

    message = N_("Please choose one of the values offered.")


class NotAPhone(CrmError):
    """Text that nobody can dial."""

    message = N_("“{value}” is not a phone number.")


class NotAnEmail(CrmError):
    """Text that is no e-mail address."""

    message = N_("“{value}” is not an e-mail address.")


class UnknownField(CrmError):
    """A field that the form does not have."""

    message = N_("This form has no such field.")


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


def field(label: str, control: Control = Control.TEXT, *, hint: str = "", offers: str = "", wide: bool = False) -> Any:
    """How a field is called and drawn (message ids). `offers` names the list of records that it chooses from."""
    return Field(json_schema_extra={"label": label, "control": control.value, "hint": hint, "offers": offers, "wide": wide})


class Input(BaseModel):
    """The base of all inputs: immutable, and nothing slips in that was not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def separated(text: str) -> list[str]:
    """The words in a text, with commas, enumeration commas or line ends between; each once."""
    parts = [part.strip() for part in re.split(r"[,，、;；\n]", text)]
    return list(dict.fromkeys(part for part in parts if part))


class Faults:
    """What is wrong with the fields of one input, collected so that the person sees all of it at once."""

    def __init__(self) -> None:
        self._by_key: dict[str, CrmError] = {}

    def add(self, key: str, error: CrmError) -> None:
        """Hold `error` against a field; the first one stays."""
        self._by_key.setdefault(key, error)

    def past(self, key: str, day: date, today: date) -> None:
        """Hold a date of something that has happened against its field if it is yet to come."""
        if day > today:
            self.add(key, DayAhead(day=day))

    @contextmanager
    def against(self, key: str) -> Iterator[None]:
        """Hold what a rule refuses in here against a field."""
        try:
            yield
        except CrmError as error:
            self.add(key, error)

    def raise_any(self) -> None:
        """`Invalid`, if anything was held against a field."""
        if self._by_key:
            raise Invalid(self._by_key)


Form = TypeVar("Form", bound=Input)


def read(model: type[Form], values: Mapping[str, Any]) -> Form:
    """What a form sent as the input of a verb; `Invalid` with a sentence for each field at fault.

    Empty text and None count as left out. A fault within a list of lines is keyed `lines.0.amount`.
    """
    try:
        return model.model_validate(_filled(values))
    except ValidationError as error:
        faults = {".".join(str(part) for part in fault["loc"]): _sentence(dict(fault)) for fault in error.errors()}
        raise Invalid(faults) from None


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` without what was left empty, in lines too; lines that are empty altogether are dropped."""
    filled: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, list | tuple):
            rows = [_filled(row) if isinstance(row, Mapping) else row for row in value]
            filled[key] = [row for row in rows if row not in ({}, None, "")]
        elif value is not None and not (isinstance(value, str) and not value.strip()):
            filled[key] = value
    return filled


def _sentence(fault: dict[str, Any]) -> CrmError:
    """The sentence for one of pydantic's faults; our own checks bring theirs along."""
    kind = fault["type"]
    if kind == "said":
        error = fault["ctx"]["error"]
        assert isinstance(error, CrmError)
        return error
    if kind == "missing":
        return Missing()
    if kind == "extra_forbidden":
        return UnknownField()
    if kind == "too_long":
        return NumberOutOfRange(least=fault["ctx"].get("min_length", 0), most=fault["ctx"]["max_length"])
    return NotAChoice()
