"""Forms: what a person typed is understood, or said to be wrong where it stands."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import BaseModel, Field

from crm.vocabulary import N_, OpportunityStatus
from dashboard.components import form
from dashboard.components.filters import Choice
from dashboard.i18n import use_language


class Edit(BaseModel):
    title: str = Field(min_length=1, max_length=20, json_schema_extra={"label": N_("Title"), "wide": True})
    amount: Decimal = Field(ge=0, decimal_places=2, json_schema_extra={"label": N_("Expected amount")})
    expected_close: date | None = Field(default=None, json_schema_extra={"label": N_("Expected close date")})
    status: OpportunityStatus = OpportunityStatus.FOLLOWING
    owner_id: int | None = Field(default=None, json_schema_extra={"control": "choice"})
    version: int = Field(default=1, json_schema_extra={"control": "hidden"})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1,234,567.5", "1234567.5"),
        ("１２３４．５", "1234.5"),
        ("¥12.5万", "125000.0"),
        ("3亿", "300000000"),
        (" 7 ", "7"),
        ("200元", "200"),
    ],
)
def test_amounts_are_read_as_people_write_them(typed, meant):
    made, faults = form.read(Edit, {"title": "A", "amount": typed})
    assert faults == {}
    assert made.amount == Decimal(meant)


def test_every_fault_stands_at_its_field_in_the_readers_language():
    values = {"title": " ", "amount": "12x", "expected_close": "2026-13-01", "status": "asleep"}
    with use_language("en"):
        assert form.read(Edit, values) == (
            None,
            {
                "title": "This is required.",
                "amount": "“12x” is not an amount.",
                "expected_close": "A day is written as 2026-03-05.",
                "status": "Choose one of the offered values.",
            },
        )
    with use_language("zh"):
        assert form.read(Edit, values)[1]["amount"] == "“12x”不是金额。"


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "0.001", "1e400000"])
def test_odd_numbers_are_faults_and_not_accidents(amount):
    made, faults = form.read(Edit, {"title": "A", "amount": amount})
    assert made is None
    assert set(faults) == {"amount"}


def test_an_empty_field_that_may_be_empty_is_nothing():
    made, _faults = form.read(Edit, {"title": "A", "amount": "1", "expected_close": "", "owner_id": None})
    assert (made.expected_close, made.owner_id) == (None, None)


def test_a_field_is_drawn_by_its_type_and_keeps_what_was_typed():
    with use_language("en"):
        drawn = form.fields("edit", Edit, {"amount": "12x"}, {"amount": "No."}, {"owner_id": [Choice(4, "Wang")]})
    names = [field.children[1].id.get("field") or field.children[1].id["day"] for field in drawn]
    assert names == ["title", "amount", "expected_close", "status", "owner_id"]
    amount = drawn[1]
    assert amount.className == "field amount faulty"
    assert amount.children[1].value == "12x"
    assert amount.children[-1].children == "No."
    assert [option["label"] for option in drawn[3].children[1].options] == ["Following", "Won", "Lost", "Stopped"]
    assert drawn[4].children[1].options[0]["label"] == "Wang"


def test_the_sum_of_faults_names_their_fields():
    with use_language("en"):
        (box,) = form.summary({"amount": "No.", form.SUMMARY: "Too late."}, Edit)
    assert [line.children for line in box.children[1].children] == ["Expected amount: No.", "Too late."]


def test_values_and_days_come_back_together():
    assert form.gathered(["A", "1"], [{"field": "title"}, {"field": "amount"}], ["2026-03-05"], [{"day": "expected_close"}]) == {
        "title": "A",
        "amount": "1",
        "expected_close": "2026-03-05",
    }
