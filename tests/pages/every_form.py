"""Where each form of the product is found, and a company in which each can be filled in: `WHERE` and `stage`.

The forms themselves are those that the application registers (`registered`): one that has no place here fails the tests until it has.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.orm import Session

import crm.services
from crm import clock
from crm.services import comments, competition, costs, follow_ups, inputs, invoices, payment_plans, quotes
from crm.services.inputs import Control, Input, read
from crm.vocabulary import CommentKind, OpportunityStatus
from dashboard.callbacks import forms
from dashboard.components.lines import line_model
from tests import killing
from tests.pages.filling import Answer, Form, opened, parts_of
from tests.pages.visitor import Visitor
from tests.people import (
    CALL,
    EAST,
    LIN,
    RIVAL,
    SERVICE_DESK,
    TODAY,
    TOO_EXPENSIVE,
    TRAVEL,
    WANG,
    ZHAO,
    a_contract,
    a_customer,
    a_lead,
    a_receipt,
    actor,
    an_opportunity,
)
from tests.services.test_quotes import SUITE, form

LEAD, LOST, DRAFTED, THEIRS = 1, 6, 7, 8
"""A lead of Wang's; his lost opportunity, one with a draft; one of Zhao's. Others: tests/killing.py."""

TAKEN_PHONE = "+8613900009999"
"""Zhao's customer is called by it: Wang can claim it."""

LEADS, DEALS, CUSTOMERS, CONTRACTS, MASTER = "/leads", "/opportunities", "/customers", "/contracts", "/master"

WHERE: Mapping[str, tuple[str, str]] = {
    "lead-note": ("wang", f"{LEADS}/1"),
    "new-lead": ("wang", f"{LEADS}/new"),
    "edit-lead": ("lin", f"{LEADS}/1/edit"),
    "convert-lead": ("wang", f"{LEADS}/1/convert"),
    "fail-lead": ("wang", f"{LEADS}/1/fail"),
    "claim-contact": ("wang", f"{LEADS}/new"),
    "new-lead-source": ("mei", f"{LEADS}/new"),
    "edit-lead-source": ("mei", f"{LEADS}/1/edit"),
    "new-customer": ("chen", f"{CUSTOMERS}/new"),
    "edit-customer": ("wang", f"{CUSTOMERS}/1/edit"),
    "customer-contact": ("wang", f"{CUSTOMERS}/1/contacts/1"),
    "assign-customer": ("chen", f"{CUSTOMERS}/1/assign"),
    "merge-customer": ("lin", f"{CUSTOMERS}/1/merge?other=2"),
    "hand-over": ("chen", f"/hand-over/{WANG}"),
    "ask-erasure": ("chen", f"{CUSTOMERS}/1/contacts/1/erase"),
    "erase-person": ("ada", "/erasures"),
    "follow-up": ("wang", f"{DEALS}/1"),
    "comment": ("lin", f"{DEALS}/1"),
    "reply": ("wang", f"{DEALS}/1"),
    "edit-opportunity": ("wang", f"{DEALS}/1/edit"),
    "new-opportunity": ("wang", f"{DEALS}/new"),
    "close-opportunity": ("wang", f"{DEALS}/1/close/lost"),
    "reopen-opportunity": ("lin", f"{DEALS}/{LOST}/reopen"),
    "mend-follow-up": ("wang", "/follow-ups/1/edit"),
    "solve-problem": ("xia", "/problems/1"),
    "write-quote": ("wang", f"{DEALS}/1/quote"),
    "write-quote-split": ("wang", f"{DEALS}/1/quote"),
    "submit-quote": ("wang", f"{DEALS}/{DRAFTED}/quotes"),
    "decide-quote": ("lin", f"{DEALS}/{killing.ASKED}/quotes"),
    "sign-contract": ("wang", "/quotes/2/sign"),
    "sign-contract-split": ("wang", "/quotes/2/sign"),
    "receive-money": ("fang", f"{CONTRACTS}/1/receive"),
    "refund-money": ("fang", f"{CONTRACTS}/1/refund"),
    "pay-cost": ("fang", f"{CONTRACTS}/1/cost"),
    "issue-invoice": ("fang", f"{CONTRACTS}/1/invoice"),
    "change-plan": ("fang", f"{CONTRACTS}/1/plan"),
    "change-plan-split": ("fang", f"{CONTRACTS}/1/plan"),
    "decline-plan": ("lin", f"{CONTRACTS}/5/decline"),
    "add-files": ("wang", f"{CONTRACTS}/1/files"),
    "amend-contract": ("chen", f"{CONTRACTS}/1/amend"),
    "amend-contract-split": ("chen", f"{CONTRACTS}/1/amend"),
    "change-carer": ("chen", f"{CONTRACTS}/1/carer"),
    "complete-contract": ("fang", f"{CONTRACTS}/4/complete"),
    "void-contract": ("chen", f"{CONTRACTS}/2/void"),
    "cancel-receipt": ("fang", "/receipts/1/cancel"),
    "cancel-cost": ("fang", "/costs/1/cancel"),
    "cancel-invoice": ("fang", "/invoices/1/cancel"),
    "edit-invoice": ("fang", "/invoices/1/edit"),
    "master-lead-sources": ("ada", f"{MASTER}/sales/lead-sources/1"),
    "master-campaigns": ("ada", f"{MASTER}/sales/campaigns/1"),
    "master-follow-up-methods": ("ada", f"{MASTER}/sales/follow-up-methods/1"),
    "master-loss-reasons": ("ada", f"{MASTER}/sales/loss-reasons/1"),
    "master-cost-categories": ("ada", f"{MASTER}/sales/cost-categories/1"),
    "master-competition-factors": ("ada", f"{MASTER}/sales/competition-factors/1"),
    "master-products": ("ada", f"{MASTER}/products/products/1"),
    "master-competitors": ("ada", f"{MASTER}/competitors/competitors/1"),
    "master-departments": ("ada", f"{MASTER}/people/departments/1"),
    "master-teams": ("ada", f"{MASTER}/people/teams/1"),
    "settings": ("ada", f"{MASTER}/settings"),
    "stage": ("ada", f"{MASTER}/sales/stages/2"),
    "copy-targets": ("chen", f"{MASTER}/targets"),
    "edit-user": ("ada", f"{MASTER}/people/users/3"),
    "new-user": ("ada", f"{MASTER}/people/users/new"),
    "give-password": ("ada", f"{MASTER}/people/users/3"),
    "record-competition": ("wang", f"{DEALS}/1/competition"),
    "edit-competition": ("wang", "/competition/1/edit"),
    "let-read": ("lin", f"{DEALS}/1/share"),
    "name-deputy": ("lin", "/profile"),
}
"""By the form's key: who fills it in, and on which page."""


def each(keys: Iterable[str], one_in: int) -> list[Any]:
    """These forms as parameters of a test: one in so many is tried each time, the whole product with the slow tests."""
    return [pytest.param(key, marks=() if place % one_in == 0 else pytest.mark.slow) for place, key in enumerate(keys)]


NO_FORM = {"ProductLine", "PlannedInstalment", "OfferedLine", "AssignLead", "SetTarget", "ChangePassword"}
"""Inputs without a form of their own: lines within others, leads given away from their list, the grid of targets, the plain page of the
own password."""

Registered = dict[str, type[Input]]


@contextmanager
def registered() -> Iterator[Registered]:
    """The forms that an application created in here registers, each with its input."""
    found: Registered = {}
    real = forms.register

    def noting(app: Any, key: str, model: type[Input], *more: Any, **named: Any) -> None:
        assert found.setdefault(key, model) is model, f"two inputs of one form, {key}"
        real(app, key, model, *more, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forms, "register", noting)
        yield found


def stage(session: Session) -> None:
    """The stage of tests/killing.py, and what its forms lack: a problem, a comment, a cost, an invoice, a draft, a lost deal, Zhao's, a
    proposed plan."""
    killing.stage(session)
    an_opportunity(session, "丢单", status=OpportunityStatus.LOST)
    quotes.draft(session, actor(session, "wang"), an_opportunity(session, "草稿").id, form(SUITE), today=TODAY)
    theirs = a_customer(session, "天府", owner=ZHAO, phone=TAKEN_PHONE)
    an_opportunity(session, "天府云盘", customer=theirs)
    a_contract(session, "HT-2", signed=date(2026, 9, 3))
    a_contract(session, "HT-9", owner=ZHAO, signed=date(2026, 9, 3))
    a_receipt(session, a_contract(session, "HT-4", amount="9", signed=date(2026, 9, 3)), "9", date(2026, 9, 4))
    a_lead(session, contact="钱先生", owner=ZHAO)
    said = {"method_id": CALL, "content": "谈了方案", "problem": "登录慢", "department_id": SERVICE_DESK, "next_step": "再访"}
    wang, today = actor(session, "wang"), clock.today("Asia/Shanghai")  # its writer can mend it for a day
    follow_ups.write(session, wang, 1, read(follow_ups.WriteFollowUp, said), today=today)
    comments.write(session, actor(session, "lin"), 1, read(comments.WriteComment, {"kind": CommentKind.ADVICE, "content": "快"}))
    met = read(competition.RecordCompetition, {"competitor_id": RIVAL})
    competition.record(session, actor(session, "wang"), 1, met, today=TODAY)
    fang = actor(session, "fang")
    costs.pay_cost(session, fang, 1, read(costs.PayCost, {"category_id": TRAVEL, "paid_on": TODAY, "amount": "9"}), today=TODAY)
    issued = {"number": "FP-1", "invoiced_on": TODAY, "amount": "9"}
    invoices.issue(session, fang, 1, read(invoices.IssueInvoice, issued), today=TODAY)
    waits = a_contract(session, "HT-5", amount="9", signed=date(2026, 9, 3), plan=[(TODAY, "9")])
    proposed = read(payment_plans.ChangePlan, {"plan": [{"due_on": date(2027, 1, 1), "amount": "9"}], "reason": "延期"})
    payment_plans.change_plan(session, wang, waits.id, proposed, version=waits.version, today=TODAY)


def found(visitor: Visitor, key: str) -> Form:
    """The form on its page; the one that claims a contact, after a number of another team was typed."""
    sheet = opened(visitor, key, WHERE[key][1])
    if key == "claim-contact":
        asked = {"phone": TAKEN_PHONE, "email": "", "company": ""}
        sheet.add(parts_of(visitor.call("lead-form-taken.children", [asked], [{}]).json), {"lead-form-asked": {"data": asked}})
    if key == "reply":
        sheet.add([], {"opportunity-replying": {"data": 1}})
    assert sheet.is_there, f"{key} is not on {WHERE[key][1]} for {WHERE[key][0]}"
    return sheet


def control_of(info: Any) -> Control:
    """How a field is drawn."""
    return Control(info.json_schema_extra["control"])


def filled(form: Form, model: type[Input]) -> dict[str, Any]:
    """Something sensible for each field that must be filled in and is empty."""
    empty = {name: info for name, info in model.model_fields.items() if info.is_required() and form.value(name) in (None, "", [])}
    return {name: _sensible(name, control_of(info), form.offered(name)) for name, info in empty.items() if name in form.names}


TYPED: Mapping[str, dict[str, Any]] = {
    "new-lead": {"phone": "13900008888"},
    "change-carer": {"owner_id": LIN},
    "assign-customer": {"team_id": EAST, "owner_id": LIN},
    "convert-lead": {"title": "云盘", "customer_name": "黄河"},
    "hand-over": {"to_id": LIN},
    "close-opportunity": {"reason_id": TOO_EXPENSIVE},
    "let-read": {"user_id": ZHAO},
    "erase-person": {"phone": TAKEN_PHONE},
    "add-files": {"files": "1"},
    "new-user": {"roles": ["administrator"]},
    **{f"{key}-split": {"parts": "3"} for key in ("write-quote", "sign-contract", "change-plan", "amend-contract")},
}
"""What has to be chosen with sense for the form to be taken."""

LINES: Mapping[str, dict[str, list[dict[str, Any]]]] = {"write-quote": {"lines": [SUITE]}}
"""The lines of lists that are needed, where the page has none."""


def press_of(form: Form, model: type[Input], **typed: Any) -> Answer:
    """The form filled in so that it is taken, and sent; with `typed` in place of that."""
    return form.press(filled(form, model) | TYPED.get(form.key, {}) | typed, LINES.get(form.key))


def line(form: Form, model: type[Input], name: str) -> dict[str, Any]:
    """One sensible line of the list `name`."""
    offered, parts = form.offered_in(name), line_model(model, name).model_fields
    return {part: _sensible(part, control_of(info), offered.get(part, [])) for part, info in parts.items() if info.is_required()}


def _sensible(name: str, control: Control, offered: list[Any]) -> Any:
    match control:
        case Control.AMOUNT | Control.COUNT | Control.PERCENT:
            return "1"
        case Control.DAY:
            return clock.today("Asia/Shanghai").isoformat()
        case Control.CHOICE:
            return next(iter(offered), None)
        case Control.CHOICES:
            return offered[:1]
        case Control.PASSWORD:
            return "a-long-password-9"
        case _:
            return "13900008888" if name == "phone" else "东海"


def service_modules() -> list[ModuleType]:
    """Every module of verbs."""
    return [importlib.import_module(f"crm.services.{module.name}") for module in pkgutil.iter_modules(crm.services.__path__)]


def models() -> set[type[Input]]:
    """Every input that the services declare."""
    service_modules()
    waiting, known = [inputs.Input], set[type[Input]]()
    while waiting:
        known |= (below := set(waiting.pop().__subclasses__()) - known)
        waiting += below
    return {model for model in known if model.__module__.startswith("crm.services") and model.model_fields} - {inputs.Said, inputs.Reasoned}
