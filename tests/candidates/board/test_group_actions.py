"""The board's list, searched, sorted and cut into pages; what is done for several candidates at once."""

import datetime as dt
import re

import pytest
from django.core import mail as sent
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates.models import Dossier, Organisation
from candidates.people.identity import get_or_create_organisation
from cqp.models import Mail
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(referentiel):
    return make.make_session(referentiel)


@pytest.fixture
def client(client, session):
    client.force_login(make.make_admin(session.branch))
    return client


def enrol(session, name: str, employer: str = "", **fields):
    candidate = make.make_candidate(session.branch, birth_name=name)
    if employer:
        kind = Organisation.Kind.EMPLOYER
        fields["employer"] = get_or_create_organisation(employer, kind=kind, branch_id=session.branch_id)
    return make.make_enrolment(session, candidate=candidate, blocs=[1], **fields)


def names(client, session, **asked) -> list[str]:
    html = client.get(f"/branche/sessions/{session.pk}/", asked).content.decode()
    return re.findall(r'aria-label="Choisir Léa, Marie ([^"]+)"|aria-label="Choisir Léa ([^"]+)"', html) and [
        one.rpartition(" ")[2] for one in re.findall(r'aria-label="Choisir ([^"]+)"', html)
    ]


def act(client, session, **data):
    return client.post(f"/branche/sessions/{session.pk}/ensemble/", data)


def test_the_list_is_searched_whatever_the_accents_and_sorted(client, session):
    enrol(session, "Éluard", "Zinc")
    other = enrol(session, "Abadie", "METRO Bron")
    enrol(session, "Nguyễn", "Atlas")
    assert names(client, session) == ["Abadie", "Éluard", "Nguyễn"]
    assert names(client, session, q="eluard") == ["Éluard"]
    assert names(client, session, q="bron metro") == ["Abadie"]
    assert names(client, session, q=other.candidate.user.email) == ["Abadie"]
    enrol(session, "Aa")
    assert names(client, session, tri="entreprise") == ["Nguyễn", "Abadie", "Éluard", "Aa"]
    start = dt.datetime.combine(session.interviews_from, dt.time(9), dt.UTC)
    make.make_interview(other.enrolment_blocs.get(), [], start=start + dt.timedelta(hours=2))
    make.make_interview(enrol(session, "Zola").enrolment_blocs.get(), [], start=start)
    assert names(client, session, tri="entretien") == ["Zola", "Abadie", "Aa", "Éluard", "Nguyễn"]
    assert names(client, session, tri="rien", voir="rien") == ["Aa", "Abadie", "Éluard", "Nguyễn", "Zola"]
    assert names(client, session, voir="prevus") == ["Abadie", "Zola"]
    page = client.get(f"/branche/sessions/{session.pk}/", {"q": "personne"}).content.decode()
    assert "Personne dans cette liste." in page


def test_a_long_list_has_pages_that_keep_what_was_asked(client, session):
    for n in range(60):
        enrol(session, f"Nom{n:02}", "METRO")
    assert len(names(client, session)) == 50
    assert len(names(client, session, page=2)) == 10
    html = client.get(f"/branche/sessions/{session.pk}/", {"q": "metro", "tri": "entreprise"}).content.decode()
    assert "?q=metro&amp;tri=entreprise&amp;page=2" in html
    shown = act(client, session, acte="inviter", tous="on", q="metro").content.decode()
    assert "Envoyer 60 invitations" in shown


def test_what_will_happen_is_said_before_it_does(client, session, run_tasks):
    with_account, without = enrol(session, "Abadie"), enrol(session, "Zola")
    type(without.candidate).objects.filter(pk=without.candidate_id).update(user=None)
    data = {"acte": "inviter", "qui": [with_account.pk, without.pk]}
    shown = act(client, session, **data).content.decode()
    assert f"une invitation part à {with_account.candidate.user.email}" in shown
    assert "n&#x27;a pas d&#x27;adresse électronique" in shown
    assert "Envoyer 1 invitation<" in shown
    assert not with_account.invitations.exists()
    assert act(client, session, sur="1", **data).status_code == 302
    run_tasks()
    assert [one.to for one in sent.outbox] == [[with_account.candidate.user.email]]


def test_dossiers_are_accepted_together(client, session):
    first, second, third = (enrol(session, name) for name in ("Abadie", "Brel", "Colette"))
    for one in (first, second):
        make.submit(one.enrolment_blocs.get().dossiers.get())
    data = {"acte": "accepter", "tous": "on"}
    shown = act(client, session, **data).content.decode()
    assert shown.count("dossier accepté : bloc 1") == 2
    assert "Colette</strong> n&#x27;a pas de dossier à vérifier" in shown
    act(client, session, sur="1", **data)
    assert Dossier.objects.filter(state="accepted").count() == 2
    assert not Dossier.objects.filter(enrolment_bloc__enrolment=third, state="accepted").exists()


def test_those_chosen_are_convoked_and_nobody_twice(client, session, run_tasks):
    evaluators = [make.make_evaluator(session), make.make_evaluator(session)]
    first, second = enrol(session, "Abadie"), enrol(session, "Brel")
    make.make_interview(first.enrolment_blocs.get(), evaluators)
    data = {"acte": "convoquer", "qui": [first.pk, second.pk]}
    shown = act(client, session, **data).content.decode()
    assert "une convocation part pour 1 entretien" in shown
    assert "n&#x27;a pas d&#x27;entretien prévu" in shown
    for _ in range(2):
        act(client, session, sur="1", **data)
    run_tasks()
    assert [one.to for one in sent.outbox] == [[first.candidate.user.email]]
    assert "est déjà convoqué" in act(client, session, **data).content.decode()


def test_nothing_ticked_or_nothing_chosen_is_said(client, session):
    one = enrol(session, "Abadie")
    other = make.make_enrolment(make.make_session(session.referentiel))
    for data, words in (
        ({"acte": "inviter"}, "Cochez d'abord des candidats"),
        ({"qui": one.pk}, "Choisissez ce qu'il faut faire"),
        ({"acte": "effacer", "qui": one.pk}, "Choisissez ce qu'il faut faire"),
        ({"acte": "inviter", "qui": other.pk}, "Cochez d'abord des candidats"),
    ):
        response = client.post(f"/branche/sessions/{session.pk}/ensemble/", data, follow=True)
        assert words in response.content.decode().replace("&#x27;", "'")


def test_a_mail_that_could_not_leave_is_on_the_board(client, session):
    Mail.objects.create(to="a@example.org", subject="Rappel", body="", state="failed", **session.mail_scope)
    page = client.get(f"/branche/sessions/{session.pk}/").content.decode()
    assert "1 courriel n&#x27;a pas pu partir" in page or "1 courriel n'a pas pu partir" in page


def test_convoking_reads_the_session_as_often_for_one_as_for_three(client, session):
    def readings(*people: str) -> int:
        evaluators = [make.make_evaluator(session), make.make_evaluator(session)]
        for name in people:
            make.make_interview(enrol(session, name).enrolment_blocs.get(), evaluators)
        with CaptureQueriesContext(connection) as captured:
            act(client, session, acte="convoquer", tous="on", sur="1")
        return sum('FROM "candidates_convocation"' in one["sql"] for one in captured)

    assert readings("Abadie") == readings("Brel", "Colette", "Duras") > 0


@pytest.mark.parametrize("kind", ["inviter", "accepter", "convoquer"])
def test_the_confirmation_costs_the_same_for_one_or_three(client, session, kind):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert act(client, session, acte=kind, tous="on").status_code == 200
        return len(captured)

    evaluators = [make.make_evaluator(session), make.make_evaluator(session)]
    make.make_interview(enrol(session, "Abadie").enrolment_blocs.get(), evaluators)
    queries()
    with_one = queries()
    for name in ("Brel", "Colette"):
        make.make_interview(enrol(session, name).enrolment_blocs.get(), evaluators)
    assert queries() == with_one
