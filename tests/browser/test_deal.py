"""A deal with a real browser: quoted, 5 % more off decided, quoted again, approved, signed with a file, the first part received."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import select

from crm import clock
from crm.db import make_engine, transaction
from crm.models import Customer, Product, User
from crm.services import opportunities, people
from crm.services.inputs import read
from scripts.server import Server
from tests.browser.conftest import OpenPage
from tests.browser.test_sign_in import sign_in

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def opened_by_wang(server: Server) -> tuple[str, str]:
    """The address of a fresh opportunity of Wang's with one product, and the product's list price less 5 %."""
    engine = make_engine(f"sqlite:///{server.home / 'saleslens.db'}")
    with transaction(engine) as session:
        user = session.scalars(select(User).where(User.login == "wang")).one()
        customer = session.scalars(select(Customer).where(Customer.owner_id == user.id).limit(1)).one()
        product = session.scalars(select(Product).where(Product.active, Product.floor_price < Product.list_price * 0.9).limit(1)).one()
        said = {"customer_id": customer.id, "title": "五个点的项目", "lines": [{"product_id": product.id, "amount": "100000"}]}
        today = clock.today("Asia/Shanghai")
        wang = people.actor_of(session, user.id, today)
        made = opportunities.create(session, wang, read(opportunities.CreateOpportunity, said), today=today)
        lowered = product.list_price * 95 / 100
    engine.dispose()
    return f"/opportunities/{made.id}", f"{lowered:,.2f}"


def submit_and_approve(rep: Page, lead: Page, address: str) -> None:
    """The rep submits what stands in the form, the lead finds it in the list and approves it."""
    rep.locator('form[data-form="write-quote"] .form-actions .primary').click()
    rep.locator('form[data-form="submit-quote"] .primary').click()
    expect(rep).to_have_url(re.compile(f"{address}$"))
    lead.goto("/approvals")
    lead.locator(".ag-center-cols-container .row-link", has_text="五个点的项目").click()
    lead.locator('form[data-form="decide-quote"] .form-actions > .primary').click()
    expect(lead).to_have_url(re.compile(f"{address}$"))


def test_from_the_quote_to_the_first_receipt(open_page: OpenPage, server: Server) -> None:
    address, lowered = opened_by_wang(server)
    rep, lead, finance = open_page(locale="zh-CN"), open_page(locale="zh-CN"), open_page(locale="zh-CN")
    sign_in(rep, "wang", address)
    rep.get_by_role("link", name="新建报价").click()
    expect(rep.locator(".form-total")).to_contain_text(re.compile(r"\d"))
    sign_in(lead, "lin", address)
    submit_and_approve(rep, lead, address)
    decide(lead)
    rep.locator(".said-comment", has_text="可以再让五个点").get_by_role("link", name="再次报价").click()  # it came by itself
    price = rep.locator(".lines-lines .unit_price input").first
    expect(price).to_have_value(lowered)
    submit_and_approve(rep, lead, address)
    rep.goto(address)
    rep.get_by_role("link", name="签约", exact=True).click()
    sign(rep, "HT-五个点")
    expect(rep.locator(".money-table").first.locator("tbody tr")).to_have_count(3)
    expect(rep.get_by_role("link", name="合同.pdf")).to_be_visible()
    sign_in(finance, "fang", rep.url.removeprefix(server.address))
    finance.get_by_role("link", name="录入收款").first.click()
    finance.locator('form[data-form="receive-money"] .form-actions .primary').click()
    expect(finance.locator(".money-table").first.locator("tbody tr").first).to_contain_text("已收")
    rep.reload()
    expect(rep.locator(".money-table").first.locator("tbody tr").first).to_contain_text("已收")


def decide(lead: Page) -> None:
    """Lin lets the customer have 5 % more."""
    lead.locator("#opportunity-composer-comment summary").click()
    form = lead.locator("#opportunity-form-comment")
    form.locator(".dash-dropdown").first.click()
    lead.get_by_role("option", name="决定").click()
    form.locator("textarea").fill("可以再让五个点")
    form.locator(".field.percent input").fill("5")
    form.locator(".primary").click()
    expect(lead.locator(".said-comment", has_text="可以再让五个点").first).to_be_visible()


def sign(rep: Page, number: str) -> None:
    """The contract with a file and three equal instalments; a wrong file is refused before."""
    form = rep.locator('form[data-form="sign-contract"]')
    form.locator(".field.text input").first.fill(number)
    chooser = form.locator(".file-drop input[type=file]")
    chooser.set_input_files({"name": "合同.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(form.locator(".file-drop li[data-number]")).to_have_count(1)
    form.locator(".split summary").click()
    form.locator(".split .field.text input").fill("3")
    form.locator(".split .dash-datepicker-input").fill("2026-12-31")
    form.locator(".split .dash-datepicker-input").press("Tab")
    form.get_by_role("button", name="分期", exact=True).click()
    expect(form.locator(".plan-lines .line")).to_have_count(3)
    form.locator(".form-actions .primary").click()
    expect(rep).to_have_url(re.compile("/contracts/"))
