"""A candidate reads the civil status that their certificate will bear, says that it is exact, or corrects it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from candidates.enrolments.services import update_enrolment
from candidates.models import Candidate, Enrolment
from candidates.people.civil_status import ChangedMeanwhileError, confirm_identity, correct_identity, identity_token
from candidates.people.identity import IDENTITY
from cqp.models import JournalEntry
from tests.candidates.branch_pages import text
from tests.factories import make_admin, make_candidate, make_enrolment, make_session, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment(referentiel):
    session = make_session(referentiel)
    user = make_user("lea@example.org", first_name="Léa", last_name="N'Guessan")
    lea = make_candidate(session.branch, user=user, birth_name="N'Guessan", birth_place="Abidjan", birth_country="Togo")
    session.branch.telephone = "01 99 00 12 34"
    session.branch.save()
    return make_enrolment(session, candidate=lea)


@pytest.fixture
def lea(client, enrolment):
    client.force_login(enrolment.candidate.user)
    return client


def url(enrolment, name="civil-status"):
    return reverse(f"candidate:{name}", args=[enrolment.pk])


def typed(enrolment, **changed):
    """What the form sends when only `changed` is typed."""
    candidate = Candidate.objects.get(pk=enrolment.candidate_id)
    values = {name: getattr(candidate, name) for name in IDENTITY if name != "birth_insee"}
    return {name: "" if value is None else value for name, value in values.items()} | {
        "read": identity_token(candidate),
        **changed,
    }


def correct(lea, enrolment, **changed):
    response = lea.post(url(enrolment), typed(enrolment, **changed), follow=True)
    enrolment.refresh_from_db()
    enrolment.candidate.refresh_from_db()
    return response


def told(enrolment, verb):
    entries = JournalEntry.objects.filter(stream=enrolment.stream, verb=verb).order_by("seq")
    return [entry.payload for entry in entries]


def test_candidate_finds_everything_exact(lea, enrolment):
    page = lea.get(url(enrolment))
    assert "Abidjan, Togo" in text(page)
    for _ in range(2):
        lea.post(url(enrolment, "civil-status-confirm"), {"read": identity_token(enrolment.candidate)})
    enrolment.refresh_from_db()
    assert enrolment.identity_confirmed_at
    assert told(enrolment, "identity.confirmed") == [{}]
    assert "Confirmé" in text(lea.get(url(enrolment)))


def test_looking_confirms_nothing(lea, enrolment):
    lea.get(url(enrolment))
    assert lea.get(url(enrolment, "civil-status-confirm")).status_code == 405
    enrolment.refresh_from_db()
    assert enrolment.identity_confirmed_at is None


def test_candidate_corrects_their_names_and_the_account_follows(lea, enrolment):
    response = correct(lea, enrolment, birth_name="  d'Ornano-Le  Bœuf ", first_names="Léa-Rose, Marie, Anne")
    assert "Votre état civil est enregistré" in text(response)
    candidate = enrolment.candidate
    assert (candidate.birth_name, candidate.first_names) == ("d'Ornano-Le Bœuf", "Léa-Rose, Marie, Anne")
    assert (candidate.user.first_name, candidate.user.last_name) == ("Léa-Rose", "d'Ornano-Le Bœuf")
    assert candidate.user.email == "lea@example.org"
    assert enrolment.identity_confirmed_at
    assert told(enrolment, "identity.corrected") == [
        {"birth_name": ["N'Guessan", "d'Ornano-Le Bœuf"], "first_names": ["Léa, Marie", "Léa-Rose, Marie, Anne"]}
    ]


def test_candidate_who_goes_by_another_name_is_called_by_it(lea, enrolment):
    correct(lea, enrolment, used_name="Martin")
    assert enrolment.candidate.user.last_name == "Martin"
    assert enrolment.candidate.display_name == "Léa Martin"


def test_an_unknown_day_then_an_unknown_month_are_left_out(lea, enrolment):
    correct(lea, enrolment, birth_day="")
    assert enrolment.candidate.birth_date_text == "11/1988"
    correct(lea, enrolment, birth_month="")
    assert enrolment.candidate.birth_date_text == "1988"
    assert "jour et mois inconnus" in text(lea.get(url(enrolment)))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"birth_month": ""}, "Indiquez le mois"),
        ({"birth_day": "31"}, "n'existe pas"),
        ({"birth_year": "2025"}, "Vérifiez l'année"),
        ({"birth_name": "--"}, "Écrivez ce nom avec des lettres"),
        ({"first_names": ""}, "obligatoire"),
        ({"sex": "X"}, "Sélectionnez un choix valide"),
        ({"birth_country": ""}, "obligatoire"),
    ],
)
def test_what_cannot_be_comes_back_with_its_reason_and_changes_nothing(lea, enrolment, changed, message):
    before = typed(enrolment)
    response = correct(lea, enrolment, used_name="Martin", **changed)
    assert response.status_code == 422
    assert message in text(response)
    assert 'value="Martin"' in response.text
    assert typed(enrolment) == before
    assert enrolment.identity_confirmed_at is None


def test_sending_the_form_unchanged_confirms(lea, enrolment):
    correct(lea, enrolment)
    assert enrolment.identity_confirmed_at
    assert told(enrolment, "identity.corrected") == []


def test_a_twin_is_refused_without_a_word_about_them(lea, enrolment):
    make_candidate(enrolment.session.branch, birth_name="Kouassi", first_names="Léa, Jeanne", birth_place="Lomé")
    response = correct(lea, enrolment, birth_name="KOUASSI", first_names="Léa")
    assert response.status_code == 422
    assert "La branche connaît déjà une personne" in text(response)
    assert "01 99 00 12 34" in text(response)
    assert "Jeanne" not in text(response)
    assert enrolment.candidate.birth_name == "N'Guessan"


def test_what_the_branch_changed_meanwhile_is_read_again(lea, enrolment):
    old = typed(enrolment)
    admin = make_admin(enrolment.session.branch)
    update_enrolment(enrolment=enrolment, by=admin, birth_name="Nguessan")
    for name in ("civil-status", "civil-status-confirm"):
        response = lea.post(url(enrolment, name), old)
        assert response.status_code == 409
        assert "La branche vient de modifier votre état civil" in text(response)
    enrolment.candidate.refresh_from_db()
    assert enrolment.candidate.birth_name == "Nguessan"


def test_a_change_by_the_branch_is_to_be_confirmed_again_and_other_changes_are_not(lea, enrolment):
    correct(lea, enrolment)
    admin = make_admin(enrolment.session.branch)
    update_enrolment(enrolment=enrolment, by=admin, employer="Metro")
    enrolment.refresh_from_db()
    assert enrolment.identity_confirmed_at
    update_enrolment(enrolment=enrolment, by=admin, used_name="Martin")
    enrolment.refresh_from_db()
    assert enrolment.identity_confirmed_at is None


@pytest.mark.parametrize("state", ["jury", "decided"])
def test_once_with_the_jury_the_candidate_is_told_whom_to_write_to(client, referentiel, state):
    enrolment = make_enrolment(make_session(referentiel, state=state))
    client.force_login(enrolment.candidate.user)
    assert "ne se corrige plus ici" in text(client.get(url(enrolment)))
    response = correct(client, enrolment, birth_name="Autre")
    assert response.status_code == 422
    assert enrolment.candidate.birth_name != "Autre"
    response = client.post(url(enrolment, "civil-status-confirm"), typed(enrolment), follow=True)
    assert "ne se corrige plus ici" in text(response)


def test_a_session_with_the_jury_holds_the_civil_status_of_the_next_one_too(lea, enrolment, referentiel):
    make_enrolment(make_session(referentiel, state="jury"), candidate=enrolment.candidate)
    assert correct(lea, enrolment, birth_name="Autre").status_code == 422


def test_nobody_else_corrects_it(enrolment, client):
    other = make_enrolment(enrolment.session).candidate.user
    client.force_login(other)
    assert client.post(url(enrolment), typed(enrolment)).status_code == 404
    values = {name: getattr(enrolment.candidate, name) for name in IDENTITY}
    read = identity_token(enrolment.candidate)
    for person in (other, make_admin(enrolment.session.branch)):
        with pytest.raises(PermissionError):
            correct_identity(enrolment=enrolment, by=person, read=read, **values)
        with pytest.raises(PermissionError):
            confirm_identity(enrolment=enrolment, by=person, read=read)


def test_the_service_wants_what_was_read(enrolment):
    with pytest.raises(ChangedMeanwhileError):
        confirm_identity(enrolment=enrolment, by=enrolment.candidate.user, read="")
    assert Enrolment.objects.get().identity_confirmed_at is None


def test_the_branch_sees_what_was_corrected(client, lea, enrolment):
    correct(lea, enrolment, birth_name="Guessan", birth_day="")
    client.force_login(make_admin(enrolment.session.branch))
    page = text(client.get(reverse("branch:enrolment", args=[enrolment.pk])))
    assert "Corrigée par le candidat le" in page
    assert "nom de naissance : N'Guessan → Guessan" in page
    assert "jour de naissance : 3 → vide" in page


# --- The birthplace


def born(enrolment):
    candidate = enrolment.candidate
    return candidate.birth_place, candidate.birth_insee, candidate.birth_country


def test_a_commune_of_the_list_brings_its_code(lea, enrolment):
    assert 'data-communes="/candidat/communes/"' in lea.get(url(enrolment)).text
    correct(lea, enrolment, birth_country="FRANCE", birth_place="Saint-Denis (974)")
    assert born(enrolment) == ("Saint-Denis", "97411", "France")
    assert "Saint-Denis (974), France" in text(lea.get(url(enrolment)))


def test_a_commune_that_did_not_change_keeps_its_code(lea, enrolment):
    correct(lea, enrolment, birth_country="France", birth_place="Saint-Denis (974)")
    correct(lea, enrolment, used_name="Martin", birth_place="Saint-Denis (974)")
    assert born(enrolment) == ("Saint-Denis", "97411", "France")


def test_without_the_list_of_the_page_a_name_that_is_one_commune_s_is_enough(lea, enrolment):
    correct(lea, enrolment, birth_country="France", birth_place="lyon")
    assert born(enrolment) == ("Lyon", "69123", "France")


def test_a_name_that_several_communes_bear_asks_for_the_department(lea, enrolment):
    response = correct(lea, enrolment, birth_country="France", birth_place="Saint-Denis")
    assert response.status_code == 422
    assert (
        "Plusieurs communes portent ce nom : Saint-Denis (11), Saint-Denis (30), Saint-Denis (93), Saint-Denis (974)"
        in text(response)
    )


def test_a_commune_that_is_no_longer_in_the_list_stays_as_it_was_typed(lea, enrolment):
    correct(lea, enrolment, birth_country="France", birth_place="Châlons-sur-Marne")
    assert born(enrolment) == ("Châlons-sur-Marne", "", "France")


def test_somebody_born_abroad_has_a_country_and_no_code(lea, enrolment):
    correct(lea, enrolment, birth_country="France", birth_place="Lyon (69)")
    correct(lea, enrolment, birth_country="Sénégal", birth_place="Saint-Denis")
    assert born(enrolment) == ("Saint-Denis", "", "Sénégal")


def test_a_code_given_by_the_branch_stays_while_the_place_does(lea, enrolment):
    Candidate.objects.update(birth_place="Lyon", birth_insee="69383", birth_country="FRANCE")
    correct(lea, enrolment, used_name="Martin")
    assert born(enrolment) == ("Lyon", "69383", "France")


def test_the_service_refuses_what_the_form_would_not_send(enrolment):
    values = {name: getattr(enrolment.candidate, name) for name in IDENTITY}
    with pytest.raises(ValidationError, match="lettres"):
        correct_identity(
            enrolment=enrolment,
            by=enrolment.candidate.user,
            read=identity_token(enrolment.candidate),
            **values | {"birth_name": "…"},
        )
