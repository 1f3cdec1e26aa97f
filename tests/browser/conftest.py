"""A real Chromium before a real server: what a person sees and does.

`desktop` and `phone` are pages of a browser of their own, signed out. A test fails when its page writes an error to the console,
so that a refused script or a broken callback can't hide. The picture of a failed test lies in test-results/.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import fasteners
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from scripts import chromium
from scripts.server import Server, saleslens

DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PICTURES = Path(__file__).resolve().parents[2] / "test-results"
FAILED = pytest.StashKey[bool]()

OpenPage = Callable[..., Page]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.find(), args=["--headless=new", *chromium.FLAGS])
        yield running
        running.close()


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a small demo company, made once for all test processes; to be copied, not changed."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "demo-home"
    with fasteners.InterProcessLock(shared / "demo-home.lock"):
        if not folder.exists():
            made = saleslens(shared / "demo-home.part", "demo", "--scale", "0.001", "--seed", "1")
            assert made.returncode == 0, made.stdout + made.stderr
            (shared / "demo-home.part").rename(folder)
    return folder


@pytest.fixture(scope="module")
def server(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a copy of the demo company, shared by the tests of one file."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(demo_home, home)
    running = Server(home).start()
    yield running
    running.stop()


@pytest.fixture
def open_page(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Opens pages of browsers of their own: `open_page(PHONE)`, `open_page(DESKTOP, color_scheme="dark")`."""
    pages: list[Page] = []
    errors: list[str] = []

    def open_one(viewport: ViewportSize = DESKTOP, **options: object) -> Page:
        context = browser.new_context(
            viewport=viewport, base_url=server.address, has_touch=viewport == PHONE, is_mobile=viewport == PHONE, **options
        )
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        pages.append(page)
        return page

    yield open_one
    if request.node.stash.get(FAILED, False):
        PICTURES.mkdir(exist_ok=True)
        for number, page in enumerate(pages):
            page.screenshot(path=PICTURES / f"{request.node.name}-{number}.png")
    for page in pages:
        page.context.close()
    assert errors == []


@pytest.fixture
def desktop(open_page: OpenPage) -> Page:
    """A page of 1440 × 900."""
    return open_page(DESKTOP)


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """A page of 390 × 844, touched and not clicked."""
    return open_page(PHONE)
