"""What each verb of the services is tried with: who may, what it leaves behind, the act itself, and what has to come before it.

Who may is transcribed from the permissions as the business wrote them, not read from the code's table. The acts are done on the company of
tests/pages/every_form.py. `tests/services/test_every_verb.py` tries them and sees to it that none is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.models import (
    Claim,
    Contract,
    Customer,
    Deputy,
    Erasure,
    File,
    Invoice,
    Opportunity,
    OpportunityReader,
    Quote,
    SavedView,
    Stage,
    User,
)
from crm.scope import Actor
from crm.services import (
    amendments,
    approvals,
    carers,
    claims,
    comments,
    competition,
    contacts_taken,
    contracts,
    costs,
    customers,
    deputies,
    dictionaries,
    endings,
    erasures,
    files,
    follow_ups,
    hand_over,
    invoices,
    leads,
    master,
    merging,
    months,
    notices,
    opportunities,
    payment_plans,
    people,
    quotes,
    receipts,
    saved_views,
    sharing,
    signing,
    taking_back,
    target_grid,
    targets,
    users,
)  # fmt: skip
from crm.services.inputs import Input, read
from tests import killing
from tests.pages.every_form import LOST, TAKEN_PHONE
from tests.people import (
    CALL,
    EAST,
    LIN,
    PASSWORD,
    PROPOSAL,
    RIVAL,
    TODAY,
    TOO_EXPENSIVE,
    TRAVEL,
    WANG,
    WEB,
    XIA,
    ZHAO,
    actor,
)  # fmt: skip
from tests.services.test_quotes import SUITE

EVERYBODY = "chen lin wang sun zhao fang mei xia ada"

OPEN, WON, POOLED, ASKED, OFFERED = killing.OPEN, killing.WON, killing.POOLED, killing.ASKED, killing.OFFERED
TODAY_TEXT = TODAY.isoformat()

Act = Callable[[Session, Actor], object]


@dataclass(frozen=True)
class Deed:
    """What a verb is tried with: who may, the lines of audit and histories that it leaves (none: a person's own habits), the act, and what
    comes before it. `keeps`: " or " stands between what it leaves in different hands."""

    may: str
    keeps: str
    act: Act
    before: Act = lambda _session, _actor: None


def v(model: type[Input], **values: Any) -> Any:
    """What a form sends."""
    return read(model, values)


def now(session: Session, model: Any, id: int = 1) -> int:
    """The version at which a record stands."""
    return int(session.scalars(select(model.version).where(model.id == id)).one())


def by(login: str, act: Act) -> Act:
    """What somebody else did before."""
    return lambda session, _actor: act(session, actor(session, login))


def last(session: Session, model: Any) -> int:
    """The record that was made last."""
    return int(session.scalar(select(func.max(model.id))) or 0)


DESCRIBED = {"contact_name": "何先生", "phone": "13900000002", "source_id": WEB, "owner_id": WANG}
PLAN = [{"no": 1, "due_on": "2026-09-01", "amount": "60000"}, {"due_on": "2027-01-01", "amount": "40000"}]
OFFER = {"lines": [SUITE], "valid_until": "2026-12-31"}
MONEY = {"amount": "40000", "received_on": TODAY}


def _give_customer(s: Session, a: Actor) -> object:
    form = v(customers.AssignCustomer, team_id=EAST, owner_id=LIN)
    return customers.assign_many(s, a, [(1, now(s, Customer))], form, today=TODAY)


def _receive(s: Session, a: Actor) -> object:
    return receipts.receive(s, a, 1, v(receipts.Receive, **MONEY), today=TODAY)


def _change_plan(s: Session, a: Actor) -> object:
    form = v(payment_plans.ChangePlan, plan=PLAN, reason="延期")
    return payment_plans.change_plan(s, a, 1, form, version=now(s, Contract), today=TODAY)


def _refund(s: Session, a: Actor) -> object:
    return receipts.refund(s, a, 1, v(receipts.Refund, amount="60000", refunded_on=TODAY, reason="退货"), today=TODAY)


def _lead(s: Session, a: Actor) -> object:
    return leads.create(s, a, v(leads.CreateLead, **DESCRIBED), today=TODAY)


def _ask(s: Session, a: Actor) -> object:
    return erasures.ask(s, a, 1, v(erasures.AskErasure, reason="来电"))


def _let(s: Session, a: Actor) -> object:
    return sharing.let_read(s, a, OPEN, v(sharing.LetRead, user_id=ZHAO))


def _close_month(s: Session, a: Actor) -> object:
    return months.close(s, a, date(2026, 10, 1), today=TODAY)


def _claim(s: Session, a: Actor) -> object:
    return claims.open_claim(s, a, v(claims.OpenClaim, phone=TAKEN_PHONE, reason="我的老客户"))


def _name(s: Session, a: Actor) -> object:
    named = v(deputies.NameDeputy, deputy_id=ZHAO, from_on=TODAY, until_on=TODAY)
    return deputies.name(s, a, named, today=TODAY)


def _publish(s: Session, a: Actor) -> object:
    return sharing.publish(s, a, WON)


def _add_source(s: Session, a: Actor) -> Any:
    return dictionaries.add(s, a, dictionaries.SOURCES, v(dictionaries.DescribeSource, name="抖音"))


def _view(s: Session, a: Actor) -> Any:
    return saved_views.keep(s, a, "leads", "我的", "{}")


def _retired(s: Session, a: Actor) -> object:
    return dictionaries.retire(s, a, dictionaries.SOURCES, 3, version=1)


def _retired_stage(s: Session, a: Actor) -> object:
    return master.retire_stage(s, a, PROPOSAL, version=now(s, Stage, PROPOSAL))


def _deactivate(s: Session, a: Actor) -> object:
    return users.deactivate(s, a, XIA, version=now(s, User, XIA))


def _set_target(s: Session, a: Actor) -> object:
    return targets.set_target(s, a, v(targets.SetTarget, month="2026-12-01", user_id=WANG, amount="500000"), today=TODAY)


def _set_targets(s: Session, a: Actor) -> None:
    _set_target(s, a)
    targets.set_target(s, a, v(targets.SetTarget, month="2026-12-01", user_id=ZHAO, amount="500000"), today=TODAY)


def _file(s: Session, a: Actor) -> Any:
    return files.keep(s, a, stored_name="x", name="a.pdf", content_type="application/pdf", size=1, sha256="x")


DEEDS: Mapping[str, Deed] = {
    # leads
    "leads.create": Deed("chen lin mei wang", "created leads", _lead),
    "leads.edit": Deed("chen lin mei wang", "changed leads", lambda s, a: leads.edit(
        s, a, 1, v(leads.EditLead, contact_name="刘总", phone="13900000001", source_id=WEB, owner_id=WANG), version=1, today=TODAY)),
    "leads.note": Deed("chen lin mei wang", "changed leads, created lead_notes or created lead_notes",
        lambda s, a: leads.note(s, a, 1, v(leads.WriteNote, content="回电"), today=TODAY)),
    "leads.assign": Deed("chen lin mei", "changed leads",
        lambda s, a: leads.assign(s, a, 1, v(leads.AssignLead, owner_id=LIN), version=1)),
    "leads.assign_many": Deed("chen lin mei", "changed leads",
        lambda s, a: leads.assign_many(s, a, [(1, 1)], v(leads.AssignLead, owner_id=LIN))),
    "leads.fail": Deed("chen lin mei wang", "changed leads", lambda s, a: leads.fail(
        s, a, 1, v(leads.FailLead, reason="空号"), version=1, today=TODAY)),
    "leads.convert": Deed("chen lin mei wang", "changed leads, created contacts, created customers, created opportunities, history created",
        lambda s, a: leads.convert(s, a, 1, v(leads.ConvertLead, title="云盘"), today=TODAY)),
    "contacts_taken.look": Deed("chen lin mei sun wang zhao", "created duplicate_checks",
        lambda s, a: contacts_taken.look(s, a, phone=TAKEN_PHONE)),
    "contacts_taken.note_look": Deed(EVERYBODY, "created duplicate_checks", contacts_taken.note_look),
    "claims.open_claim": Deed("lin mei wang", "created claims", _claim),
    "claims.grant": Deed("chen lin sun", "changed claims or changed claims, changed customers, changed opportunities, history assigned",
        lambda s, a: claims.grant(s, a, last(s, Claim), today=TODAY), by("wang", _claim)),
    "claims.decline": Deed("chen lin sun", "changed claims", lambda s, a: claims.decline(s, a, last(s, Claim)), by("wang", _claim)),
    # customers
    "customers.create": Deed("chen", "created customers",
        lambda s, a: customers.create(s, a, v(customers.CreateCustomer, name="新海"), today=TODAY)),
    "customers.edit": Deed("chen lin wang", "changed customers", lambda s, a: customers.edit(
        s, a, 1, v(customers.EditCustomer, name="东海", region="华东"), version=1)),
    "customers.add_contact": Deed("chen lin wang", "created contacts", lambda s, a: customers.add_contact(
        s, a, 1, v(customers.DescribeContact, name="钱小姐"))),
    "customers.edit_contact": Deed("chen lin wang", "changed contacts", lambda s, a: customers.edit_contact(
        s, a, 1, v(customers.DescribeContact, name="钱小姐"), was=v(customers.DescribeContact, name="张经理"))),
    "customers.assign": Deed("chen", "changed customers, changed opportunities, history assigned", lambda s, a: customers.assign(
        s, a, POOLED, v(customers.AssignCustomer, team_id=EAST), version=now(s, Customer, POOLED), today=TODAY)),
    "customers.assign_many": Deed("chen lin", "changed customers, changed opportunities, history assigned",
        lambda s, a: customers.assign_many(
        s, a, [(1, now(s, Customer))], v(customers.AssignCustomer, team_id=EAST, owner_id=LIN), today=TODAY)),
    "taking_back.take_back": Deed("lin", "changed customers, changed opportunities, history assigned", lambda s, a: taking_back.take_back(
        s, a, [(1, now(s, Customer))], today=TODAY), by("lin", _give_customer)),
    "taking_back.take_back_leads": Deed("chen lin mei", "changed leads",
        lambda s, a: taking_back.take_back_leads(s, a, [(1, 1, LIN)])),
    "merging.merge": Deed("chen lin", "changed contracts, changed customers, changed opportunities, deleted contacts",
        lambda s, a: merging.merge(
        s, a, 1, 2, v(merging.MergeCustomers, name="东海"), versions=(now(s, Customer, 1), now(s, Customer, 2)), today=TODAY)),
    "hand_over.hand_over": Deed(
        "chen",
        "changed contracts, changed customers, changed leads, changed opportunities, contract carer, history assigned",
        lambda s, a: hand_over.hand_over(
        s, a, WANG, v(hand_over.HandOver, to_id=ZHAO, why="离职"), today=TODAY)),
    "hand_over.ask": Deed("ada chen", "", lambda s, a: hand_over.ask(s, a, XIA)),
    "erasures.ask": Deed("chen", "created erasures", _ask),
    "erasures.ask_for": Deed("ada chen", "created erasures", lambda s, a: erasures.ask_for(
        s, a, v(erasures.AskForPerson, phone=TAKEN_PHONE, reason="来信"))),
    "erasures.erase": Deed("ada", "changed contacts, changed erasures",
        lambda s, a: erasures.erase(s, a, last(s, Erasure)), by("chen", _ask)),
    "erasures.withdraw": Deed("ada chen", "changed erasures", lambda s, a: erasures.withdraw(s, a, last(s, Erasure)), by("chen", _ask)),
    # opportunities
    "opportunities.create": Deed("chen lin wang", "created opportunities, history created", lambda s, a: opportunities.create(
        s, a, v(opportunities.CreateOpportunity, customer_id=1, title="云盘", source_id=WEB), today=TODAY)),
    "opportunities.edit": Deed("chen lin wang", "changed opportunities, history stage", lambda s, a: opportunities.edit(
        s, a, OPEN, v(opportunities.EditOpportunity, title="企业版 2", stage_id=PROPOSAL), version=now(s, Opportunity), today=TODAY)),
    "opportunities.mark_lost": Deed("chen lin wang", "changed opportunities, history lost", lambda s, a: opportunities.mark_lost(
        s, a, OPEN, v(opportunities.CloseOpportunity, reason_id=TOO_EXPENSIVE), version=now(s, Opportunity), today=TODAY)),
    "opportunities.mark_stopped": Deed("chen lin wang", "changed opportunities, history stopped", lambda s, a: opportunities.mark_stopped(
        s, a, OPEN, v(opportunities.CloseOpportunity, reason_id=3), version=now(s, Opportunity), today=TODAY)),
    "opportunities.reopen": Deed("chen lin", "changed opportunities, history reopened", lambda s, a: opportunities.reopen(
        s, a, LOST, version=now(s, Opportunity, LOST), today=TODAY)),
    "follow_ups.write": Deed("chen lin wang", "created follow_ups", lambda s, a: follow_ups.write(
        s, a, OPEN, v(follow_ups.WriteFollowUp, method_id=CALL, content="谈了"), today=TODAY)),
    "follow_ups.edit": Deed("wang", "changed follow_ups", lambda s, a: follow_ups.edit(
        s, a, 1, v(follow_ups.MendFollowUp, method_id=CALL, content="改了", problem="登录慢", department_id=1))),
    "follow_ups.solve_problem": Deed("chen lin wang xia", "changed follow_ups",
        lambda s, a: follow_ups.solve_problem(s, a, 1, v(follow_ups.SolveProblem, answer="好了"))),
    "comments.write": Deed("chen lin", "created comments", lambda s, a: comments.write(
        s, a, OPEN, v(comments.WriteComment, kind="decision", content="可以", discount_bp="5"))),
    "comments.reply": Deed("chen lin wang", "created comments",
        lambda s, a: comments.reply(s, a, 1, v(comments.ReplyToComment, content="好"))),
    "competition.record": Deed("chen lin wang", "created competition_records", lambda s, a: competition.record(
        s, a, OPEN, v(competition.RecordCompetition, competitor_id=RIVAL), today=TODAY)),
    "competition.edit": Deed("chen lin wang", "changed competition_records", lambda s, a: competition.edit(
        s, a, 1, v(competition.RecordCompetition, competitor_id=RIVAL, note="降价"),
        was=v(competition.RecordCompetition, competitor_id=RIVAL))),
    "sharing.let_read": Deed("chen lin", "created opportunity_readers", _let),
    "sharing.withdraw": Deed("chen lin", "changed opportunity_readers",
        lambda s, a: sharing.withdraw(s, a, last(s, OpportunityReader)), by("lin", _let)),
    "sharing.publish": Deed("chen lin", "changed opportunities", _publish),
    "sharing.unpublish": Deed("chen lin", "changed opportunities", lambda s, a: sharing.unpublish(s, a, WON), by("lin", _publish)),
    # quotes
    "quotes.draft": Deed("lin wang", "created quotes", lambda s, a: quotes.draft(s, a, OPEN, v(quotes.WriteQuote, **OFFER), today=TODAY)),
    "quotes.revise": Deed("lin wang", "changed quotes, created quotes", lambda s, a: quotes.revise(
        s, a, 2, v(quotes.WriteQuote, **OFFER), version=now(s, Quote, 2), today=TODAY)),
    "quotes.edit": Deed("lin wang", "changed quotes", lambda s, a: quotes.edit(
        s, a, 3, v(quotes.WriteQuote, **OFFER), version=now(s, Quote, 3), today=TODAY)),
    "approvals.submit": Deed("lin wang", "changed opportunities, changed quotes, history stage",
        lambda s, a: approvals.submit(s, a, 3, version=now(s, Quote, 3), today=TODAY)),
    "approvals.approve": Deed("chen lin", "changed quotes", lambda s, a: approvals.approve(
        s, a, 1, v(approvals.DecideQuote), version=now(s, Quote), today=TODAY)),
    "approvals.reject": Deed("chen lin", "changed quotes", lambda s, a: approvals.reject(
        s, a, 1, v(approvals.DecideQuote, note="太低"), version=now(s, Quote), today=TODAY)),
    # contracts
    "signing.sign": Deed(
        "lin wang",
        "changed opportunities, changed quotes, contract signed, created contracts, created payment_plans, history won",
        lambda s, a: signing.sign(
        s, a, 2, v(signing.SignContract, number="HT-3", signed_on=TODAY), version=now(s, Opportunity, OFFERED), today=TODAY)),
    "contracts.add_files": Deed("lin wang", "created files", lambda s, a: contracts.add_files(
        s, a, 1, v(contracts.AddFiles, files=[last(s, File)])), _file),
    "amendments.amend": Deed("chen", "changed contracts, contract amended, created payment_plans", lambda s, a: amendments.amend(
        s, a, 1, v(amendments.AmendContract, amount="110000", day=TODAY, reason="增购", plan=[*PLAN[:1], PLAN[1] | {"amount": "50000"}]),
        version=now(s, Contract), today=TODAY)),
    "carers.change": Deed("chen lin", "changed contracts, contract carer", lambda s, a: carers.change(
        s, a, 1, v(carers.ChangeCarer, owner_id=LIN, reason="休假"), version=now(s, Contract), today=TODAY)),
    "endings.complete": Deed("fang lin", "changed contracts, contract completed", lambda s, a: endings.complete(
        s, a, 1, version=now(s, Contract), today=TODAY), by("fang", _receive)),
    "endings.void": Deed("chen", "changed contracts, changed opportunities, contract voided, history voided", lambda s, a: endings.void(
        s, a, 1, v(endings.VoidContract, reason="破产", opportunity_becomes="following"), version=now(s, Contract), today=TODAY),
        by("fang", _refund)),
    "payment_plans.change_plan": Deed("fang lin wang", "created payment_plans", _change_plan),
    "payment_plans.decline_plan": Deed(
        "fang lin", "changed payment_plans", lambda s, a: payment_plans.decline_plan(
        s, a, 1, v(payment_plans.DeclinePlan, reason="按原计划"), version=now(s, Contract)), by("wang", _change_plan)),
    "receipts.receive": Deed("fang", "created receipts", _receive),
    "receipts.refund": Deed("fang", "created receipts", _refund),
    "receipts.cancel": Deed("fang", "changed receipts",
        lambda s, a: receipts.cancel(s, a, 1, v(contracts.CancelEntry, reason="录错"), today=TODAY)),
    "costs.pay_cost": Deed("fang lin", "created costs", lambda s, a: costs.pay_cost(
        s, a, 1, v(costs.PayCost, category_id=TRAVEL, paid_on=TODAY, amount="9"), today=TODAY)),
    "costs.cancel_cost": Deed("fang", "changed costs",
        lambda s, a: costs.cancel_cost(s, a, 1, v(contracts.CancelEntry, reason="录错"), today=TODAY)),
    "invoices.issue": Deed("fang", "created invoices", lambda s, a: invoices.issue(
        s, a, 1, v(invoices.IssueInvoice, number="FP-2", invoiced_on=TODAY, amount="9"), today=TODAY)),
    "invoices.edit": Deed("fang", "changed invoices", lambda s, a: invoices.edit(
        s, a, 1, v(invoices.IssueInvoice, number="FP-9", invoiced_on=TODAY, amount="9"), version=now(s, Invoice), today=TODAY)),
    "invoices.cancel": Deed("fang", "changed invoices",
        lambda s, a: invoices.cancel(s, a, 1, v(contracts.CancelEntry, reason="抬头"), today=TODAY)),
    "months.close": Deed("fang", "changed closed_months", _close_month),
    "months.reopen": Deed("chen", "changed closed_months", lambda s, a: months.reopen(s, a, date(2026, 10, 1)), by("fang", _close_month)),
    "targets.set_target": Deed("chen lin", "created sales_targets", _set_target),
    "target_grid.set_cells": Deed("chen lin", "created sales_targets", lambda s, a: target_grid.set_cells(
        s, a, 2026, [{"row": f"rep-{WANG}", "month": "2026-12-01", "amount": "9"}], today=TODAY)),
    "target_grid.copied": Deed("chen lin sun", "created sales_targets", lambda s, a: target_grid.copied(
        s, a, 2027, v(target_grid.CopyYear, percent="5"), today=TODAY), by("chen", _set_targets)),
    # master data
    "dictionaries.add": Deed("ada mei", "created lead_sources", _add_source),
    "dictionaries.edit": Deed("ada mei", "changed lead_sources", lambda s, a: dictionaries.edit(
        s, a, dictionaries.SOURCES, 3, v(dictionaries.DescribeSource, name="老客户"), version=1)),
    "dictionaries.retire": Deed("ada mei", "changed lead_sources", _retired),
    "dictionaries.bring_back": Deed("ada mei", "changed lead_sources", lambda s, a: dictionaries.bring_back(
        s, a, dictionaries.SOURCES, 3), by("ada", _retired)),
    "master.add_stage": Deed("ada", "changed stages, created stages", lambda s, a: master.add_stage(
        s, a, v(master.DescribeStage, name="试用", probability_bp="40"), today=TODAY)),
    "master.edit_stage": Deed("ada", "changed stages", lambda s, a: master.edit_stage(
        s, a, PROPOSAL, v(master.DescribeStage, name="方案", probability_bp="40"), version=now(s, Stage, PROPOSAL), today=TODAY)),
    "master.reorder_stages": Deed("ada", "changed stages", lambda s, a: master.reorder_stages(s, a, [2, 1, 3, 4], today=TODAY)),
    "master.retire_stage": Deed("ada", "changed stages", _retired_stage),
    "master.bring_back_stage": Deed("ada", "changed stages",
        lambda s, a: master.bring_back_stage(s, a, PROPOSAL), by("ada", _retired_stage)),
    "master.change_settings": Deed("ada", "changed settings", lambda s, a: master.change_settings(
        s, a, v(master.EditSettings, company_name="南北软件", zone="Asia/Shanghai", currency="CNY"),
        version=master.settings(s).version, today=TODAY)),
    "users.create": Deed("ada", "created users", lambda s, a: users.create(
        s, a, v(users.CreateUser, login="wu", name="吴", roles=["rep"], team_id=EAST, password="a-long-password-9"), today=TODAY)),
    "users.edit": Deed("ada", "changed users", lambda s, a: users.edit(
        s, a, XIA, v(users.DescribeUser, name="夏天", roles=["service"], department_id=1), version=now(s, User, XIA), today=TODAY)),
    "users.give_password": Deed("ada", "changed users",
        lambda s, a: users.give_password(s, a, XIA, v(users.NewPassword, password="a-long-password-9"))),
    "users.deactivate": Deed("ada", "changed users", _deactivate),
    "deputies.name": Deed("chen lin sun", "created deputies", _name),
    "deputies.end": Deed("lin", "deleted deputies",
        lambda s, a: deputies.end(s, a, last(s, Deputy), today=TODAY), by("lin", _name)),
    "users.activate": Deed("ada", "changed users", lambda s, a: users.activate(s, a, XIA), by("ada", _deactivate)),
    # one's own
    "people.sign_out": Deed(EVERYBODY, "signed_out users", people.sign_out),
    "people.sign_out_everywhere": Deed(EVERYBODY, "signed_out users", people.sign_out_everywhere),
    "people.change_password": Deed(EVERYBODY, "changed users", lambda s, a: people.change_password(
        s, a, v(people.ChangePassword, current=PASSWORD, new="a-long-password-9", again="a-long-password-9"))),
    "people.set_language": Deed(EVERYBODY, "", lambda s, a: people.set_language(s, a, "en")),
    "people.set_theme": Deed(EVERYBODY, "", lambda s, a: people.set_theme(s, a, "dark")),
    "files.keep": Deed(EVERYBODY, "", _file),
    "saved_views.keep": Deed(EVERYBODY, "", _view),
    "saved_views.rename": Deed(EVERYBODY, "", lambda s, a: saved_views.rename(s, a, "leads", _view(s, a).id, "新")),
    "saved_views.open_with": Deed(EVERYBODY, "", lambda s, a: saved_views.open_with(s, a, "leads", _view(s, a).id)),
    "saved_views.leave_out": Deed(EVERYBODY, "", lambda s, a: saved_views.leave_out(s, a, "leads", ["a"], ["a"])),
    "saved_views.remove": Deed("wang", "",
        lambda s, a: saved_views.remove(s, a, "leads", last(s, SavedView)), by("wang", _view)),
    "saved_views.end_tour": Deed(EVERYBODY, "", saved_views.end_tour),
    "saved_views.begin_tour": Deed(EVERYBODY, "", saved_views.begin_tour, saved_views.end_tour),
    "notices.mark_read": Deed(EVERYBODY, "", lambda s, a: notices.mark_read(s, a)),
}  # fmt: skip
