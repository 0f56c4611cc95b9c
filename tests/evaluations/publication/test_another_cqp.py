"""A quite different CQP, from a spreadsheet to its report: five blocs, one of 45 minutes, three evaluators on another,

a scale of four levels, a rule of points at 60 %. Nothing of it is in the code.
"""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from candidates.planning.services import plan_interview
from evaluations.models import ScoringSheet
from evaluations.publication.issuing import issue_minutes, issue_report
from referentiel.models import CriteriaSpreadsheet, Referentiel
from tests import factories as make
from tests.cqp.spreadsheets.sheets import libreoffice
from tests.evaluations.documents.scene import content_of, text_of
from tests.evaluations.jury.scene import all_decided, evaluated, joint_sheet, sitting
from tests.referentiel.drafts.scene import form_of

pytestmark = pytest.mark.django_db

HEAD = "Bloc;Intitulé du bloc;Durée;Nombre d'évaluateurs;Trame;Code compétence;Compétence;Critère"
TITLES = ("Recevoir", "Stocker", "Préparer", "Expédier", "Encadrer")
SHEET = "\n".join(
    [
        HEAD,
        *(
            f"{number};{title};{45 if number == 2 else 30};{3 if number == 5 else 2};{trame};C{number}.{n};"
            f"{title} : savoir {n};Critère {number}.{n}.{c}"
            for number, title in enumerate(TITLES, 1)
            for n in (1, 2)
            for c, trame in ((1, f"Rubrique {number}.{n}"), (2, ""), (3, ""))
        ),
    ]
)
SCALE = (("Non maîtrisé", 0), ("En cours", 1), ("Maîtrisé", 2), ("Expert", 3))


@pytest.fixture
def admin(branch):
    return make.make_admin(branch)


@pytest.fixture
def referentiel(client, admin):
    """The référentiel, as its administrator makes it in the browser."""
    client.force_login(admin)
    file = SimpleUploadedFile("criteres.ods", libreoffice(SHEET, "ods"))
    form = {"title": "Agent logistique", "code": "CQP-AL", "version": "2027", "file": file}
    response = client.post(
        "/branche/referentiels/nouveau/criteres/", {f"criteres-{name}": value for name, value in form.items()}
    )
    kept = CriteriaSpreadsheet.objects.get()
    assert response.headers["Location"] == f"/branche/criteres/{kept.pk}/"
    draft = client.post(f"/branche/criteres/{kept.pk}/appliquer/").headers["Location"]
    settings = form_of(client, f"{draft}reglages/")
    for rank in range(8):
        label, points = SCALE[rank] if rank < len(SCALE) else ("", "")
        settings |= {f"level{rank}_label": label, f"level{rank}_points": points}
        settings.pop(f"level{rank}_note", None)
    settings |= {"rule": "bloc_percent", "bloc_percent": "60", "competence_percent": "50", "rule_note": ""}
    assert client.post(f"{draft}reglages/", settings).status_code == 302
    sealed = client.post(f"{draft}sceller/").headers["Location"]
    assert sealed.startswith("/referentiel/")
    return Referentiel.objects.with_content().get(code="CQP-AL")


@pytest.fixture
def scene(referentiel, admin):
    """A session of two candidates with its jury and three evaluators."""
    session = make.make_session(referentiel, state="deposit")
    return SimpleNamespace(
        session=session,
        admin=admin,
        evaluators=[make.make_evaluator(session) for _ in range(3)],
        jurors=[make.make_juror(session), make.make_juror(session, college="employees")],
        enrolments=[make.make_enrolment(session), make.make_enrolment(session)],
    )


def test_the_content_is_what_the_spreadsheet_says(referentiel):
    blocs = list(referentiel.blocs.all())
    assert [(one.title, one.interview_minutes, one.evaluator_count) for one in blocs] == [
        ("Recevoir", 30, 2),
        ("Stocker", 45, 2),
        ("Préparer", 30, 2),
        ("Expédier", 30, 2),
        ("Encadrer", 30, 3),
    ]
    assert [one.trame_items.count() for one in blocs] == [2] * 5
    assert [(one.label, one.points) for one in referentiel.scale_levels.all()] == list(SCALE)
    assert referentiel.is_sealed


def test_the_plan_obeys_its_minutes_and_its_evaluators(scene):
    rows = {one.bloc.number: one for one in scene.enrolments[0].enrolment_blocs.select_related("bloc")}
    morning = dt.datetime.combine(scene.session.interviews_from, dt.time(9), scene.session.zone)
    plan = {"by": scene.admin, "room": "Salle 1", "start": morning}
    interview = plan_interview(enrolment_bloc=rows[2], appointments=scene.evaluators[:2], **plan)
    assert interview.end - interview.start == dt.timedelta(minutes=45)
    plan["start"] += dt.timedelta(hours=2)
    with pytest.raises(ValidationError, match="3 évaluateurs"):
        plan_interview(enrolment_bloc=rows[5], appointments=scene.evaluators[:2], **plan)
    assert plan_interview(enrolment_bloc=rows[5], appointments=scene.evaluators, **plan).assignments.count() == 3


def test_it_runs_to_its_report(client, scene, run_tasks):
    session = scene.session
    type(session).objects.filter(pk=session.pk).update(state="interviews")
    for enrolment in scene.enrolments:
        for row in enrolment.enrolment_blocs.select_related("bloc"):
            people = scene.evaluators[: row.bloc.evaluator_count]
            # 2 of 3 points everywhere: 66 %, above 60; the second candidate's last bloc: 1 of 3, below.
            weak = enrolment == scene.enrolments[1] and row.bloc.number == 5
            evaluated(row, people, level=1 if weak else 2)
    last = scene.enrolments[1].enrolment_blocs.get(bloc__number=5).interviews.get()
    assert ScoringSheet.objects.filter(interview=last).count() == 4
    client.force_login(scene.evaluators[0].user)
    page = client.get(f"/evaluateur/fiches/{joint_sheet(last).pk}/", follow=True)
    assert page.status_code == 200
    assert "En cours" in page.content.decode()
    type(session).objects.filter(pk=session.pk).update(state="jury")
    session.refresh_from_db()
    sitting(scene)
    all_decided(scene)
    outcomes = [
        [row.decisions.get().outcome for row in enrolment.enrolment_blocs.order_by("bloc__number")]
        for enrolment in scene.enrolments
    ]
    assert outcomes == [["acquired"] * 5, ["acquired"] * 4 + ["not_acquired"]]
    issue_minutes(session, scene.admin)
    report = issue_report(scene.enrolments[1], scene.admin)
    run_tasks()
    text = re.sub(r"\s+", " ", text_of(content_of(report)))
    for words in ("Agent logistique", "Encadrer : savoir 2", "Critère 5.2.3", "En cours", "60 %"):
        assert words in text, words
