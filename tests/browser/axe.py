"""What axe says of a page in the browser."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def serious(page: Page) -> list[str]:
    """What axe finds on the page that would keep somebody from using it."""
    page.wait_for_load_state("networkidle")  # what is still on its way in is judged when it is there
    page.wait_for_timeout(300)
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {rule['nodes'][0]['html'][:160]} (and {len(rule['nodes']) - 1} more)"
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]
