"""Sets the scene of a browser test, and reads afterwards what the server holds: in a process of its own.

scene = Scene(site)
interviews = scene.make(count=2)          # of bloc 2, today, with Alix and Béa: [{"interview", "sheets": {email: pk}}]
scene.held(ALIX)                          # what the server holds of Alix's sheets
"""

import re
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import ACTS
from tests.browser.site import Site

ALIX, BEA = "alix@example.org", "bea@example.org"
EVALUATORS = {ALIX: ("Alix", "Rouvière"), BEA: ("Béa", "Lemaire")}
PASSWORD = "un-long-mot-de-passe"


class Scene:
    def __init__(self, site: Site) -> None:
        self.site = site

    def _ask(self, act: str, **options: Any) -> Any:
        return self.site.call(ACTS[act], **options)

    def make(self, *, count: int = 1, bloc: int = 2, pages: int = 2, opened: bool = True) -> list[dict[str, Any]]:
        """Plan interviews of today with two evaluators who have signed their undertaking; `opened`: with their sheets."""
        return self._ask("make", people=EVALUATORS, count=count, bloc=bloc, pages=pages, opened=opened)

    def held(self, address: str) -> dict[str, Any]:
        """Return what the server holds of a person's own sheets, by sheet, once every chain is found to verify:
        `{"levels": {criterion: value}, "notes": {criterion: text}, "state", "life", "applied": n, "refused": n}`."""
        held = self._ask("held", address=address)
        assert held["broken"] == [], held["broken"]
        return held["sheets"]

    def settled(self, address: str, sheet: str, *, state: str) -> dict[str, Any]:
        """Return what the server holds of a sheet once it is in this state, or as it is after twenty seconds."""
        deadline = time.monotonic() + 20
        while (held := self.held(address)[sheet])["state"] != state and time.monotonic() < deadline:
            time.sleep(0.2)
        return held

    def disconnect(self, page: Page) -> None:
        """Cut the network of a page's browser.

        Chromium lets a page that is opened without the network send for a moment: the site takes no operations meanwhile.
        """
        page.context.set_offline(True)
        self._down.touch()

    def reconnect(self, page: Page) -> None:
        self._down.unlink()
        page.context.set_offline(False)

    @property
    def _down(self) -> Path:
        return self.site.var / "down-operations"

    def change(self, act: str, **options: Any) -> Any:
        """Do something on the server meanwhile: see `acts.py`."""
        return self._ask(act, **options)


def log_in(page: Page, address: str, to: str = "/evaluateur/") -> None:
    """Log in with the password on the page of logins, and go to a page."""
    page.goto(f"/compte/login/?next={to}")
    page.get_by_text("Entrer avec un mot de passe").click()
    password = page.locator("form[action='/compte/login/']")
    password.get_by_label("Adresse e-mail").fill(address)
    password.get_by_label("Mot de passe").fill(PASSWORD)
    password.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url(f"**{to}", wait_until="commit")
    expect(page.locator("body[data-person]")).to_be_attached()


def enter(page: Page, address: str, to: str = "/evaluateur/") -> None:
    """Come in with the password, and go to a page: the form is sent beside the page, which draws no login."""
    form = page.request.get("/compte/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text())
    assert token
    sent = {"csrfmiddlewaretoken": token[1], "login": address, "password": PASSWORD}
    answer = page.request.post("/compte/login/", form=sent, headers={"Referer": form.url}, max_redirects=0)
    assert answer.status == 302, answer.text()
    page.goto(to)
    expect(page.locator("body[data-person]")).to_be_attached()


def choose_level(criterion: Locator, level: int) -> None:
    """Choose a level of a criterion; once more where the page moved under the finger, as one sees at once."""
    label = criterion.locator(f"label[for^='level-'][for$='-{level}']")
    radio = criterion.locator(f"input[name^='level-'][value='{level}']")
    label.click()
    if not radio.is_checked():
        label.click()
    expect(radio).to_be_checked()


def touch(page: Page, ranks: range, *, level: int) -> dict[int, int]:
    """Touch a level for the criteria of these ranks; return the levels by criterion."""
    levels = {}
    for n in ranks:
        criterion = page.locator("fieldset.criterion[data-criterion]").nth(n)
        pk = int(criterion.get_attribute("data-criterion") or 0)
        choose_level(criterion, level)
        levels[pk] = level
    return levels


def open_sheet(page: Page, interview: dict[str, Any]) -> str:
    """Open Alix's own sheet, and return its key."""
    pk = interview["sheets"][ALIX]
    page.goto(f"/evaluateur/fiches/{pk}/")
    expect(page.get_by_text("Tout est enregistré")).to_be_visible()
    return str(pk)


def prepare(page: Page, words: str = "1 entretien sur 1 prêt") -> None:
    """Prepare the day on this device, to the end."""
    page.goto("/evaluateur/")
    page.get_by_role("button", name="Préparer ma journée").click()
    expect(page.locator("[data-day-message]")).to_contain_text(words)
    ask(page, "navigator.serviceWorker.ready.then(() => true)")


def ask(page: Page, script: str, about: Any = None) -> Any:
    """Return what a promise gives, which is neither null, 0 nor "": `evaluate` would wait for it without end."""
    return page.wait_for_function(script, arg=about).json_value()


def wait_for_scripts(page: Page) -> None:
    """Wait until the page of a sheet is whole and its script at work: what is counted before is a part of it."""
    expect(page.locator("[data-saving]")).not_to_contain_text("avec le bouton")


def saved(page: Page) -> None:
    """Wait until everything is saved."""
    expect(page.locator("[data-saving]")).to_have_text("Tout est enregistré")


def on_device(page: Page) -> dict[str, list[Any]]:
    """Return all that the device keeps, by store, as whoever opens its files would read it: bytes as Latin letters."""
    return ask(
        page,
        """async () => {
          const done = (request) => new Promise((resolve, reject) => {
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
          });
          const plain = (value) => {
            if (value instanceof CryptoKey) return `CryptoKey, extractable: ${value.extractable}`;
            if (value instanceof ArrayBuffer) value = new Uint8Array(value);
            if (value instanceof Uint8Array) return [...value].map((byte) => String.fromCharCode(byte)).join("");
            if (Array.isArray(value)) return value.map(plain);
            if (value && typeof value === "object")
              return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
            return value;
          };
          const base = await done(indexedDB.open("cqp"));
          const kept = {};
          for (const name of base.objectStoreNames) {
            kept[name] = plain(await done(base.transaction(name).objectStore(name).getAll()));
          }
          base.close();
          return kept;
        }""",
    )


def waiting_here(page: Page) -> list[Any]:
    """Return the operations that the device still has to send."""
    return on_device(page)["outbox"]
