"""Every form of the product against nonsense in every field: a sentence in the person's language, nothing written, the form kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

import pytest
from sqlalchemy import text

from crm.db import transaction
from crm.models import FollowUp
from crm.services import files
from crm.services.inputs import Control, Input
from dashboard.components.lines import line_model, lists
from tests.pages.every_form import NO_FORM, WHERE, control_of, each, filled, found, line, models, press_of
from tests.pages.filling import TRACES, Answer, Form
from tests.pages.product import Product
from tests.pages.visitor import Visitor
from tests.people import CALL, TODAY, WANG, ZHAO, actor, noon

CHINESE = re.compile(r"[\u4e00-\u9fff]")

LONG, NUL = "长" * 100_000, "a\0b"
NUMBERS = ("-1", "999999999999999999999999", "NaN", "Infinity", "1e999", "一百", "0.0001")
DAYS = ("abc", "0000-01-01", "9999-12-31", "2026-02-31", NUL)
CHOICES = (999_999, -1, "abc", "9" * 5000, NUL)

REFUSED = {
    Control.TEXT: (LONG, NUL),
    Control.AREA: (LONG, NUL),
    Control.PASSWORD: ("", " ", "short", LONG),
    Control.AMOUNT: (*NUMBERS, "0.001"),
    Control.PERCENT: (*NUMBERS[1:], "0.001"),
    Control.COUNT: NUMBERS,
    Control.DAY: DAYS,
    Control.CHOICE: CHOICES,
    Control.CHOICES: tuple([choice] for choice in CHOICES),
    Control.FILES: ("999", "x", "-1", "9" * 5000),
}
"""By how a field is drawn: what no field of that kind takes."""

LONG_ENGLISH = "x" * 100_000
AT_ONCE = {control: values[0] for control, values in REFUSED.items()} | {
    Control.TEXT: LONG_ENGLISH, Control.AREA: LONG_ENGLISH, Control.CHOICE: LONG_ENGLISH, Control.CHOICES: ["abc"], Control.FILES: "x",
}  # fmt: skip
"""What is refused whatever else the form says: a form full of it has a sentence at each field."""

BELOW_ZERO = {("copy-targets", "percent")}
"""The only number that may be less than nothing."""

REQUIRED_TEXT = ("", "   ")
STRANGE = "🎉 שלום \u202eabc <script>alert(1)</script> <b>&amp;</b> '; drop table users --"
"""What may be kept, as the text that it is: emoji, right to left, markup."""


@dataclass(frozen=True)
class Case:
    """What is typed into one field, or into one part of a line of a list."""

    name: str
    part: str
    control: Control
    value: Any

    def pressed(self, form: Form, sensible: dict[str, Any], line: dict[str, Any]) -> Answer:
        """The form sent with it."""
        if self.part:
            return form.press(sensible, {self.name: [line | {self.part: self.value}]})
        return form.press(sensible | {self.name: self.value})


def fields_of(form: Form, model: type[Input]) -> Iterator[tuple[str, str, Any]]:
    """Each field that is drawn, and each part of a line, with what the input says of it."""
    for name, info in model.model_fields.items():
        if control_of(info) is Control.LINES:
            yield from (
                (name, part, of) for part, of in line_model(model, name).model_fields.items() if control_of(of) is not Control.HIDDEN
            )
        elif name in form.names:
            yield name, "", info


def cases(form: Form, model: type[Input], some: int) -> Iterator[Case]:
    """Each of them with `some` of the values that it can't take, other ones from field to field."""
    for number, (name, part, info) in enumerate(fields_of(form, model)):
        control = Control.PERCENT if info.annotation is Decimal else control_of(info)
        empty = REQUIRED_TEXT if control in (Control.TEXT, Control.AREA) and info.is_required() and not part else ()
        values = [value for value in (*REFUSED.get(control, ()), *empty) if not (value == "-1" and (form.key, name) in BELOW_ZERO)]
        for value in islice(cycle(values), number % max(len(values), 1), number % max(len(values), 1) + min(some, len(values))):
            yield Case(name, part, control, value)


def fault_of(product: Product, form: Form, sensible: dict[str, Any], line: dict[str, Any], case: Case) -> str:
    """What is wrong with how the form answers; empty where it says its sentence, at the field, and keeps everything."""
    answers: list[Answer] = []
    wrote = product.writes(lambda: answers.append(case.pressed(form, sensible, line)))
    (answer,) = answers
    if not answer.sound:
        return f"fell over: {answer.status} {answer.text[:300]}"
    if wrote:
        return "wrote"
    if not answer.refused:
        return f"took it: {answer.text[:200]}"
    if answer.changes:
        return f"changed {answer.changes}"
    said = answer.faults.get(case.name, "") or (case.control is Control.CHOICE and answer.summary) or ""
    if not said:
        return f"said nothing at the field: {answer.summary[:200]}"
    return "" if CHINESE.search(said.replace(str(case.value), "")) else f"no Chinese: {said[:200]}"


@pytest.mark.parametrize("some", [pytest.param(1, id="some"), pytest.param(99, id="all", marks=pytest.mark.slow)])
@pytest.mark.parametrize("key", WHERE)
def test_nonsense_is_told_at_its_field_and_nothing_is_written(product: Product, key: str, some: int) -> None:
    form, model = found(product.visitor(WHERE[key][0]), key), product.forms[key]
    sensible = filled(form, model)
    lines = {name: line(form, model, name) for name in lists(model)}
    told = {
        (case.name, case.part, str(case.value)[:30]): fault_of(product, form, sensible, lines.get(case.name, {}), case)
        for case in cases(form, model, some)
    }
    assert {case: fault for case, fault in told.items() if fault} == {}


def test_in_english_nothing_is_said_in_chinese(product: Product) -> None:
    product.speak("en")
    try:
        for key in WHERE:
            form, model = found(product.visitor(WHERE[key][0]), key), product.forms[key]
            controls = {name: control_of(info) for name, part, info in fields_of(form, model) if not part}
            typed = {name: AT_ONCE[control] for name, control in controls.items() if control in AT_ONCE}
            said = form.press(filled(form, model) | typed).faults
            assert {name for name in typed if not said.get(name)} == set(), key
            assert not any(CHINESE.search(sentence) for sentence in said.values()), (key, said)
    finally:
        product.again()


@pytest.mark.parametrize("key", each(WHERE, 6))
def test_what_is_strange_is_kept_as_text_or_refused_in_words(product: Product, key: str) -> None:
    form, model = found(product.visitor(WHERE[key][0]), key), product.forms[key]
    strange = {
        name: STRANGE for name, part, info in fields_of(form, model) if not part and control_of(info) in (Control.TEXT, Control.AREA)
    }
    try:
        answer = form.press(filled(form, model) | strange)
        assert answer.sound, answer.text[:500]
        assert answer.refused != bool(answer.changes)
        assert answer.refused or not strange or product.holds(STRANGE)
    finally:
        product.again()


def test_every_form_has_its_place_here(product: Product) -> None:
    assert set(WHERE) == set(product.forms)
    drawn = set(product.forms.values())
    assert {model.__name__ for model in models() - drawn if not model.__subclasses__()} == NO_FORM


OTHERS = [
    ("new-opportunity", "customer_id", "select id from customers where name = '天府'"),
    ("convert-lead", "customer_id", "select id from customers where name = '天府'"),
    ("edit-opportunity", "contact_id", "select id from contacts where customer_id = 2"),
    ("comment", "follow_up_id", "select max(id) from follow_ups"),
    ("edit-lead", "owner_id", "select id from users where login = 'zhao'"),
    ("add-files", "files", "select max(id) from files"),
    ("sign-contract", "files", "select max(id) from files"),
]
"""A field that takes an id, and one that is there and not this person's to choose."""


@pytest.mark.parametrize(("key", "name", "theirs"), OTHERS)
def test_an_id_of_others_is_answered_as_one_that_does_not_exist(product: Product, key: str, name: str, theirs: str) -> None:
    form, model = found(product.visitor(WHERE[key][0]), key), product.forms[key]
    try:
        with transaction(product.engine) as session:
            files.keep(session, actor(session, "zhao"), stored_name="y", name="b.pdf", content_type="application/pdf", size=1, sha256="y")
            session.add(FollowUp(opportunity_id=2, by_id=ZHAO, at=noon(TODAY), day=TODAY, recorded_on=TODAY, method_id=CALL, content="x"))
            session.flush()
            id = session.scalar(text(theirs))
        before = product.rows()
        answers = [press_of(form, model, **{name: value}) for value in (id, 999_999)]
        assert answers[0].refused
        assert (answers[0].summary, answers[0].faults) == (answers[1].summary, answers[1].faults)
        assert product.rows() == before
    finally:
        product.again()


FORGED = {"letters": "abc", "negative": -1, "huge": 10**30, "long": "9" * 5000, "nul": NUL}


@pytest.mark.parametrize("how", each(FORGED, 5))
def test_what_the_page_is_about_is_a_wish(product: Product, how: str) -> None:
    """The id in the page's store, forged: no such record, whatever it says."""
    told = {}
    for key in WHERE:
        form, model = found(product.visitor(WHERE[key][0]), key), product.forms[key]
        if "id" not in form.about or not form.reads_about:
            continue
        form.forge(form.about | {"id": FORGED[how]})
        before = product.rows()
        answer = press_of(form, model)
        told[key] = answer.sound and not answer.changes and CHINESE.search(answer.text) is not None and product.rows() == before
    assert len(told) > 30
    assert [key for key, well in told.items() if not well] == []


@pytest.mark.parametrize("amount", [*NUMBERS, "0.001", NUL, LONG])
def test_a_cell_of_the_grid_of_targets_takes_no_nonsense(product: Product, amount: str) -> None:
    cells = [{"row": f"rep-{WANG}", "month": "2026-03-01", "amount": amount}]
    answers: list[Any] = []
    assert not product.writes(lambda: answers.append(product.visitor("lin").call("targets-said.children", [cells], [2026])))
    assert answers[0].status_code == 200
    assert CHINESE.search(answers[0].text)
    assert not any(trace in answers[0].text for trace in TRACES)


@pytest.mark.parametrize("typed", ["", " ", NUL, LONG, STRANGE])
def test_the_pages_of_the_password_and_of_signing_in_take_no_nonsense(product: Product, typed: str) -> None:
    """Plain pages, without the program in the browser."""
    visitor = Visitor(product.app)
    for login in ("wang", typed):
        answer = visitor.post("/sign-in", {"login": login, "password": typed})
        assert answer.status_code < 500
        assert not any(trace in answer.text for trace in TRACES)
    answer = product.visitor("sun").post("/profile/password", {"current": typed, "new": typed, "again": typed})
    assert answer.status_code == 200
    assert "field-fault" in answer.text
    product.again()
