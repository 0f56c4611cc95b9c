"""The pictures of the README: what each person sees of the demonstration, and a page of a report.

    python -m tests.pictures          sets up a demonstration of its own, a minute, and takes them into docs/pictures
    python -m tests.pictures --keep   takes them from the demonstration of the last time

A picture that is nearly the one that is there (a date, a code) leaves it as it is; delete that one to have the new one.
"""

import argparse
import io
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import QUIET
from tests.browser.scene import saved, touch
from tests.browser.site import Site, environment, start, stop
from tests.databases import ROOT, manage

FOLDER = ROOT / "docs" / "pictures"
VAR = ROOT / "var" / "pictures"
HEAVIEST = 150_000
LEVELS = (2, 2, 1, 2, 0, 2, 1, 2, 2)
COLOURS = (128, 64, 32)
# The share of the pixels that a day's dates and a document's code may change.
SAME = 0.02


def follow(page: Page, start: str, name: str) -> None:
    """Open a page, then the first link with this in its name."""
    page.goto(start)
    page.get_by_role("link", name=re.compile(name)).first.click()


def go_to_the_board(page: Page) -> None:
    follow(page, "/branche/", "Session d'hiver")


def go_to_the_sheet(page: Page) -> None:
    """The first criteria are scored, as in the middle of an interview."""
    follow(page, "/evaluateur/", "^Noter")
    saved(page)
    for rank, level in enumerate(LEVELS):
        touch(page, range(rank, rank + 1), level=level)
    saved(page)
    page.evaluate("window.scrollTo(0, 0)")


def go_to_the_dossier(page: Page) -> None:
    follow(page, "/candidat/", "Ouvrir le dossier")


def go_to_the_decision(page: Page) -> None:
    follow(page, "/jury/", "Session de rentrée")
    page.get_by_role("link", name=re.compile("Almeida")).first.click()


def go_to_the_verification(page: Page) -> None:
    """As whoever has the certificate in hand: its code is read on its holder's page, then nobody is logged in."""
    page.goto("/candidat/")
    address = page.locator("a[href^='/verifier/']").first.get_attribute("href")
    page.context.clear_cookies()
    page.goto(str(address))


# Name, account, width, height, pixels for each of the page's, how to get there.
PICTURES: list[tuple[str, str, int, int, int, Callable[[Page], None]]] = [
    ("administrator", "claire", 1280, 1500, 1, go_to_the_board),
    ("evaluator", "alix", 820, 1180, 1, go_to_the_sheet),
    ("candidate", "ines", 390, 844, 2, go_to_the_dossier),
    ("jury", "odile", 1280, 900, 1, go_to_the_decision),
    ("verification", "lea", 820, 700, 1, go_to_the_verification),
]


def enter(page: Page, person: str) -> None:
    """Log in as a person of the demonstration, by the page of its accounts."""
    page.goto("/demonstration/")
    page.locator(f"button[value='{person}@demo.example']").click()
    page.locator("body[data-person]").wait_for(state="attached")


def take(browser: Browser, site: Site) -> None:
    for name, person, width, height, scale, go in PICTURES:
        context = browser.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            color_scheme="light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)
        page = context.new_page()
        enter(page, person)
        go(page)
        page.wait_for_load_state("networkidle")
        keep(name, page.screenshot(animations="disabled", caret="hide"))
        context.close()


def report(var: Path) -> bytes:
    """Return the first page of the report that the demonstration has produced, as an image."""
    [pdf] = (var / "demo").glob("*.pdf")
    made = subprocess.run(
        ["pdftoppm", "-png", "-r", "75", "-f", "1", "-l", "1", str(pdf)], check=True, capture_output=True
    )
    return made.stdout


def keep(name: str, content: bytes) -> None:
    """Write a picture, light enough, unless the one that is there is nearly the same."""
    file = FOLDER / f"{name}.png"
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    if file.exists() and nearly_same(Image.open(file).convert("RGB"), picture):
        print(f"{name}: as it was")
        return
    for colours in COLOURS:
        light = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(light, "PNG", optimize=True)
        if light.tell() <= HEAVIEST:
            break
    file.write_bytes(light.getvalue())
    print(f"{name}: {light.tell() // 1000} kB, {colours} colours")


def nearly_same(before: Image.Image, after: Image.Image) -> bool:
    if before.size != after.size:
        return False
    # Fewer colours were kept: only what is well apart counts.
    apart = ImageChops.difference(before, after).convert("L").point(lambda value: 255 if value > 40 else 0)
    return apart.histogram()[255] <= SAME * apart.width * apart.height


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="use the demonstration of the last time")
    if not parser.parse_args().keep:
        shutil.rmtree(VAR, ignore_errors=True)
    VAR.mkdir(parents=True, exist_ok=True)
    FOLDER.mkdir(exist_ok=True)
    url = f"sqlite:///{VAR}/db.sqlite3"
    manage(environment(VAR, url, "demonstration"), "demo", "--no-serve")
    site, processes = start(url, VAR, "demonstration")
    try:
        with sync_playwright() as playwright:
            executable = shutil.which("chromium")
            take(playwright.chromium.launch(executable_path=executable, args=QUIET), site)
    finally:
        stop(processes)
    keep("report", report(VAR))


if __name__ == "__main__":
    main()
