"""How many clicks and seconds the daily tasks take: a person of the demo company does each, and what they typed and pressed is counted.

`python -m scripts.journeys` prints the table of docs/journeys.md and takes its pictures. A click is a press of the mouse; typing, and the
moves of the eye, are a person's own. Seconds are the program's: from the first click until what was done stands on the page.
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from crm.demo.accounts import PASSWORD
from scripts import chromium
from scripts.server import Server, saleslens

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
A_MOMENT = 400
"""Milliseconds that a hand takes from one press to the next; they are in the seconds."""
MOST = 3
"""Clicks beyond typing that a task may take."""


@dataclass
class Hand:
    """A person's hand: it clicks, which counts, and types, which does not."""

    page: Page
    clicks: int = 0
    begun: float = field(default_factory=time.perf_counter)

    def click(self, what: Locator, *, shift: bool = False) -> None:
        """Press what is there, when it is there."""
        expect(what).to_be_visible(timeout=30_000)
        if not self.clicks:
            self.begun = time.perf_counter()
        self.clicks += 1
        what.click(modifiers=["Shift"] if shift else [])
        self.page.wait_for_timeout(A_MOMENT)

    def type(self, where: Locator, text: str) -> None:
        """Write into a field and leave it by the key for the next."""
        where.fill(text)
        where.press("Tab")


Task = Callable[[Hand], None]


def note_a_call(hand: Hand) -> None:
    """Wang, on the page of an opportunity: write a follow-up, save."""
    hand.click(hand.page.locator("#opportunity-composer-follow-up summary"))
    hand.type(hand.page.locator("#opportunity-form-follow-up textarea").first, "电话沟通，下周给方案")
    hand.click(hand.page.locator("#opportunity-form-follow-up .primary"))
    expect(hand.page.locator(".said-text", has_text="下周给方案").first).to_be_visible(timeout=30_000)


def convert(hand: Hand) -> None:
    """Wang, in the list of leads: open one, success, confirm."""
    hand.click(hand.page.locator(".ag-center-cols-container .row-link").first)
    hand.click(hand.page.locator('.page a[href$="/convert"]'))
    hand.click(hand.page.locator('form[data-form="convert-lead"] .form-actions > .primary'))
    expect(hand.page).to_have_url(re.compile(r"/leads($|\?)"), timeout=30_000)


def assign_five(hand: Hand) -> None:
    """Chen, in the company's pool: tick the first, with Shift the fifth, give them to a team."""
    ticks = hand.page.locator(".ag-row input[type=checkbox]")
    hand.click(ticks.nth(0))
    hand.click(ticks.nth(4), shift=True)
    hand.click(hand.page.locator(".candidate button").first)
    expect(hand.page.locator(".toast-line")).to_be_visible(timeout=30_000)


def quote_again(hand: Hand) -> None:
    """Wang, where the decision is read: quote again (the discount stands in it), save, submit."""
    hand.click(hand.page.locator('.said-comment a[href*="/quote"]').first)
    hand.click(hand.page.locator('form[data-form="write-quote"] .form-actions > .primary'))
    hand.click(hand.page.locator('form[data-form="submit-quote"] .primary'))
    expect(hand.page).to_have_url(re.compile(r"/opportunities/\d+$"), timeout=30_000)


def sign(hand: Hand) -> None:
    """Wang, on the opportunity: sign, split into three, save; the number is typed, the file dropped."""
    hand.click(hand.page.locator('.page a[href$="/sign"]').first)
    form = hand.page.locator('form[data-form="sign-contract"]')
    hand.type(form.locator(".field.text input").first, "HT-2026-9001")
    form.locator(".file-drop input[type=file]").set_input_files({"name": "合同.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(form.locator(".file-drop li[data-number]")).to_have_count(1)
    hand.type(form.locator(".split .field.text input").first, "3")
    hand.click(form.locator(".split > .button"))
    expect(form.locator(".plan-lines .line")).to_have_count(3)
    hand.click(form.locator(".form-actions > .primary"))
    expect(hand.page).to_have_url(re.compile(r"/contracts/\d+"), timeout=30_000)


def record_a_receipt(hand: Hand) -> None:
    """Fang, on the contract: receive what is due (the amount stands in it), save."""
    hand.click(hand.page.locator('.money-table a[href*="/receive"]').first)
    hand.click(hand.page.locator('form[data-form="receive-money"] .form-actions > .primary'))
    expect(hand.page.locator(".money-table").first.locator("tbody tr").first).to_contain_text("已收", timeout=30_000)


@dataclass(frozen=True)
class Setting:
    """The company at work: its server, a browser, and who is signed in where."""

    browser: Browser
    address: str

    def person(self, login: str, path: str) -> Page:
        """Somebody signed in and on their page."""
        page = self.browser.new_context(viewport={"width": 1440, "height": 900}, base_url=self.address, locale="zh-CN").new_page()
        page.goto(f"/sign-in?next={path}")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(".page h1")).to_be_visible(timeout=30_000)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(2 * A_MOMENT)
        return page

    def do(self, name: str, page: Page, task: Task) -> str:
        """Let them do it; the line of the table."""
        hand = Hand(page)
        task(hand)
        seconds = time.perf_counter() - hand.begun
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / f"journey-{task.__name__}.png")
        if hand.clicks > MOST:
            sys.exit(f"{name}: {hand.clicks} clicks")
        return f"| {name} | {(task.__doc__ or '').strip()} | {hand.clicks} | {seconds:.1f} |"


def walk(setting: Setting) -> list[str]:
    """All the tasks, in the order of a deal."""
    lines = []
    wang = setting.person("wang", "/leads?status=working")
    lines.append(setting.do("convert", wang, convert))
    chen = setting.person("chen", "/assign/teams")
    lines.append(setting.do("assign five", chen, assign_five))
    wang.goto("/opportunities?status=following")
    opportunity = str(wang.locator(".ag-center-cols-container .row-link").first.get_attribute("href", timeout=30_000))
    wang.goto(opportunity)
    lines.append(setting.do("note a call", wang, note_a_call))
    lin = setting.person("lin", opportunity)
    _first_offer(wang, lin, opportunity)
    _decide(lin)
    wang.goto(opportunity)
    lines.append(setting.do("quote again", wang, quote_again))
    _approve(lin, opportunity)
    wang.goto(opportunity)
    lines.append(setting.do("sign", wang, sign))
    fang = setting.person("fang", re.sub(r"^https?://[^/]+", "", wang.url))
    lines.append(setting.do("record a receipt", fang, record_a_receipt))
    return lines


def _first_offer(wang: Page, lin: Page, opportunity: str) -> None:
    wang.goto(f"{opportunity}/quote")
    wang.locator('form[data-form="write-quote"] .form-actions > .primary').click(timeout=30_000)
    wang.locator('form[data-form="submit-quote"] .primary').click(timeout=30_000)
    expect(wang).to_have_url(re.compile(f"{opportunity}$"), timeout=30_000)
    _approve(lin, opportunity)


def _approve(lin: Page, opportunity: str) -> None:
    lin.goto(f"{opportunity}/quotes")
    lin.locator('form[data-form="decide-quote"] .form-actions > .primary').click(timeout=30_000)
    expect(lin).to_have_url(re.compile(f"{opportunity}$"), timeout=30_000)


def _decide(lin: Page) -> None:
    lin.locator("#opportunity-composer-comment summary").click(timeout=30_000)
    form = lin.locator("#opportunity-form-comment")
    form.locator(".dash-dropdown").first.click()
    lin.get_by_role("option", name="决定").click()
    form.locator("textarea").fill("可以再让五个点")
    form.locator(".field.percent input").fill("5")
    form.locator(".primary").click()
    expect(lin.locator(".said-comment", has_text="可以再让五个点").first).to_be_visible(timeout=30_000)


def main() -> int:
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        made = saleslens(Path(home), "demo")
        if made.returncode:
            sys.exit(made.stderr)
        server = Server(Path(home)).start()
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--headless=new", *chromium.FLAGS])
        try:
            print("| task | how | clicks | seconds |\n|---|---|---|---|")
            print("\n".join(walk(Setting(browser, server.address))))
        finally:
            browser.close()
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
