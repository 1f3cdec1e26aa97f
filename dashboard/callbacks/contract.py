"""The page of a contract and the acts on it, each a form drawn from its verb's input: money in and out, plan, files, its end.

`ACTS` is the table of them: what an act is called, the right it takes, what its form begins with, and the verb that saves it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash, State, html
from sqlalchemy.orm import Session

from crm.errors import NotFound
from crm.models import Base, Contract
from crm.scope import Actor
from crm.services import (
    amendments,
    approvals,
    carers,
    contract_view,
    contracts,
    costs,
    endings,
    input_types,
    inputs,
    invoices,
    offers,
    payment_plans,
    quotes,
    receipts,
    signing,
)
from crm.services.amendments import AmendContract
from crm.services.carers import ChangeCarer
from crm.services.contract_view import Ledger
from crm.services.contracts import AddFiles
from crm.services.costs import PayCost
from crm.services.endings import VoidContract
from crm.services.invoices import IssueInvoice
from crm.services.opportunities import find as find_opportunity
from crm.services.payment_plans import ChangePlan, DeclinePlan
from crm.services.reach import find as find_within
from crm.services.receipts import Receive, Refund
from crm.services.signing import SignContract
from crm.vocabulary import Kind, LossKind, OpportunityStatus
from dashboard import frame, session, watching
from dashboard.callbacks import acts, forms, hearing, split
from dashboard.callbacks.acts import About
from dashboard.callbacks.opportunity import number
from dashboard.components import act as act_component
from dashboard.components import form
from dashboard.components.act import act_page
from dashboard.components.filters import Choice, by_name
from dashboard.components.page import page as blank_page
from dashboard.components.split import beside
from dashboard.i18n import N_, _, day, money, plain, word
from dashboard.pages import contract as page

SIGN = "sign-contract"

Values = dict[str, Any]
Choices = dict[str, list[Choice]]


@dataclass(frozen=True, slots=True)
class Act:
    """One act on a contract: its form and what saves it."""

    key: str
    model: type[inputs.Input]
    title: str
    save: str
    rights: tuple[str, ...]
    verb: acts.Verb
    begins: Callable[[Ledger, date, Mapping[str, str]], Values] = lambda _seen, _today, _asked: {}
    offers: Callable[[Session, Ledger], Choices] = lambda _opened, _seen: {}
    said: str = ""
    grave: bool = False


# ── what the forms begin with and offer ──────────────────────────────────────────────────────────────────────────────────────
def _next_money(seen: Ledger, today: date, asked: Mapping[str, str]) -> Values:
    """What is open of the instalment in the address, else of the first."""
    wanted = asked.get("instalment", "")
    due = next((due for due in seen.dues if due.open and (not wanted or str(due.no) == wanted)), None)
    return {"received_on": today, "amount": due.open if due else None, "instalments": [due.no] if due else [], "method": "transfer"}


def _plan_now(seen: Ledger, _today: date, _asked: Mapping[str, str]) -> Values:
    """The proposal that waits, else the plan in force; instalments that do not stand get new numbers."""
    known = {due.no for due in seen.dues}
    parts = seen.proposal.instalments if seen.proposal else seen.dues
    rows = [
        {"no": part.no if part.no in known else None, "due_on": part.due_on, "amount": part.amount, "condition": part.condition}
        for part in parts
    ]  # fmt: skip
    return {"plan": rows, "reason": seen.proposal.reason if seen.proposal else ""}


def _amended(seen: Ledger, today: date, asked: Mapping[str, str]) -> Values:
    return {"amount": seen.contract.amount, "day": today, "plan": _plan_now(seen, today, asked)["plan"]}


def _instalments(_opened: Session, seen: Ledger) -> Choices:
    return {"instalments": [Choice(due.no, f"{due.no} · {day(due.due_on)} · {money(due.open)}") for due in seen.dues]}


def _categories(opened: Session, _seen: Ledger) -> Choices:
    return {"category_id": by_name(offers.cost_categories(opened))}


def _endings(opened: Session, _seen: Ledger) -> Choices:
    """What becomes of the opportunity of a void contract."""
    becomes = [Choice(status.value, word(status)) for status in (OpportunityStatus.FOLLOWING, OpportunityStatus.STOPPED)]
    return {"opportunity_becomes": becomes, "stop_reason_id": by_name(offers.reasons(opened, LossKind.STOPPED))}


def _carers(opened: Session, seen: Ledger) -> Choices:
    """Who else can look after the contract."""
    found = offers.sellers(opened, session.actor(), Kind.CUSTOMER)
    return {"owner_id": by_name([offer for offer in found if offer[0] != seen.contract.owner_id])}


# ── the verbs, as the table calls them ───────────────────────────────────────────────────────────────────────────────────────
def dated(verb: Callable[..., Base]) -> acts.Verb:
    """A verb of money: it needs no version, since it adds a line."""

    def act(opened: Session, actor: Actor, about: About, values: Any, today: date) -> Base:
        return verb(opened, actor, int(about["id"]), values, today=today)

    return act


def versioned(verb: Callable[..., Base]) -> acts.Verb:
    """A verb that changes what the person has seen."""

    def act(opened: Session, actor: Actor, about: About, values: Any, today: date) -> Base:
        return verb(opened, actor, int(about["id"]), values, version=int(about["version"]), today=today)

    return act


def _complete(opened: Session, actor: Actor, about: About, _values: Any, today: date) -> Base:
    return endings.complete(opened, actor, int(about["id"]), version=int(about["version"]), today=today)


def _decline(opened: Session, actor: Actor, about: About, values: DeclinePlan, _today: date) -> Base:
    return payment_plans.decline_plan(opened, actor, int(about["id"]), values, version=int(about["version"]))


def _add_files(opened: Session, actor: Actor, about: About, values: AddFiles, _today: date) -> Base:
    return contracts.add_files(opened, actor, int(about["id"]), values)


ACTS: Mapping[str, Act] = {
    "receive": Act(
        "receive-money", Receive, N_("Record a receipt"), N_("Save"), ("receive",), dated(receipts.receive), _next_money, _instalments,
    ),
    "refund": Act(
        "refund-money", Refund, N_("Record a refund"), N_("Save"), ("receive",), dated(receipts.refund),
        lambda _seen, today, _asked: {"refunded_on": today, "method": "transfer"}, _instalments,
        N_("A refund is money given back. A mistyped receipt is cancelled instead."),
    ),
    "cost": Act(
        "pay-cost", PayCost, N_("Record a cost"), N_("Save"), ("cost",), dated(costs.pay_cost),
        lambda _seen, today, _asked: {"paid_on": today}, _categories,
    ),
    "invoice": Act(
        "issue-invoice", IssueInvoice, N_("Record an invoice"), N_("Save"), ("invoice",), dated(invoices.issue),
        lambda _seen, today, _asked: {"invoiced_on": today}, said=N_("Listed with the contract; not a receivable."),
    ),
    "plan": Act(
        "change-plan", ChangePlan, N_("Payment plan"), N_("Save"), ("plan", "propose"), versioned(payment_plans.change_plan), _plan_now,
    ),
    "decline": Act(
        "decline-plan", DeclinePlan, N_("Decline the proposal"), N_("Decline"), ("plan",), _decline,
        said=N_("The payment plan stays as it is; who proposed another one is told your reason."),
    ),
    "files": Act("add-files", AddFiles, N_("Add files"), N_("Save"), ("files",), _add_files),
    "amend": Act(
        "amend-contract", AmendContract, N_("Amend"), N_("Amend"), ("amend",), versioned(amendments.amend), _amended,
        said=N_("The contract as it was stays in its history."),
    ),
    "carer": Act(
        "change-carer", ChangeCarer, N_("Change the carer"), N_("Save"), ("carer",), versioned(carers.change), offers=_carers,
        said=N_("Who looks after the contract from now on. Its signer stays."),
    ),
    "complete": Act(
        "complete-contract", inputs.Input, N_("Complete"), N_("Complete"), ("complete",), _complete,
        said=N_("Everything has been received. A completed contract takes no new plan or amount."),
    ),
    "void": Act(
        "void-contract", VoidContract, N_("Void"), N_("Void"), ("void",), versioned(endings.void), offers=_endings,
        said=N_("This can't be undone. Nothing of its money may be left with us."), grave=True,
    ),
}  # fmt: skip
"""The acts by the word in their address, /contracts/7/receive."""


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def layout(contract_id: str = "", **_address: str) -> Any:
    """The page of the contract in the address."""
    actor = session.actor()
    with session.looking() as opened:
        seen = contract_view.of_contract(opened, actor, number(contract_id), today=session.today())
        mark = watching.mark(opened.connection(), Kind.CONTRACT, seen.contract.id, actor.user_id)
    frame.trail(*frame.trail_of("/contracts", actor), (seen.contract.number, None))
    return page.layout(seen, ZoneInfo(session.company().zone), mark)


def account_layout(customer_id: str = "", **_address: str) -> Any:
    """A customer's contracts and their money."""
    actor = session.actor()
    with session.looking() as opened:
        seen = contract_view.of_customer(opened, actor, number(customer_id), today=session.today())
    frame.trail(*frame.trail_of("/contracts", actor), (seen.customer.name, None))
    return page.account(seen)


def act_layout(contract_id: str = "", act: str = "", **asked: str) -> Any:
    """The form of one act, for who may do it now; who only sees the contract is told so."""
    wanted, actor, id = ACTS.get(act), session.actor(), number(contract_id)
    with session.looking() as opened:
        seen = contract_view.of_contract(opened, actor, id, today=session.today())
        if wanted is None:
            raise NotFound()
        frame.trail(*frame.trail_of("/contracts", actor), (seen.contract.number, f"/contracts/{id}"), (_(wanted.title), None))
        if not any(getattr(seen.rights, right) for right in wanted.rights):
            return blank_page(seen.contract.number, _("You may not do this here."))
        mark = watching.mark(opened.connection(), Kind.CONTRACT, id, actor.user_id)
        values = wanted.begins(seen, session.today(), asked)
        drawn = form.fields(wanted.key, wanted.model, values, choices=wanted.offers(opened, seen))
    body = beside(wanted.key, wanted.model, drawn, session.today(), planned=bool(values.get("plan")))
    about = {"id": id, "version": seen.contract.version, "back": f"/contracts/{id}", "here": f"/contracts/{id}/{act}"}
    said = _(wanted.said) if wanted.said else _proposing(seen) if act == "plan" else seen.contract.customer.name
    title = f"{_(wanted.title)} · {seen.contract.number}"
    return act_page(title, wanted.key, _(wanted.title), body, about, save=_(wanted.save), subtitle=said, grave=wanted.grave, mark=mark)


def _proposing(seen: Ledger) -> str:
    """What saving a plan means for who may only propose one, and where a proposal waits."""
    if seen.rights.propose:
        return _("The plan is signed: yours is a proposal to finance and your lead.")
    return _("The proposal is filled in; saving puts it in force.") if seen.proposal else seen.contract.customer.name


def sign_layout(quote_id: str = "", **_address: str) -> Any:
    """The form by which an approved quote becomes a contract."""
    actor = session.actor()
    with session.looking() as opened:
        quote = quotes.find(opened, actor, number(quote_id))
        opportunity = find_opportunity(opened, actor, quote.opportunity_id)
        may = approvals.rights(opened, actor, quote, opportunity, today=session.today()).sign
        plan = quotes.plan_of(opened, quote.id)
        mark = watching.mark(opened.connection(), Kind.QUOTE, opportunity.id, actor.user_id)
    home = f"/opportunities/{opportunity.id}"
    frame.trail(*frame.trail_of("/opportunities", actor), (opportunity.title, home), (_("Sign"), None))
    if not may:
        return blank_page(opportunity.title, _("This quote can't be signed: it must be approved and still valid."))
    rows = [{"due_on": part.due_on, "amount": part.amount, "condition": part.condition} for part in (plan.instalments if plan else ())]
    sold = _("{amount} for {products}: the quote's amount and products are the contract's.", amount=money(quote.total),
             products=plain([line.product.name for line in quote.lines]))  # fmt: skip
    drawn = form.fields(SIGN, SignContract, {"signed_on": session.today(), "plan": rows})
    body = [html.P(sold, className="quiet-line wide"), *beside(SIGN, SignContract, drawn, session.today(), planned=bool(rows))]
    about = {"id": quote.id, "version": opportunity.version, "back": home, "here": f"/quotes/{quote.id}/sign"}
    title = _("Sign “{title}”", title=opportunity.title)
    return act_page(title, SIGN, _("Contract"), body, about, save=_("Sign"), subtitle=opportunity.customer.name, mark=mark)


# ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def register(app: Dash) -> None:
    """Each act by its verb, and on to the contract."""
    for act in ACTS.values():
        acts.register(app, act.key, act.model, act.verb, to_contract)
    hearing.register_whole(app, page.IDS, page.ABOUT)
    hearing.register_whole(app, act_component.IDS, act_component.STAMP)
    acts.register(app, SIGN, SignContract, _sign, lambda made, _about: f"/contracts/{made.id}")
    for key, model in ((SIGN, SignContract), ("change-plan", ChangePlan), ("amend-contract", AmendContract)):
        forms.register_lines(app, key, model, "plan", dict)
    split.register(app, SIGN, SignContract, [State(acts.ABOUT, "data")], _quoted_amount)
    split.register(app, "amend-contract", AmendContract, [State({"form": "amend-contract", "field": "amount"}, "value")], _typed_amount)
    split.register(app, "change-plan", ChangePlan, [State(acts.ABOUT, "data")], _contract_amount)


def _sign(opened: Session, actor: Actor, about: About, values: SignContract, today: date) -> Contract:
    """Sign the quote that the page is about; which opportunity that wins, the quote says."""
    return signing.sign(opened, actor, int(about["id"]), values, version=int(about["version"]), today=today)


def to_contract(made: Any, _about: About) -> str:
    """Back to the contract of what was made: a receipt, a cost, a plan, or the contract itself."""
    return f"/contracts/{made.id if isinstance(made, Contract) else made.contract_id}"


def _typed_amount(typed: str | None) -> Decimal:
    return input_types.an_amount(form.plain_number(str(typed or "0")))


def _quoted_amount(about: About) -> Decimal:
    """The total of the quote that the page is about, within reach."""
    with session.looking() as opened:
        return quotes.find(opened, session.actor(), int(about["id"])).total


def _contract_amount(about: About) -> Decimal:
    """The amount of the contract that the page is about, within reach."""
    with session.looking() as opened:
        return find_within(opened, session.actor(), Contract, int(about["id"])).amount
