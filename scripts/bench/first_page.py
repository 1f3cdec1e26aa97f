"""The first page after sign-in, in a real browser with an empty cache: seconds until the report is drawn, and bytes over the wire."""

import time
from pathlib import Path

from playwright.sync_api import Page, Request, sync_playwright

from crm.demo.accounts import PASSWORD
from scripts.bench.bars import Bars, median, p95
from scripts.chromium import FLAGS, find
from scripts.server import Server

REPORT = "/reports/plan_completion"


def measure(home: Path, bars: Bars) -> None:
    """Start the server on `home`, sign in afresh three times, then click filters."""
    begun = time.perf_counter()
    server = Server(home).start()
    bars.add("start of the server on existing data", time.perf_counter() - begun, 3, "s")
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=find(), args=list(FLAGS))
            seen = [_first(browser.new_context(viewport={"width": 1440, "height": 900}).new_page(), server.address) for _ in range(3)]
            bars.add("first page after sign-in, cold browser", median([seconds for seconds, _ in seen]), 1.5, "s")
            bars.add("JavaScript and CSS over the wire", median([size for _, size in seen]) / 1e6, 2, "MB")
            clicks = _clicks(browser.new_context(viewport={"width": 1440, "height": 900}).new_page(), server.address)
            bars.add("filter clicked, picture redrawn, p95", p95(clicks), 300, "ms")
            browser.close()
    finally:
        server.stop()


def _sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in?next={REPORT}")
    page.fill("input[name=login]", "chen")
    page.fill("input[name=password]", PASSWORD)


def _first(page: Page, address: str) -> tuple[float, float]:
    """Seconds from pressing Enter until the pictures are drawn, and the bytes of scripts and styles."""
    sizes: list[float] = []
    page.on("requestfinished", lambda request: sizes.append(_weight(request)))
    _sign_in(page, address)
    begun = time.perf_counter()
    page.keyboard.press("Enter")
    page.wait_for_selector(".js-plotly-plot .scatterlayer .trace, .js-plotly-plot .barlayer .trace", state="attached", timeout=60_000)
    page.wait_for_selector(".card-value", timeout=60_000)
    seconds = time.perf_counter() - begun
    page.wait_for_load_state("networkidle")
    return seconds, sum(sizes)


def _weight(request: Request) -> float:
    """The bytes of a script or a style as they came over the wire."""
    return request.sizes()["responseBodySize"] if request.resource_type in ("script", "stylesheet") else 0


A_SECOND = 1.0
PRESETS = ("this_year", "last_month", "this_quarter", "last_year", "last_quarter", "last_12_months")

REDRAWN = """preset => new Promise(done => {
  const graph = document.querySelector('.js-plotly-plot');
  const begun = performance.now();
  graph.once('plotly_afterplot', () => done(performance.now() - begun));
  dash_clientside.set_props('plan_completion-filter-period', {value: preset});
})"""


def _clicks(page: Page, address: str) -> list[float]:
    """Milliseconds from choosing another period until the first picture has been drawn anew, each time on a page that has come to rest."""
    asked: list[float] = []
    page.on("request", lambda request: asked.append(time.perf_counter()) if request.method == "POST" else None)
    page.on("requestfinished", lambda request: asked.append(time.perf_counter()) if request.method == "POST" else None)
    _sign_in(page, address)
    page.keyboard.press("Enter")
    page.wait_for_selector(".js-plotly-plot .barlayer .trace", state="attached", timeout=60_000)
    waits = []
    for preset in PRESETS * 2:
        _rest(page, asked)
        waits.append(float(page.evaluate(REDRAWN, preset)))
    return waits


def _rest(page: Page, asked: list[float]) -> None:
    """Wait until the table is made and the page has asked for nothing for a second: Playwright's own "networkidle" is said once a page."""
    page.wait_for_selector(".table-grid .ag-row", timeout=60_000)
    while time.perf_counter() - asked[-1] < A_SECOND:
        page.wait_for_timeout(100)
