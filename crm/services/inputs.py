"""What a verb is told: one pydantic class beside each verb, from which its form is drawn, checked and explained.

A field is an annotated type of `input_types` with a label:

    title: Annotated[Line, field(N_("Title"))]
    expected_amount: Annotated[Amount | None, field(N_("Expected amount"), Control.AMOUNT)] = None

`read` turns what a form sent into the input, or raises `Invalid` with a sentence per field. Empty text is no answer: a field that
may be left out becomes its default, another is refused as missing. How a field is drawn stands in its `json_schema_extra`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm.errors import CrmError, Invalid
from crm.services.input_faults import DayAhead, Missing, NotAChoice, TooMany, UnknownField
from crm.services.input_types import Paragraph, Reason
from crm.vocabulary import N_


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


def field(label: str, control: Control = Control.TEXT, *, hint: str = "", offers: str = "", wide: bool = False) -> Any:
    """How a field is called and drawn (message ids). `offers` names the list of records that it chooses from."""
    return Field(json_schema_extra={"label": label, "control": control.value, "hint": hint, "offers": offers, "wide": wide})


class Input(BaseModel):
    """The base of all inputs: immutable, and nothing slips in that was not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Reasoned(Input):
    """Why something is done, and nothing else."""

    reason: Annotated[Reason, field(N_("Reason"), Control.AREA)]


class Said(Input):
    """What somebody has to say, and nothing else."""

    content: Annotated[Paragraph, field(N_("Content"), Control.AREA)]


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
        return TooMany(count=fault["ctx"].get("actual_length") or len(fault["input"]), most=fault["ctx"]["max_length"])
    return NotAChoice()


@cache
def labels() -> Mapping[str, str]:
    """What forms call a field of this name (message ids); where they differ, what most of them call it. Wants all inputs to be declared."""
    called: dict[str, Counter[str]] = defaultdict(Counter)
    waiting = [Input]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        for name, info in model.model_fields.items():
            extra = info.json_schema_extra
            if isinstance(extra, dict):
                called[name][str(extra["label"])] += 1
    return {name: min(found, key=lambda label: (-found[label], label)) for name, found in called.items()}
