"""Takes the pictures of the pages, of a demo company made for it: two widths, two languages, two themes.

`python -m scripts.screenshots` writes all of them to data/var/screenshots (or the folder named by `--to`), to be looked at, and
those of the README to docs/screenshots. `--readme` takes these only.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from crm.demo.accounts import PASSWORD
from dashboard.queries import REPORTS
from scripts import chromium
from scripts.server import Server, saleslens

TOP = Path(__file__).resolve().parent.parent
ALL = TOP / "data" / "var" / "screenshots"
README = TOP / "docs" / "screenshots"

SIZES: dict[str, ViewportSize] = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}
LANGUAGES = ("zh", "en")
THEMES = ("light", "dark")

SHOWN = {
    "sign_in-1440-zh-light",
    "opportunities-1440-zh-light",
    "opportunity_form-390-zh-light",
    "plan_completion-1440-zh-light",
    "plan_completion-390-zh-dark",
    "contracts_in_progress-1440-zh-light",
    "lead_conversion-1440-en-light",
    "loss_analysis-1440-zh-dark",
}


def take(page: Page, folder: Path, name: str) -> None:
    """One picture of the window as it stands when nothing is under way any more."""
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.querySelector('.table-grid.waiting, .skeleton')")  # tables are made when the browser is idle
    page.wait_for_timeout(1500)  # the last transition of a picture, the last column of a table
    page.screenshot(path=folder / f"{name}.png")
    if name in SHOWN:
        shutil.copy(folder / f"{name}.png", README)


def variants(browser: Browser, address: str, language: str) -> Iterator[tuple[Page, str]]:
    """A fresh page for each width and theme, and what its pictures are called after."""
    for width, viewport in SIZES.items():
        for theme in THEMES:
            context = browser.new_context(viewport=viewport, color_scheme=theme, base_url=address, has_touch=width == "390")
            yield context.new_page(), f"{width}-{language}-{theme}"
            context.close()


def sign_in(page: Page, folder: Path, language: str, suffix: str) -> None:
    """As the executive, in `language` from then on."""
    page.goto(f"/sign-in?lang={language}")
    take(page, folder, f"sign_in-{suffix}")
    page.fill("input[name=login]", "chen")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.wait_for_load_state("networkidle")
    if page.get_attribute("html", "lang") != {"zh": "zh-CN", "en": "en"}[language]:
        page.locator("[id*=language]", has_text="English" if language == "en" else "中文").first.dispatch_event("click")
        page.wait_for_function("language => document.documentElement.lang.startsWith(language)", arg=language)
        page.wait_for_load_state("networkidle")


def shown(page: Page, folder: Path, suffix: str) -> None:
    """The README's pictures of this width, language and theme."""
    for name in sorted(name.removesuffix(f"-{suffix}") for name in SHOWN if name.endswith(f"-{suffix}") and not name.startswith("sign_in")):
        if name in {report.key for report in REPORTS}:
            page.goto(f"/reports/{name}?period=this_year")
        else:
            page.goto("/opportunities")
        if name == "opportunity_form":
            page.goto(f"{page.locator('.ag-center-cols-container .row-link').first.get_attribute('href')}/edit")
        take(page, folder, f"{name}-{suffix}")


def tour(page: Page, folder: Path, suffix: str) -> None:
    """The workbench, every page of the menu, then the first record of each list and the form of the first opportunity."""
    take(page, folder, f"workbench-{suffix}")
    for path in page.locator(".side-menu a.menu-entry").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        report = path.startswith("/reports/")
        page.goto(f"{path}?period=this_year" if report else path)
        take(page, folder, f"{path.removeprefix('/reports/').strip('/').replace('/', '_')}-{suffix}")
        first = page.locator(".ag-center-cols-container .row-link").first
        if not report and first.count():
            page.goto(first.get_attribute("href") or "/")
            take(page, folder, f"{path.strip('/').replace('/', '_')}_one-{suffix}")
            if path == "/opportunities":
                page.goto(f"{page.url}/edit")
                take(page, folder, f"opportunity_form-{suffix}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ALL, help="the folder that all pictures go to")
    parser.add_argument("--readme", action="store_true", help="those of the README only")
    asked = parser.parse_args()
    all_of_them: Path = asked.to
    for folder in (all_of_them, README):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        made = saleslens(Path(home), "demo")
        if made.returncode:
            sys.exit(made.stderr)
        server = Server(Path(home)).start()
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--headless=new", *chromium.FLAGS])
        try:
            for language in LANGUAGES:
                for page, suffix in variants(browser, server.address, language):
                    if asked.readme and not any(name.endswith(suffix) for name in SHOWN):
                        continue
                    sign_in(page, all_of_them, language, suffix)
                    (shown if asked.readme else tour)(page, all_of_them, suffix)
        finally:
            browser.close()
            server.stop()
    print(f"{len(list(all_of_them.glob('*.png')))} pictures in {all_of_them}, {len(SHOWN)} of them in {README}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
