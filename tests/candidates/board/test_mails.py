"""The administrator reads what was mailed, sends again what failed, and words the mails of the branch."""

import datetime as dt
from unittest import mock

import pytest
from django.core import mail as sent
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from candidates.enrolments.invitations import link_token, send_invitation
from cqp.mail.hooks import editable
from cqp.mail.outbox import preview, queue_mail
from cqp.mail.wording import zones_of
from cqp.models import Mail
from referentiel.models import BranchText
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(referentiel):
    return make.make_session(referentiel)


@pytest.fixture
def admin(session):
    return make.make_admin(session.branch)


@pytest.fixture
def client(client, admin):
    client.force_login(admin)
    return client


def told(session, to: str, **more):
    context = {"name": "Léa", "session": session.title, "path": "/candidat/"}
    return queue_mail("results_published", to, context, **session.mail_scope, **more)


def test_mails_are_listed_searched_and_sorted_by_state(client, session, run_tasks):
    for n in range(60):
        told(session, f"lea{n}@example.org")
    run_tasks()
    Mail.objects.filter(to="lea7@example.org").update(state="failed", error="boîte pleine")
    other = make.make_session(session.referentiel)
    told(other, "ailleurs@example.org")
    url = f"/branche/sessions/{session.pk}/courriels/"
    html = client.get(url).content.decode()
    assert "ailleurs@" not in html
    assert "Page 1 sur 2" in html
    assert client.get(url, {"q": "lea33@"}).content.decode().count("<details>") == 1
    html = client.get(url, {"etat": "failed"}).content.decode()
    assert "boîte pleine" in html
    assert html.count("<details>") == 1
    assert "Aucun courriel ne correspond" in client.get(url, {"q": "rien"}).content.decode()


def test_links_and_codes_are_not_to_be_read(client, session):
    enrolment = make.make_enrolment(session)
    invitation = make.make_invitation(enrolment, sent_at=None)
    send_invitation.func(invitation.pk)
    html = client.get(f"/branche/sessions/{session.pk}/courriels/").content.decode()
    assert "vous a inscrit à la session" in html
    assert link_token(invitation) not in html
    assert "[lien masqué]" in html
    assert link_token(invitation) in sent.outbox[0].body


def test_what_could_not_be_sent_is_tried_again_by_itself_then_by_hand(client, session, run_tasks):
    with mock.patch.object(EmailBackend, "send_messages", side_effect=OSError("refusé par le serveur")):
        mail = told(session, "lea@example.org")
        run_tasks()
        mail.refresh_from_db()
        assert (mail.state, mail.error) == ("failed", "refusé par le serveur")
        waits = []
        for _ in range(3):
            later = DBTaskResult.objects.filter(status="READY").get()
            waits.append(round((later.run_after - timezone.now()) / dt.timedelta(minutes=1)))
            DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
            run_tasks()
        assert waits == [5, 30, 120]
        assert not DBTaskResult.objects.filter(status="READY").exists()
    client.post(f"/branche/courriels/{mail.pk}/renvoyer/")
    client.post(f"/branche/courriels/{mail.pk}/renvoyer/")
    run_tasks()
    mail.refresh_from_db()
    assert (mail.state, mail.error, len(sent.outbox)) == ("sent", "", 1)


def test_a_branch_words_a_mail_and_sees_it_before(client, session, run_tasks):
    url = f"/branche/textes/{session.branch_id}/results_published/"
    words = {
        "subject": "C'est publié, {nom} !",
        "opening": "Chère {nom},\nvoici <b>{session}</b>.",
        "closing": "À bientôt.",
    }
    shown = client.post(url, words | {"apercu": "1"}).content.decode()
    assert "publié, Léa N&#x27;Guessan !" in shown
    assert "voici &lt;b&gt;Session de printemps 2027&lt;/b&gt;." in shown
    assert not BranchText.objects.exists()
    assert client.post(url, words).status_code == 302
    told(session, "lea@example.org")
    other = make.make_session(session.referentiel, branch=make.make_branch())
    told(other, "zoe@example.org")
    run_tasks()
    ours, theirs = sent.outbox
    assert ours.subject == "C'est publié, Léa !"
    assert ours.body.startswith(f"Chère Léa,\nvoici <b>{session.title}</b>.\n")
    assert "À bientôt." in ours.body
    assert "http" in ours.body
    assert theirs.subject == "Les résultats de votre session sont publiés"
    client.post(url, {"subject": "", "opening": "", "closing": ""})
    assert not BranchText.objects.exists()


def test_a_name_that_does_not_exist_is_refused_and_nothing_is_lost(client, session):
    url = f"/branche/textes/{session.branch_id}/results_published/"
    response = client.post(url, {"opening": "Bonjour {prenom}", "closing": "Gardé"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "{prenom} n&#x27;existe pas dans ce courriel. Vous pouvez écrire {nom}, {session}." in html
    assert "Gardé" in html


def test_what_was_worded_after_a_mail_left_does_not_change_it(client, session, run_tasks):
    mail = told(session, "lea@example.org")
    BranchText.objects.create(branch=session.branch, template="results_published", zone="opening", text="Autre")
    run_tasks()
    mail.refresh_from_db()
    assert mail.body in sent.outbox[0].body.replace(
        sent.outbox[0].body.split("page : ")[1].split("\n")[0], "[lien masqué]"
    )


@pytest.mark.parametrize(
    "template", ["invitation", "deposit_reminder", "convocation", "interview_reminder", "appointed"]
)
def test_every_mail_has_zones_and_an_example(client, session, template):
    keys = [zone.key for zone in zones_of(template)]
    assert {"opening", "closing"} <= set(keys)
    subject, body = preview(template, {})
    assert subject
    assert editable.for_key(template).sample["name"] in body
    assert "{{" not in body
    assert client.get(f"/branche/textes/{session.branch_id}/{template}/").status_code == 200


def test_the_list_costs_the_same_with_one_mail_or_three(client, session, django_assert_num_queries):
    url = f"/branche/sessions/{session.pk}/courriels/"
    told(session, "a@example.org")
    client.get(url)
    with django_assert_num_queries(7):
        client.get(url)
    told(session, "b@example.org")
    told(session, "c@example.org")
    with django_assert_num_queries(7):
        client.get(url)
