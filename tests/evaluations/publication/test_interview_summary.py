"""What the certification report says of how an interview went."""

import datetime as dt

import pytest

from candidates.models import Interview
from evaluations.publication.interview_summary import account
from evaluations.publication.issuing import issue_report
from tests.evaluations.jury.scene import all_decided, make_scene, sitting
from tests.evaluations.sheets.coming import act, does, make_coming

pytestmark = pytest.mark.django_db


def told(coming):
    return account(Interview.objects.get(pk=coming.interview.pk), coming.session.zone)


def hour(moment, zone):
    local = moment.astimezone(zone)
    return f"{local.hour} h {local.minute:02d}" if local.minute else f"{local.hour} h" if local.hour else "minuit"


def test_an_interview_without_a_hitch_tells_its_real_duration(referentiel):
    coming = make_coming(referentiel)
    does(coming.alix, coming.alix_sheet, act("start", ago=31), act("finish", ago=2))
    assert told(coming) == ["Durée : 29 minutes sur 30 prévues."]


def test_pauses_and_incidents_are_told_without_what_was_written_of_them(referentiel):
    coming = make_coming(referentiel, break_minutes=5)
    coming.interview.minutes = 35
    coming.interview.save()
    does(
        coming.alix,
        coming.alix_sheet,
        act("start", ago=40),
        act("pause", ago=30, planned=True),
        act("resume", ago=25),
        act("pause", ago=15, category="health", text="Crise d'asthme."),
        act("resume", ago=14),
        act("finish", ago=4),
    )
    planned, sudden = Interview.objects.get(pk=coming.interview.pk).pauses.all()
    zone = coming.session.zone
    assert told(coming) == [
        "Durée : 30 minutes sur 30 prévues, pauses non comprises.",
        f"Pause prévue à {hour(planned.started_at, zone)}, 5 minutes.",
        f"Pause imprévue à {hour(sudden.started_at, zone)}, 1 minute.",
        f"Incident à {hour(sudden.started_at, zone)} : malaise, santé.",
    ]


@pytest.mark.parametrize(("excused", "words"), [(True, "absence excusée"), (False, "absence non excusée")])
def test_an_absence_is_told_with_its_excuse(referentiel, excused, words):
    coming = make_coming(referentiel)
    does(coming.alix, coming.alix_sheet, act("absent", excused=excused, reason="Grippe."))
    assert told(coming) == [f"Candidat absent, {words}."]


def test_an_absence_noted_before_excuses_were_is_told_without_one(referentiel):
    coming = make_coming(referentiel)
    coming.interview.state = "absent"
    coming.interview.save()
    assert told(coming) == ["Candidat absent."]


def test_an_interruption_is_told(referentiel):
    coming = make_coming(referentiel)
    does(coming.alix, coming.alix_sheet, act("start", ago=12), act("interrupt", ago=1, reason="Malaise."))
    assert told(coming) == ["Entretien interrompu, sans suite.", "Durée : 11 minutes sur 30 prévues."]


def test_the_questions_of_who_declared_no_recruitment_are_told(referentiel):
    coming = make_coming(referentiel, bloc=2)
    coming.row.declared = "no_recruitment"
    coming.row.save()
    does(coming.alix, coming.alix_sheet, act("start", ago=31), act("finish", ago=1))
    assert told(coming)[-1] == (
        "Le candidat n’a contribué à aucun recrutement : C2.1 évaluée avec les questions prévues pour ce cas."
    )


def test_the_report_says_it(referentiel):
    scene = all_decided(sitting(make_scene(referentiel)))
    interview = Interview.objects.get()
    interview.finished_at = interview.started_at + dt.timedelta(minutes=28)
    interview.save()
    report = issue_report(scene.enrolments[0], scene.admin).document
    assert report.context["blocs"][0]["account"] == ["Durée : 28 minutes sur 30 prévues."]
