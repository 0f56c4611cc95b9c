"""French spaces: what belongs together is never torn apart, in pages, documents and mails; what one types stays."""

import io

import pytest
from django.core import mail as mailbox
from django.urls import reverse

from cqp.core.typography import join_french, join_french_html
from cqp.documents.rendering import render_pdf
from cqp.mail.outbox import queue_mail
from tests.factories import make_admin, make_session, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.french]


@pytest.mark.parametrize(
    ("written", "joined"),
    [
        ("Il manque : le nom", "Il manque~: le nom"),
        ("Est-ce fait ? Oui !", "Est-ce fait~? Oui~!"),
        ("« Bonjour » ; 50 %", "«~Bonjour~»~; 50~%"),
        ("le 3 novembre à 15 h 24", "le 3~novembre à 15~h 24"),
        ("30 minutes, 10 ans, 12 Mo, 3 mois", "30~minutes, 10~ans, 12~Mo, 3~mois"),
        ("n° 12, M. Petit", "n°~12, M.~Petit"),
        ("10 hommes, a :b, x ://y", "10 hommes, a :b, x ://y"),
        ("", ""),
    ],
)
def test_spaces_that_join_are_unbreakable(written, joined):
    assert join_french(written) == joined.replace("~", "\u00a0")
    assert join_french_html(f"<p>{written}</p>") == f"<p>{joined}</p>".replace("~", "\u00a0")


@pytest.mark.parametrize(
    "html",
    [
        '<input placeholder="Nom : ici" value="« a »">',
        "<textarea>Question ?</textarea>",
        "<pre>a ;</pre>",
        '<script type="application/json">{"a" : 1}</script>',
        "<code>SHA : 1</code>",
        "<style>a > b { color : red }</style>",
    ],
)
def test_attributes_code_and_what_one_types_stay(html):
    assert join_french_html(html) == html


def test_what_follows_a_tag_follows_what_it_holds():
    assert join_french_html("<b>Nom</b> : <i>a</i> ?") == "<b>Nom</b>\u00a0: <i>a</i>\u00a0?"
    assert join_french_html("<textarea>a :</textarea><p>b :</p>") == "<textarea>a :</textarea><p>b\u00a0:</p>"


def test_pages_messages_and_labels_have_them(client, referentiel):
    session = make_session(referentiel, title="Session : automne")
    client.force_login(make_admin(session.branch))
    page = client.get(reverse("branch:session", args=[session.pk])).text
    assert "Session\u00a0: automne" in page


def test_mails_have_them(run_tasks, referentiel):
    sample = {
        "name": "Léa",
        "session": "Printemps : 2026",
        "branch": "B",
        "title": "CQP",
        "path": "/",
        "when": "demain",
    }
    queue_mail("results_published", make_user().email, sample)
    run_tasks()
    (mail,) = mailbox.outbox
    assert "Printemps\u00a0: 2026" in mail.subject + mail.body


def test_documents_have_them():
    import pypdfium2

    pdf = render_pdf("<html lang='fr'><head><title>Essai</title></head><body><p>Il manque : « rien »</p></body></html>")
    text = pypdfium2.PdfDocument(io.BytesIO(pdf))[0].get_textpage().get_text_range()
    assert "manque\u00a0: «\u00a0rien\u00a0»" in text
