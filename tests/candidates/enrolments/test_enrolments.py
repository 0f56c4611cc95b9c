"""A branch enrols people."""

import pytest
from django.core.exceptions import ValidationError

from candidates.enrolments.services import (
    AlreadyEnrolledError,
    EnrolmentDetails,
    enrol,
    update_enrolment,
    withdraw_enrolment,
)
from candidates.models import Candidate, Dossier, Enrolment, Organisation
from candidates.people.identity import IDENTITY, CivilStatus
from cqp.models import JournalEntry, Mail, User
from tests.factories import (
    make_admin,
    make_branch,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_session,
    make_user,
    submit,
)

pytestmark = pytest.mark.database


LEA = {
    "birth_name": "N'Guessan",
    "first_names": "Léa, Marie",
    "sex": "F",
    "birth_year": 1988,
    "birth_month": 11,
    "birth_day": 3,
}


def enrol_her(session, by, blocs=None, email="lea@example.org", **changed) -> Enrolment:
    identity = LEA | {name: changed.pop(name) for name in IDENTITY if name in changed}
    return enrol(
        session=session,
        email=email,
        identity=CivilStatus(**identity),
        details=EnrolmentDetails(**{"access_route": "continuing_training", **changed}),
        blocs=session.referentiel.blocs.all() if blocs is None else blocs,
        by=by,
    )


def refusal(session, by, **changed) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        enrol_her(session, by, **changed)
    return refused.value.message_dict


def test_a_person_is_enrolled_with_a_draft_dossier_for_each_bloc(session, admin):
    enrolment = enrol_her(session, admin, employer="Metro", training_centre="CFA de Lyon", extra_minutes=10)
    assert [row.bloc.number for row in enrolment.enrolment_blocs.all()] == [1, 2, 3]
    drafts = Dossier.objects.filter(enrolment_bloc__enrolment=enrolment)
    assert [(dossier.version, dossier.state) for dossier in drafts] == [(1, "draft")] * 3
    assert (enrolment.employer.kind, enrolment.training_centre.kind) == ("employer", "training_centre")
    assert JournalEntry.objects.get(stream__name=enrolment.stream).payload["extra_minutes"] == 10


def test_a_new_person_gets_an_account_without_a_password(session, admin):
    user = enrol_her(session, admin, email=" Lea@Example.org ", used_name="Diallo").candidate.user
    assert (user.email, user.first_name, user.last_name) == ("lea@example.org", "Léa", "Diallo")
    assert not user.has_usable_password()


def test_enrolling_writes_to_nobody_before_the_branch_invites(session, admin):
    enrol_her(session, admin)
    assert not Mail.objects.exists()


def test_enrolling_twice_is_refused_and_points_at_the_first(session, admin):
    first = enrol_her(session, admin)
    with pytest.raises(AlreadyEnrolledError, match="déjà inscrit") as refused:
        enrol_her(session, admin)
    assert refused.value.enrolment == first
    assert Enrolment.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({}, {"birth_name": "N’GUESSAN", "first_names": "Lea"}),
        ({"birth_name": "d'Ornano-Le Bœuf"}, {"birth_name": "D’ORNANO LE BOEUF"}),
        ({"birth_name": "Nguyễn", "first_names": "Thị"}, {"birth_name": "Nguyen", "first_names": "Thi"}),
        ({"first_names": "Anne-Lise"}, {"first_names": "Anne Lise, Rose"}),
        ({"birth_month": None, "birth_day": None}, {"birth_month": None, "birth_day": None}),
    ],
)
def test_the_same_person_in_a_later_session_is_one_candidate(referentiel, session, admin, first, again):
    before = enrol_her(session, admin, **first)
    after = enrol_her(make_session(referentiel), admin, **{**first, **again})
    assert after.candidate == before.candidate
    assert User.objects.filter(email="lea@example.org").count() == 1


def test_the_same_name_in_another_branch_is_another_candidate(session, admin):
    Candidate.objects.create(
        branch=make_branch(), birth_name="N'Guessan", first_names="Léa", sex="F", birth_year=1988, birth_month=11,
        birth_day=3,
    )  # fmt: skip
    enrol_her(session, admin)
    assert Candidate.objects.count() == 2


@pytest.mark.parametrize("changed", [{"birth_day": 4}, {"birth_day": None}, {"first_names": "Awa"}])
def test_an_address_is_not_shared_by_two_people(referentiel, session, admin, changed):
    enrol_her(session, admin)
    message = refusal(make_session(referentiel), admin, **changed)["email"][0]
    assert "Cette adresse est celle de Léa, Marie N'Guessan (naissance : 03/11/1988)" in message
    assert Candidate.objects.count() == 1


def test_an_evaluator_s_address_does_not_open_a_candidate_s_dossiers(session, admin):
    make_user("lea@example.org", first_name="Marc", last_name="Le Bœuf")
    message = refusal(session, admin)["email"][0]
    assert "d'une autre personne" in message
    assert "Marc" not in message
    assert not Candidate.objects.exists()


def test_a_known_account_of_the_same_name_is_used_again(session, admin):
    known = make_user("lea@example.org", first_name="Lea", last_name="Diallo")
    assert enrol_her(session, admin, used_name="DIALLO").candidate.user == known


def test_a_known_person_keeps_their_address(referentiel, session, admin):
    enrol_her(session, admin)
    message = refusal(make_session(referentiel), admin, email="nouvelle@example.org")["email"][0]
    assert "lea@example.org" in message
    assert not User.objects.filter(email="nouvelle@example.org").exists()


def test_an_evaluator_of_the_session_is_not_its_candidate(session, admin):
    make_evaluator(session, user=make_user("lea@example.org", first_name="Léa", last_name="N'Guessan"))
    assert "ne peut pas y être candidate" in refusal(session, admin)["email"][0]


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("birth_year", {"birth_year": 1888}),
        ("birth_year", {"birth_year": 2030}),
        ("birth_day", {"birth_day": 31}),
        ("birth_day", {"birth_month": 2, "birth_day": 30}),
        ("birth_month", {"birth_month": None}),
        ("birth_month", {"birth_month": 13}),
        ("birth_month", {"birth_month": 0, "birth_day": None}),
        ("birth_day", {"birth_day": 10**30}),
        ("birth_year", {"birth_year": 10**30}),
        ("birth_name", {"birth_name": " - "}),
        ("first_names", {"first_names": ", "}),
        ("sex", {"sex": "?"}),
        ("access_route", {"access_route": "connaissance"}),
        ("email", {"email": "lea.example.org"}),
        ("email", {"email": ""}),
        ("extra_minutes", {"extra_minutes": 500}),
        ("blocs", {"blocs": []}),
        ("birth_insee", {"birth_insee": "693871"}),
        ("birth_name", {"birth_name": "N" * 101}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_written(session, admin, field, changed):
    assert list(refusal(session, admin, **changed)) == [field]
    assert (Candidate.objects.count(), Enrolment.objects.count(), Mail.objects.count()) == (0, 0, 0)
    assert not User.objects.filter(email__startswith="lea").exists()


@pytest.mark.parametrize(
    ("changed", "born"), [({"birth_day": None}, "11/1988"), ({"birth_month": None, "birth_day": None}, "1988")]
)
def test_an_unknown_day_or_month_of_birth_is_accepted(session, admin, changed, born):
    assert enrol_her(session, admin, **changed).candidate.birth_date_text == born


@pytest.mark.parametrize("name", ["d'Ornano-Le Bœuf", "N'Guessan", "Nguyễn", "O", "Đặng Thị"])
def test_a_name_is_kept_as_it_was_typed(session, admin, name):
    assert enrol_her(session, admin, birth_name=f"  {name} ").candidate.birth_name == name


def test_a_person_with_one_word_as_a_name_is_enrolled(session, admin):
    candidate = enrol_her(session, admin, birth_name="Suharto", first_names="Suharto").candidate
    assert candidate.display_name == "Suharto Suharto"


def test_an_organisation_is_found_whatever_its_spelling(session, admin):
    enrol_her(session, admin, employer="Métro Bron")
    enrol_her(session, admin, employer="METRO-BRON ", email="awa@example.org", first_names="Awa")
    assert [one.name for one in Organisation.objects.all()] == ["Métro Bron"]


def test_blocs_of_another_referentiel_are_refused(referentiel, session, admin):
    from referentiel.models import Referentiel

    other = Referentiel.objects.create(branch=referentiel.branch, code="AUTRE", version="1", title="Autre")
    bloc = other.blocs.create(number=1, code="B1", title="Ailleurs")
    assert "référentiel de la session" in refusal(session, admin, blocs=[bloc])["blocs"][0]


@pytest.mark.parametrize("state", ["interviews", "jury", "decided"])
def test_nobody_is_enrolled_once_the_interviews_began(referentiel, admin, state):
    with pytest.raises(ValidationError, match="Les inscriptions sont closes"):
        enrol_her(make_session(referentiel, state=state), admin)
    assert not Enrolment.objects.exists()


def test_another_branch_s_administrator_enrols_nobody(session):
    with pytest.raises(PermissionError):
        enrol_her(session, make_admin(make_branch()))


def test_an_enrolment_is_corrected_and_the_journal_says_what_changed(session, admin):
    enrolment = enrol_her(session, admin, blocs=session.referentiel.blocs.filter(number=1))
    blocs = session.referentiel.blocs.filter(number__in=(2, 3))
    update_enrolment(enrolment=enrolment, by=admin, blocs=blocs, birth_place="Bouaké", break_minutes=5)
    assert [row.bloc.number for row in enrolment.enrolment_blocs.all()] == [2, 3]
    changed = JournalEntry.objects.get(verb="enrolment.changed").payload
    assert (changed["birth_place"], changed["break_minutes"]) == (["", "Bouaké"], [0, 5])


def test_a_bloc_with_a_dossier_handed_in_is_not_taken_out(session, admin):
    enrolment = enrol_her(session, admin)
    submit(Dossier.objects.get(enrolment_bloc__enrolment=enrolment, enrolment_bloc__bloc__number=1))
    with pytest.raises(ValidationError, match="a déjà des fichiers"):
        update_enrolment(enrolment=enrolment, by=admin, blocs=session.referentiel.blocs.filter(number=2))
    assert enrolment.enrolment_blocs.count() == 3


def test_a_correction_does_not_make_two_rows_of_one_person(referentiel, session, admin):
    enrol_her(session, admin)
    other = enrol_her(session, admin, email="awa@example.org", first_names="Awa")
    with pytest.raises(ValidationError, match="seconde fiche"):
        update_enrolment(enrolment=other, by=admin, first_names="Léa")


def test_a_person_enrolled_by_mistake_is_taken_out_and_the_journal_remembers(session, admin):
    enrolment = enrol_her(session, admin)
    withdraw_enrolment(enrolment=enrolment, by=admin)
    assert not Enrolment.objects.exists()
    assert JournalEntry.objects.get(stream__name=enrolment.stream, verb="enrolment.withdrawn").actor == admin


def test_a_person_with_an_interview_is_not_taken_out(referentiel, admin):
    session = make_session(referentiel)
    enrolment = make_enrolment(session, blocs=[1])
    make_interview(enrolment.enrolment_blocs.get(), [make_evaluator(session), make_evaluator(session)])
    with pytest.raises(ValidationError, match="ne peut plus être retirée"):
        withdraw_enrolment(enrolment=enrolment, by=admin)
    assert Enrolment.objects.get() == enrolment
