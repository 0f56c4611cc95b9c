"""What happens on the tablet itself, in Chromium: the way back of the network, and an interview opened without any."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.bench.client import REPEATS
from tests.bench.server import HOST

OPERATIONS = 1_000
# Goes round the criteria and gives each the next level, as fast as the page takes it.
TOUCHES = """(wanted) => {
    const criteria = [...document.querySelectorAll("[data-criterion]")].map((one) => [
        ...one.querySelectorAll('input[name^="level-"]'),
    ]);
    for (let n = 0; n < wanted; n += 1) {
        const levels = criteria[n % criteria.length];
        levels[(levels.findIndex((level) => level.checked) + 1) % levels.length].click();
    }
}"""


@contextmanager
def browsing(port: int, person: Mapping[str, Any]) -> Iterator[Page]:
    """A tablet in Chromium, logged in as this person (`scene.told`)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        url = f"http://{HOST}:{port}"
        context = browser.new_context(base_url=url, locale="fr-FR", viewport={"width": 820, "height": 1180})
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": "sessionid", "value": person["session"], "url": url}])
        yield context.new_page()
        browser.close()


def queued_offline(page: Page, sheet: int) -> tuple[int, float]:
    """Score OPERATIONS times without a network, then let it come back: how many batches went out, and in how long."""
    page.goto(f"/evaluateur/fiches/{sheet}/")
    page.locator("[data-saving=saved]").wait_for()
    page.context.set_offline(True)
    page.evaluate(TOUCHES, OPERATIONS)
    page.wait_for_function(
        "(wanted) => document.querySelector('[data-saving=waiting]')?.textContent.replace(/\\s/g, '').includes(wanted)",
        arg=str(OPERATIONS),
    )
    batches: list[str] = []
    page.context.on("request", lambda request: "/operations/" in request.url and batches.append(request.url))
    start = time.perf_counter()
    page.context.set_offline(False)
    page.locator("[data-saving=saved]").wait_for()
    return len(batches), time.perf_counter() - start


def opened_offline(page: Page, sheet: int) -> float:
    """Prepare the day, cut the network and open the sheet: seconds until it can be scored, the median of REPEATS."""
    page.goto("/evaluateur/")
    page.locator("[data-day-prepare]").click()
    page.locator("[data-ready]", has_text="Prêt").first.wait_for()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.context.set_offline(True)
    took = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        page.goto(f"/evaluateur/fiches/{sheet}/", wait_until="commit")
        page.locator("html[data-stored] [data-criterion] label").first.wait_for()
        page.locator("[data-saving]").first.wait_for()
        took.append(time.perf_counter() - start)
        page.goto("/evaluateur/")
    return median(took)
