"""Sets the scene of a browser test, and reads afterwards what the server holds: in a process of its own.

scene = Scene(site)
interviews = scene.make(count=2)          # of bloc 2, today, with Alix and Béa: [{"interview", "sheets": {email: pk}}]
scene.held(ALIX)                          # what the server holds of Alix's sheets
"""

import datetime as dt
import io
import json
import subprocess
import sys
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.site import ROOT, Site

ALIX, BEA = "alix@example.org", "bea@example.org"
PASSWORD = "un-long-mot-de-passe"


class Scene:
    def __init__(self, site: Site) -> None:
        self.site = site

    def _ask(self, act: str, **options: Any) -> Any:
        command = [sys.executable, "-m", "tests.browser.scene", act, json.dumps(options)]
        done = subprocess.run(command, cwd=ROOT, env=self.site.environment, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    def make(self, *, count: int = 1, bloc: int = 2, pages: int = 2, opened: bool = True) -> list[dict[str, Any]]:
        """Plan interviews of today with two evaluators who have signed their undertaking; `opened`: with their sheets."""
        return self._ask("make", count=count, bloc=bloc, pages=pages, opened=opened)

    def held(self, address: str) -> dict[str, Any]:
        """Return what the server holds of a person's own sheets, by sheet, once every chain is found to verify:
        `{"levels": {criterion: value}, "notes": {criterion: text}, "state", "life", "applied": n, "refused": n}`."""
        held = self._ask("held", address=address)
        assert held["broken"] == [], held["broken"]
        return held["sheets"]

    def change(self, act: str, **options: Any) -> Any:
        """Do something on the server meanwhile: see ACTS."""
        return self._ask(act, **options)


def enter(page: Page, address: str, to: str = "/evaluateur/") -> None:
    """Log in with the password, and go to a page."""
    page.goto(f"/compte/login/?next={to}")
    page.get_by_text("Entrer avec un mot de passe").click()
    password = page.locator("form[action='/compte/login/']")
    password.get_by_label("Adresse e-mail").fill(address)
    password.get_by_label("Mot de passe").fill(PASSWORD)
    password.get_by_role("button", name="Se connecter", exact=True).click()
    page.wait_for_url(f"**{to}", wait_until="commit", timeout=45_000)
    expect(page.locator("body[data-person]")).to_be_attached()


def touch(page: Page, ranks: range, *, level: int) -> dict[int, int]:
    """Touch a level for the criteria of these ranks; return the levels by criterion."""
    levels = {}
    for n in ranks:
        criterion = page.locator("fieldset.criterion[data-criterion]").nth(n)
        pk = int(criterion.get_attribute("data-criterion") or 0)
        criterion.locator(f'label[for="level-{pk}-{level}"]').click()
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
    expect(page.locator("[data-day-said]")).to_contain_text(words)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")


def saved(page: Page) -> None:
    """Wait until everything is saved."""
    expect(page.locator("[data-saving]")).to_have_text("Tout est enregistré")


def on_device(page: Page) -> dict[str, list[Any]]:
    """Return all that the device keeps, by store, as whoever opens its files would read it: bytes as Latin letters."""
    return page.evaluate(
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
        }"""
    )


def waiting_here(page: Page) -> list[Any]:
    """Return the operations that the device still has to send."""
    return on_device(page)["outbox"]


# --- On the other side, in Django -----------------------------------------------------------------------------------


def _make(count: int, bloc: int, pages: int, opened: bool) -> list[dict[str, Any]]:
    from django.utils import timezone

    from candidates.models import Session
    from cqp.models import User
    from evaluations.services.sheets import open_sheets
    from referentiel.models import Referentiel
    from tests import factories as make

    referentiel = Referentiel.objects.with_content().get(code="CQP-MEV-B2B")
    today, now = timezone.localdate(), timezone.now()
    session = Session.objects.filter(title="Session du jour").first() or make.make_session(
        referentiel,
        state="interviews",
        title="Session du jour",
        deposit_opens_at=now - dt.timedelta(days=30),
        deposit_closes_at=now - dt.timedelta(days=2),
        interviews_from=today,
        interviews_to=today + dt.timedelta(days=2),
        jury_on=today + dt.timedelta(days=9),
    )
    evaluators = []
    for address, first, last in ((ALIX, "Alix", "Rouvière"), (BEA, "Béa", "Lemaire")):
        user = User.objects.filter(email=address).first() or make.make_user(address, first_name=first, last_name=last)
        known = session.appointments.filter(user=user).first()
        evaluators.append(known or make.make_evaluator(session, user=user))
    made = []
    for n in range(count):
        start = dt.datetime.combine(today, dt.time(9), session.zone) + n * dt.timedelta(minutes=45)
        enrolment = make.make_enrolment(session, blocs=[bloc])
        interview = make.make_interview(enrolment.enrolment_blocs.get(), evaluators, start=start)
        if pages:
            _add_dossier(interview, pages)
        if opened:
            open_sheets(interview)
        sheets = interview.sheets.select_related("assignment__appointment__user")
        made.append(
            {
                "interview": interview.pk,
                "candidate": str(enrolment.candidate),
                "sheets": {sheet.assignment.appointment.user.email: sheet.pk for sheet in sheets},
            }
        )
    return made


def _administrator(address: str) -> str:
    """Make an administrator of the branch, and return the address of the session's board."""
    from candidates.models import Session
    from tests import factories as make

    session = Session.objects.get(title="Session du jour")
    session.branch.administrators.add(make.make_user(address, first_name="Claire", last_name="Delmas"))
    return session.get_absolute_url()


def _add_dossier(interview: Any, pages: int) -> None:
    """The assembled dossier, and images of its pages."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from PIL import Image, ImageDraw

    from tests import factories as make

    stored = make.assembled(interview.enrolment_bloc.dossiers.get(), pages=pages)
    for number in stored.page_numbers:
        image, out = Image.new("RGB", (620, 877), "white"), io.BytesIO()
        ImageDraw.Draw(image).text((40, 40), f"page {number}", fill="black")
        image.save(out, "WEBP")
        default_storage.save(stored.page_path(number), ContentFile(out.getvalue()))


def _withdraw(interview: int, pages: int) -> None:
    """Have the dossier assembled again, as after a page was withdrawn: its images have other addresses."""
    from candidates.models import Interview

    found = Interview.objects.get(pk=interview)
    found.enrolment_bloc.dossiers.get().assembly.delete()
    _add_dossier(found, pages)


def _held(address: str) -> dict[str, Any]:
    from cqp import chain
    from cqp.models import JournalEntry, JournalStream, Operation
    from evaluations.models import ScoringSheet
    from evaluations.services.chain import broken

    faults = [fault for sheet in ScoringSheet.objects.all() for fault in broken(sheet)]
    for stream in JournalStream.objects.all():
        entries = JournalEntry.objects.filter(stream=stream.name).order_by("seq")
        faults += chain.broken_links(entries, head=stream.head, length=stream.seq)
    sheets = {}
    for sheet in ScoringSheet.objects.filter(assignment__appointment__user__email=address).select_related("interview"):
        scores = list(sheet.scores.select_related("level"))
        operations = Operation.objects.filter(stream=f"sheet:{sheet.pk}", user__email=address)
        sheets[sheet.pk] = {
            "levels": {score.criterion_id: score.level.value for score in scores if score.level},
            "notes": {score.criterion_id: score.note for score in scores if score.note},
            "state": sheet.state,
            "life": sheet.interview.state,
            "applied": operations.filter(status="applied").count(),
            "refused": operations.filter(status="refused").count(),
        }
    return {"broken": faults, "sheets": sheets}


def _state(interview: int, state: str) -> None:
    """Put an interview in a state, as if it had been going on for ten minutes."""
    from django.utils import timezone

    from candidates.models import Interview

    started = timezone.now() - dt.timedelta(minutes=10)
    Interview.objects.filter(pk=interview).update(state=state, started_at=started)


def _log_out(address: str) -> None:
    """End a person's logins, as when they expire."""
    from django.contrib.sessions.models import Session

    from cqp.models import User

    user = User.objects.get(email=address)
    for session in Session.objects.all():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def _assignment(interview: int, address: str, state: str) -> None:
    """Put an evaluator's assignment in a state: `declined`, `replaced`; or `gone`: as if it had never been theirs."""
    from candidates.models import Assignment, Interview
    from tests import factories as make

    assignment = Assignment.objects.get(interview=interview, appointment__user__email=address)
    assignment.state = Assignment.State.ACTIVE if state == "gone" else state
    if state == "gone":
        session = Interview.objects.get(pk=interview).enrolment_bloc.enrolment.session
        assignment.appointment = make.make_evaluator(session)
    assignment.save()


def _own_signed(
    interview: int, levels: dict[str, list[int]], notes: dict[str, str], without_password: list[str]
) -> dict[str, Any]:
    """Have each evaluator sign their own sheet, and return the joint one with its criteria in order.

    levels: by address, those of the first criteria; 2 on the others. notes: by address, the note on the first one.
    """
    from candidates.models import Interview
    from cqp.models import User
    from tests.evaluations.screen import criteria
    from tests.evaluations.scribe import operation, score_all, send, sign

    _state(interview, "running")
    sheets = Interview.objects.get(pk=interview).sheets
    for sheet in list(sheets.select_related("assignment__appointment__user")):
        user = sheet.assignment.appointment.user
        score_all(user, sheet)
        pairs = list(zip(criteria(sheet), levels[user.email], strict=False))
        send(user, sheet, *[operation("score", criterion=pk, level=level) for pk, level in pairs])
        send(user, sheet, operation("note", criterion=pairs[0][0], text=notes[user.email]))
        sign(user, sheet)
    for user in User.objects.filter(email__in=without_password):
        user.set_unusable_password()
        user.save()
    joint = sheets.get(assignment=None)
    return {"joint": joint.pk, "criteria": criteria(joint)}


def _joint(joint: int) -> dict[str, Any]:
    """Return what the server holds of a joint sheet."""
    from evaluations.models import ScoringSheet
    from evaluations.services.chain import broken

    sheet = ScoringSheet.objects.get(pk=joint)
    return {
        "broken": broken(sheet),
        "state": sheet.state,
        "levels": [score.level and score.level.value for score in sheet.scores.select_related("level").order_by("pk")],
        "methods": sorted(sheet.signatures.values_list("method", flat=True)),
        "reasons": sorted(sheet.divergences.values_list("reason", flat=True)),
    }


ACTS = {
    "administrator": _administrator,
    "make": _make,
    "held": _held,
    "state": _state,
    "log_out": _log_out,
    "assignment": _assignment,
    "own_signed": _own_signed,
    "joint": _joint,
    "withdraw": _withdraw,
}


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cqp.settings")
    django.setup()
    print(json.dumps(ACTS[sys.argv[1]](**json.loads(sys.argv[2]))))
