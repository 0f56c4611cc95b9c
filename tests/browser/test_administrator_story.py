"""The administrator's session: from an empty site and a secretariat's spreadsheets to 72 people convoked, in the browser.

60 candidates, 180 interviews, 12 evaluators, 6 rooms, 4 days. Then what three of the people received is read.
"""

import datetime as dt
import io
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.test_story import enter
from tests.cqp.spreadsheets.sheets import libreoffice

PARIS = ZoneInfo("Europe/Paris")
TODAY = dt.datetime.now(PARIS).date()
MONDAY = TODAY + dt.timedelta(days=28 - TODAY.weekday())
CLAIRE, DENIS = "claire@example.org", "denis@example.org"
LEA, MAI, ALIX = "lea@example.org", "mai@example.org", "alix0@example.org"
TITLES = "Civilité;Nom;Prénom;Né(e) le;Mail;Société;Centre de formation;Dispositif;Tiers temps;Visio;Remarque"
SPECIAL = (
    f"Mme;N'Guessan;Léa;03/11/1988;{LEA};METRO Bron;Formavente;Formation continue;10;;arrive tard",
    f"Mme;Nguyễn;Thị Mai;3-11-88;{MAI};Transgourmet;Formavente;VAE;;oui;",
    "M.;d’Ornano-Le Bœuf;Paul;1988;paul@example.org;Promocash;;Candidat libre;;;",
)


def candidates(*, mended: bool) -> str:
    """A training centre's list: a title, an empty line, 60 people, of whom one was born in 1888."""
    year = 1988 if mended else 1888
    rows = [
        f"{'Mme' if n % 2 else 'M.'};Martin{chr(97 + n // 26)}{chr(97 + n % 26)};Zoé;{n % 28 + 1:02}/05/"
        f"{year if n == 40 else 1970 + n % 30};candidat{n}@example.org;Société {n % 9};Centre {n % 4};VAE;;;"
        for n in range(57)
    ]
    return "\n".join(["Inscriptions au CQP;;;;;;;;;;", ";;;;;;;;;;", TITLES, *SPECIAL, *rows])


def evaluators() -> str:
    """Twelve people; the last one comes on two days only, in the afternoon."""
    rows = [f"alix{n}@example.org;Rouvière{chr(65 + n)};Alix;Négoce {n};;;" for n in range(11)]
    for day in (MONDAY, MONDAY + dt.timedelta(days=1)):
        rows.append(f"karim@example.org;Benali;Karim;Négoce 11;{day:%d/%m/%Y};8h;18 h")
    return "\n".join(["E-mail;Nom;Prénom;Société;Jour;De;À", *rows])


def create_session(page: Page) -> str:
    page.goto("/branche/sessions/nouvelle/")
    page.get_by_label("Intitulé").fill("Session de printemps")
    page.get_by_label("Référentiel").select_option(index=1)
    page.get_by_label("Lieu").fill("12 rue de la Paix, Paris")
    page.get_by_label("Ouverture du dépôt").fill(f"{TODAY - dt.timedelta(days=1)}T08:00")
    page.get_by_label("Date limite de dépôt").fill(f"{MONDAY - dt.timedelta(days=7)}T18:00")
    page.get_by_label("Premier jour des entretiens").fill(f"{MONDAY}")
    page.get_by_label("Dernier jour des entretiens").fill(f"{MONDAY + dt.timedelta(days=3)}")
    page.get_by_label("Date du jury").fill(f"{MONDAY + dt.timedelta(days=10)}")
    page.get_by_role("button", name="Créer la session").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Session de printemps")
    return page.url


def send(page: Page, board: str, kind: str, name: str, content: bytes) -> None:
    page.goto(f"{board}importer/{kind}/")
    page.get_by_label("Fichier").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Lire le tableau").click()


def apply(page: Page, rows: int) -> None:
    page.get_by_role("button", name=f"Enregistrer {rows} ligne").click()
    expect(page.get_by_text("C'est enregistré le")).to_be_visible()


def enrol(page: Page, board: str) -> None:
    """All but the one whose birth is impossible; then the mended list, of which one row is new."""
    send(page, board, "candidates", "Formavente.xlsx", libreoffice(candidates(mended=False), "xlsx"))
    expect(page.get_by_text("la case n'a pas d'année après 1900")).to_be_visible()
    apply(page, 59)
    send(page, board, "candidates", "Formavente.ods", libreoffice(candidates(mended=True), "ods"))
    expect(page.get_by_text("Sans changement : 59")).to_be_visible()
    apply(page, 1)
    page.goto(board)
    expect(page.get_by_role("heading", name="60 candidats")).to_be_visible()


def plan(page: Page, board: str) -> None:
    page.goto(f"{board}planifier/")
    for n in range(1, 6):
        page.get_by_label("Nom").fill(f"Salle {n}")
        page.get_by_label("Accès").fill("2e étage, ascenseur")
        page.get_by_role("button", name="Ajouter la salle").click()
        expect(page.get_by_role("button", name=f"Retirer Salle {n}")).to_be_attached()
    page.get_by_label("Nom").fill("Visioconférence")
    page.get_by_label("À distance").check()
    page.get_by_label("Adresse de la visioconférence").fill("https://visio.example/printemps")
    page.get_by_role("button", name="Ajouter la salle").click()
    page.get_by_role("button", name="Chercher un planning").click()
    expect(page.get_by_text("Un planning complet est trouvé : 180 entretiens")).to_be_visible(timeout=90_000)
    page.get_by_role("button", name="Appliquer ce planning").click()
    expect(page.get_by_text("Le planning est appliqué")).to_be_visible()


def mails_of(site: Site, address: str) -> list[EmailMessage]:
    """Return the mails that a person received, in order."""
    found = []
    for file in sorted((site.var / "mails").glob("*.log"), key=lambda one: one.stat().st_mtime_ns):
        for raw in file.read_bytes().split(b"-" * 79):
            mail = message_from_bytes(raw.strip(), policy=policy.default)
            if mail["To"] == address:
                found.append(mail)
    return found


def convocation(site: Site, address: str) -> tuple[str, list, str]:
    """Return a person's convocation: the text of the mail, the events of its calendar, the words of its PDF."""
    mail = next(one for one in mails_of(site, address) if "entretiens" in one["Subject"])
    files = [(part.get_content_type(), part.get_content()) for part in mail.iter_attachments()]
    calendars = [Calendar.from_ical(content) for kind, content in files if kind == "text/calendar"]
    (pdf,) = (content for kind, content in files if kind == "application/pdf")
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        words = " ".join(page.get_textpage().get_text_bounded() for page in document)
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    return mail.get_body().get_content().replace("\u00a0", " "), events, re.sub(r"\s+", " ", words).replace("’", "'")


@pytest.mark.slow
def test_sixty_candidates_are_enrolled_planned_and_convoked(site, newcomer):
    for person, first in ((CLAIRE, "Claire"), (DENIS, "Denis")):
        site.manage("administrator", person, "--first-name", first, "--last-name", "Delmas")
    claire, denis = newcomer(), newcomer(820, 1180)
    enter(claire, site, CLAIRE)
    enter(denis, site, DENIS)
    board = create_session(claire)
    enrol(claire, board)
    send(claire, board, "evaluators", "Évaluateurs.ods", libreoffice(evaluators(), "ods"))
    apply(claire, 13)
    plan(claire, board)

    # The other administrator watches the board.
    denis.goto(board)
    expect(denis.get_by_text("Entretiens prévus : 180")).to_be_visible()
    expect(denis.get_by_text("Page 1 sur 2")).to_be_visible()
    denis.get_by_label("Chercher un candidat").fill("nguyen")
    denis.get_by_role("button", name="Chercher").click()
    expect(denis.get_by_role("checkbox", name="Choisir")).to_have_count(1)

    claire.goto(f"{board}convocations/")
    claire.get_by_role("button", name="Convoquer ces 72 personnes").click()
    expect(claire.get_by_text("72 personnes convoquées.")).to_be_visible(timeout=180_000)

    # An incident on the session is before the other's eyes within seconds.
    claire.goto(f"{board}incidents/")
    claire.get_by_label("Nature").select_option("other")
    claire.get_by_label("Ce qui s'est passé").fill("L'ascenseur est en panne.")
    claire.get_by_role("button", name="Noter l'incident").click()
    expect(denis.get_by_text("1 incident ouvert")).to_be_visible()

    read_lea(site)
    read_mai(site)
    read_alix(site)
    claire.goto(f"{board}courriels/")
    expect(claire.get_by_text("Envoyé : 84")).to_be_visible()
    claire.get_by_label("Chercher une adresse").fill(LEA)
    claire.get_by_role("button", name="Chercher").click()
    expect(claire.locator("details", has_text=LEA)).to_have_count(1)


def hours(event) -> str:
    """`9 h à 9 h 40`, as people in Paris read it."""
    start, end = (event[name].dt.astimezone(PARIS) for name in ("DTSTART", "DTEND"))

    def told(at: dt.datetime) -> str:
        return f"{at.hour} h" + (f" {at.minute:02}" if at.minute else "")

    return f"{told(start)} à {told(end)}"


def read_lea(site: Site) -> None:
    """A candidate with ten more minutes, on the spot."""
    text, events, pdf = convocation(site, LEA)
    assert "Bonjour Léa N'Guessan," in text
    assert len(events) == 3
    assert len({str(one["UID"]) for one in events}) == 3
    for event in events:
        assert event["DTSTART"].dt.utcoffset() == dt.timedelta()
        assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(minutes=40)
        assert MONDAY <= event["DTSTART"].dt.date() <= MONDAY + dt.timedelta(days=3)
        assert int(event["SEQUENCE"]) == 0
        assert "12 rue de la Paix, Paris" in str(event["LOCATION"])
        for said in (text, pdf):
            assert hours(event) in said, said
    assert len({event["DTSTART"].dt.date() for event in events}) == 1
    for said in (text, pdf):
        for words in ("12 rue de la Paix, Paris", "pièce d'identité en cours de validité", "heure de Paris"):
            assert words in said, said
        assert "Visio" not in said
    assert "10 minutes" in pdf


def read_mai(site: Site) -> None:
    """A candidate who is heard at a distance."""
    text, events, pdf = convocation(site, MAI)
    assert "Thị" in text
    assert "Nguyễn" in pdf
    assert text.count("https://visio.example/printemps") == 3
    # In the narrow column of the table, the address goes over two lines.
    assert "https://visio.example/printemps" in pdf.replace(" ", "")
    for said in (text, pdf):
        assert "À distance : ouvrez l'adresse de visioconférence" in said
        assert "12 rue de la Paix" not in said
    assert "Salle" not in text
    assert len(events) == 3
    assert all(one["DTEND"].dt - one["DTSTART"].dt == dt.timedelta(minutes=30) for one in events)


def read_alix(site: Site) -> None:
    """An evaluator: as many interviews as the others, or one more."""
    text, events, pdf = convocation(site, ALIX)
    assert "Vous évaluez aux jours et heures suivants" in text
    assert 28 <= len(events) <= 34
    starts = sorted(one["DTSTART"].dt for one in events)
    ends = sorted(one["DTEND"].dt for one in events)
    assert all(start >= end for start, end in zip(starts[1:], ends, strict=False))
    for event in events:
        assert hours(event) in pdf
    assert "pièce d'identité" not in text
    appointed = [one for one in mails_of(site, ALIX) if "évaluateur" in one["Subject"]]
    assert len(appointed) == 1
