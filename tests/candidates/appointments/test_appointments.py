"""A branch appoints evaluators, jurors and observers."""

import pytest
from django.core.exceptions import ValidationError

from candidates.appointments.services import (
    AlreadyAppointedError,
    Appointee,
    appoint,
    declare_conflict,
    remove_appointment,
)
from candidates.models import Affiliation, Appointment, Conflict
from cqp.models import JournalEntry, Mail, User
from tests.factories import (
    make_admin,
    make_branch,
    make_candidate,
    make_enrolment,
    make_evaluator,
    make_interview,
    make_session,
    make_user,
)


@pytest.fixture
def admin(branch):
    return make_admin(branch)


@pytest.fixture
def session(referentiel):
    return make_session(referentiel)


def appoint_him(session, by, role="evaluator", college="", **changed) -> Appointment:
    person = {"email": "marc@example.org", "first_name": "Marc", "last_name": "Le Bœuf", **changed}
    return appoint(session=session, person=Appointee(**person), role=role, college=college, by=by)


def refusal(session, by, **changed) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        appoint_him(session, by, **changed)
    return refused.value.message_dict


def test_an_evaluator_is_appointed_with_his_organisations_and_told(session, admin):
    appointment = appoint_him(session, admin, employer="Metro", training_centre="CFA de Lyon")
    assert str(appointment) == "Marc Le Bœuf, évaluateur"
    assert {a.organisation.name for a in Affiliation.objects.filter(user=appointment.user)} == {"Metro", "CFA de Lyon"}
    mail = Mail.objects.get(to="marc@example.org")
    assert "Les entretiens ont lieu du" in mail.body
    assert "http" not in mail.body
    assert JournalEntry.objects.get(stream__name=f"session:{session.pk}").verb == "appointment.created"


def test_he_enters_with_a_code_not_a_password(session, admin):
    assert not appoint_him(session, admin).user.has_usable_password()


def test_appointing_twice_is_refused_and_points_at_the_first(session, admin):
    first = appoint_him(session, admin)
    with pytest.raises(AlreadyAppointedError, match="est déjà évaluateur") as refused:
        appoint_him(session, admin)
    assert refused.value.appointment == first
    assert Mail.objects.count() == 1


def test_one_person_holds_two_roles(session, admin):
    evaluator = appoint_him(session, admin)
    juror = appoint_him(session, admin, role="juror", college="employers")
    assert juror.user == evaluator.user


def test_one_person_serves_two_sessions_with_one_account(referentiel, session, admin):
    appoint_him(session, admin)
    appoint_him(make_session(referentiel), admin, first_name="MARC", last_name="LE BOEUF")
    assert User.objects.filter(email="marc@example.org").count() == 1


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("college", {"role": "juror"}),
        ("college", {"role": "substitute"}),
        ("college", {"role": "juror", "college": "retraités"}),
        ("role", {"role": "roi"}),
        ("email", {"email": "marc at example.org"}),
        ("last_name", {"last_name": " "}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_written(session, admin, field, changed):
    assert list(refusal(session, admin, **changed)) == [field]
    assert not Appointment.objects.exists()
    assert not User.objects.filter(email__startswith="marc").exists()


def test_an_evaluator_has_no_college(session, admin):
    assert appoint_him(session, admin, college="employers").college == ""


def test_an_address_of_somebody_else_is_refused(session, admin):
    make_user("marc@example.org", first_name="Awa", last_name="Diop")
    assert "d'une autre personne" in refusal(session, admin)["email"][0]


def test_a_candidate_of_the_session_is_not_its_evaluator(session, admin):
    marc = make_user("marc@example.org", first_name="Marc", last_name="Le Bœuf")
    make_enrolment(session, candidate=make_candidate(session.branch, user=marc))
    assert "ne peut pas y être nommée" in refusal(session, admin)["email"][0]


def test_another_branch_s_administrator_appoints_nobody(session):
    with pytest.raises(PermissionError):
        appoint_him(session, make_admin(make_branch()))


def test_a_published_session_takes_nobody_more(referentiel, admin):
    with pytest.raises(ValidationError, match="Les résultats sont publiés"):
        appoint_him(make_session(referentiel, state="decided"), admin)


def test_a_mistaken_appointment_is_removed(session, admin):
    remove_appointment(appointment=appoint_him(session, admin), by=admin)
    assert not Appointment.objects.exists()
    assert JournalEntry.objects.filter(verb="appointment.removed").count() == 1


def test_an_evaluator_with_an_interview_is_not_removed(session, admin):
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    evaluator = make_evaluator(session)
    make_interview(row, [evaluator, make_evaluator(session)])
    with pytest.raises(ValidationError, match="a des entretiens"):
        remove_appointment(appointment=evaluator, by=admin)
    assert Appointment.objects.count() == 2


@pytest.mark.parametrize("who", ["administrator", "evaluator", "candidate"])
def test_a_link_is_declared_by_the_branch_or_the_two_people(session, who):
    evaluator, enrolment = make_evaluator(session), make_enrolment(session)
    by = {
        "administrator": lambda: make_admin(session.branch),
        "evaluator": lambda: evaluator.user,
        "candidate": lambda: enrolment.candidate.user,
    }[who]()
    for _ in range(2):
        declare_conflict(appointment=evaluator, candidate=enrolment.candidate, by=by)
    assert Conflict.objects.get().declared_by == by


def test_a_third_person_declares_no_link(session):
    evaluator, enrolment, other = make_evaluator(session), make_enrolment(session), make_evaluator(session)
    with pytest.raises(PermissionError):
        declare_conflict(appointment=evaluator, candidate=enrolment.candidate, by=other.user)


def test_a_link_is_with_a_candidate_of_the_session(session, admin):
    with pytest.raises(ValidationError, match="candidat de cette session"):
        declare_conflict(appointment=make_evaluator(session), candidate=make_candidate(session.branch), by=admin)
