"""The agreement: two sheets side by side, differences first, each settled with one touch or carried to the jury."""

import pytest
from django.urls import reverse

from evaluations.models import Revision
from evaluations.services.sheets import open_sheets, reopen_sheet
from referentiel.models import Referentiel
from tests import factories as make
from tests.evaluations.screen import criteria, fields, url, value
from tests.evaluations.scribe import operation, post, score_all, send, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def joint(running):
    """Alix gave 2 everywhere; Béa 1 on the first criterion with a note, *non abordé* on the second, else 2."""
    score_all(running.alix, running.alix_sheet)
    score_all(running.bea, running.bea_sheet)
    first, second, *_ = criteria(running.bea_sheet)
    send(
        running.bea,
        running.bea_sheet,
        operation("score", criterion=first, level=1),
        operation("note", criterion=first, text="Sans chiffre."),
        operation("score", criterion=second, level=9),
        operation("note", criterion=second, text="Pas le temps."),
    )
    sign(running.alix, running.alix_sheet)
    sign(running.bea, running.bea_sheet)
    return running.interview.sheets.get(assignment=None)


@pytest.fixture
def as_alix(running, client):
    client.force_login(running.alix)
    return client


def test_differences_come_first_with_what_each_gave_and_the_equal_ones_are_folded(running, joint, as_alix):
    page = as_alix.get(url("joint", joint.pk))
    first, second, *_ = criteria(joint)
    assert [row.line.criterion.pk for row in page.context["different"]] == [first, second]
    assert len(page.context["equal"]) == 23
    html = page.text
    assert html.index(f'id="critere-{first}"') < html.index("23 critères au même niveau")
    assert "<strong>Vous :</strong> Démontré" in html
    assert f"<strong>{running.bea} :</strong> Partiellement démontré<br>« Sans chiffre. »" in html
    assert "<span data-count>0</span> / 2" in html


def test_each_difference_is_settled_with_one_touch(running, joint, as_alix):
    first, second, *_ = criteria(joint)
    touches = [operation("score", criterion=first, level=1), operation("score", criterion=second, level=2)]
    for touch in touches:
        assert post(as_alix, joint, touch).status_code == 200
    page = as_alix.get(url("joint", joint.pk)).text
    assert "<span data-count>2</span> / 2" in page
    assert (value(joint, first), value(joint, second)) == (1, 2)


def test_the_plain_form_settles_too(running, joint, as_alix):
    first = criteria(joint)[0]
    data = fields(as_alix.get(url("joint", joint.pk))) | {f"level-{first}": "1", f"note-{first}": "Un exemple."}
    response = as_alix.post(url("joint", joint.pk), data, follow=True)
    assert "Tout est enregistré." in response.text
    assert value(joint, first) == 1
    assert joint.scores.get(criterion=first).note == "Un exemple."


def test_each_evaluator_records_their_own_position_on_a_divergence(running, joint, client):
    first = criteria(joint)[0]
    for user, level, reason in ((running.alix, "2", "Exemple précis."), (running.bea, "1", "Sans chiffre.")):
        client.force_login(user)
        data = fields(client.get(url("joint", joint.pk)))
        data |= {f"position-{first}": level, f"reason-{first}": reason}
        client.post(url("joint", joint.pk), data)
    positions = [(d.assignment.appointment.user, d.level.value, d.reason) for d in joint.divergences.order_by("pk")]
    assert positions == [(running.alix, 2, "Exemple précis."), (running.bea, 1, "Sans chiffre.")]
    page = client.get(url("joint", joint.pk)).text
    assert f"Pas d'accord, {running.alix} :</strong> Démontré, « Exemple précis. »" in page


def test_a_divergence_without_a_reason_or_a_level_is_refused_and_kept_on_the_page(running, joint, as_alix):
    first = criteria(joint)[0]
    data = fields(as_alix.get(url("joint", joint.pk)))
    response = as_alix.post(url("joint", joint.pk), data | {f"position-{first}": "2"})
    assert response.status_code == 422
    assert "demande une raison" in response.text
    response = as_alix.post(url("joint", joint.pk), data | {f"reason-{first}": "Je ne suis pas d'accord."})
    assert response.status_code == 422
    assert "choisissez le niveau" in response.text
    assert "Je ne suis pas d&#x27;accord." in response.text
    assert not joint.divergences.exists()


def test_what_each_said_of_a_competence_is_shown_where_the_joint_one_is_decided(running, client, referentiel):
    competence = running.bea_sheet.verdicts.order_by("pk").first().competence_id
    score_all(running.alix, running.alix_sheet)
    score_all(running.bea, running.bea_sheet)
    verdict = operation("verdict", competence=competence, outcome="not_acquired", comment="Méthode fragile.")
    send(running.bea, running.bea_sheet, verdict)
    sign(running.alix, running.alix_sheet)
    sign(running.bea, running.bea_sheet)
    client.force_login(running.alix)
    page = client.get(url("joint", running.interview.sheets.get(assignment=None).pk)).text
    assert f"<strong>{running.bea} :</strong> non acquise, « Méthode fragile. »" in page


def test_before_both_signed_there_is_no_joint_sheet_to_reach(running, as_alix, client):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    assert as_alix.get(url("joint", running.alix_sheet.pk)).url == url("sheet", running.alix_sheet.pk)
    assert not running.interview.sheets.filter(assignment=None).exists()


def test_after_a_reopening_the_joint_sheet_waits_for_the_new_signature(running, joint, as_alix):
    reopen_sheet(running.alix_sheet, by=running.admin, reason="Erreur de ligne.")
    assert as_alix.get(url("joint", joint.pk)).status_code == 404
    assert post(as_alix, joint, operation("score", criterion=criteria(joint)[0], level=1)).status_code == 404
    assert as_alix.get(url("sheet", running.bea_sheet.pk)).status_code == 404


def test_signed_it_is_read_only(running, joint, as_alix):
    first, second, *_ = criteria(joint)
    send(running.alix, joint, *[operation("score", criterion=pk, level=2) for pk in (first, second)])
    sign(running.alix, joint)
    sign(running.bea, joint)
    page = as_alix.get(url("joint", joint.pk)).text
    main = page[page.index("<main") : page.index("</main>")]
    assert "Fiche conjointe" in main
    assert "<input" not in main
    assert as_alix.get(url("review", joint.pk)).url == url("joint", joint.pk)


def test_the_other_evaluators_access_does_not_change_with_what_one_did(running, joint, client):
    stranger = make.make_evaluator(running.session)
    client.force_login(stranger.user)
    for name in ("joint", "review", "results"):
        assert client.get(url(name, joint.pk)).status_code == 404


@pytest.mark.parametrize("differences", [1, 3])
def test_agreement_takes_as_many_queries_with_one_difference_as_with_three(
    running, as_alix, differences, django_assert_num_queries
):
    score_all(running.alix, running.alix_sheet)
    score_all(running.bea, running.bea_sheet)
    different = criteria(running.bea_sheet)[:differences]
    send(running.bea, running.bea_sheet, *[operation("score", criterion=pk, level=1) for pk in different])
    sign(running.alix, running.alix_sheet)
    sign(running.bea, running.bea_sheet)
    address = url("joint", running.interview.sheets.get(assignment=None).pk)
    as_alix.get(address)
    with django_assert_num_queries(10):
        assert len(as_alix.get(address).context["different"]) == differences


def test_where_the_referentiel_says_so_the_joint_sheet_is_scored_directly(running, client):
    referentiel = _direct_referentiel(running.session.branch)
    session = make.make_session(referentiel, state="interviews")
    enrolment = make.make_enrolment(session)
    evaluators = [make.make_evaluator(session, user=user) for user in (running.alix, running.bea)]
    interview = make.make_interview(enrolment.enrolment_blocs.get(), evaluators, state="running")
    open_sheets(interview)
    joint = interview.sheets.get()
    assert joint.is_joint
    client.force_login(running.alix)
    page = client.get(url("joint", joint.pk))
    assert page.status_code == 200
    assert "data-clock" in page.text
    [criterion] = criteria(joint)
    assert f'action="{url("joint", joint.pk)}"' in page.text
    client.post(url("joint", joint.pk), fields(page) | {f"level-{criterion}": "1"})
    assert value(joint, criterion) == 1
    sign(running.alix, joint)
    assert sign(running.bea, joint).state == "signed"
    assert Revision.objects.filter(sheet=joint, kind="sign").count() == 2
    assert client.get(reverse("evaluator:home")).status_code == 200


def _direct_referentiel(branch):
    """A small référentiel, not sealed, on which evaluators fill one sheet together."""
    referentiel = Referentiel.objects.create(
        branch=branch, code="DIRECT", version="1", title="Direct", separate_sheets=False, rule="bloc_percent"
    )
    for rank, label in enumerate(("Non", "Oui")):
        referentiel.scale_levels.create(value=rank, label=label, points=rank)
    bloc = referentiel.blocs.create(number=1, code="B1", title="Seul")
    activity = bloc.activities.create(position=1, code="1.1", title="Activité")
    competence = activity.competences.create(position=1, code="C1", statement="Savoir")
    competence.criteria.create(position=1, text="Il sait.")
    return referentiel
