"""An evaluator replaced: their access, their sheet, the newcomer's, the signatures, the jury."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from candidates.models import Interview
from cqp.workflow import TransitionRefused
from evaluations.evidence.chain import broken
from evaluations.jury.queries import list_bloc_cases
from evaluations.models import ScoringSheet
from evaluations.sheets.queries import sheet_view
from evaluations.sheets.replacement import replace_evaluator
from evaluations.sheets.services import open_sheets, reopen_sheet
from evaluations.sheets.workflow import unsigned_sheets
from referentiel.models import Referentiel
from tests import factories as make
from tests.candidates.branch_pages import text
from tests.evaluations.sheets.replacing import replace, signed
from tests.evaluations.sheets.screen import add_dossier
from tests.evaluations.sheets.scribe import operation, post, score_all, send, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def chloe(running):
    """The third evaluator of the session."""
    return make.make_evaluator(running.session, last_name="Chloé")


def joint_of(running) -> ScoringSheet | None:
    return running.interview.sheets.filter(assignment=None).first()


# What is theirs, and what no longer is.


@pytest.mark.parametrize("state", ["running", "finished"])
def test_the_newcomer_s_own_sheet_opens_and_takes_scores(running, chloe, state):
    Interview.objects.update(state=state)
    new = replace(running, chloe)
    score_all(chloe.user, new.sheet)
    assert new.sheet.scores.filter(level=None).count() == 0
    assert broken(ScoringSheet.objects.get(pk=new.sheet.pk)) == []


def test_before_the_interview_no_sheet_opens_yet(running, chloe):
    Interview.objects.update(state="planned", started_at=None)
    new = replace(running, chloe)
    assert not ScoringSheet.objects.filter(assignment=new).exists()


def test_the_replaced_evaluator_loses_the_dossier_and_the_form_at_once(running, chloe, client):
    client.force_login(running.bea)
    stored = add_dossier(running.interview)
    sheet = reverse("evaluator:sheet", args=[running.bea_sheet.pk])

    def answers() -> list[int]:
        prepare = client.get(reverse("evaluator:prepare", args=[running.interview.pk]))
        file = client.get(reverse("files:original", args=[stored.key]))
        if file.streaming:
            b"".join(file.streaming_content)
        return [prepare.status_code, file.status_code]

    assert answers() == [200, 200]
    assert "data-stream" in client.get(sheet).text
    replace(running, chloe)
    assert answers() == [404, 404]
    assert "data-stream" not in client.get(sheet).text
    assert "Vous n'évaluez plus cet entretien" in text(client.get(reverse("evaluator:home")))


def test_what_the_replaced_evaluator_sends_afterwards_is_kept_and_changes_nothing(running, chloe, client):
    score = running.bea_sheet.scores.order_by("pk").first()
    send(running.bea, running.bea_sheet, operation("score", criterion=score.criterion_id, level=1))
    replace(running, chloe)
    client.force_login(running.bea)
    response = post(client, running.bea_sheet, operation("score", criterion=score.criterion_id, level=2))
    assert response.json()["answers"][0]["status"] == "refused"
    score.refresh_from_db()
    assert score.level.value == 1


def test_the_replaced_evaluator_signs_nothing(running, chloe):
    score_all(running.bea, running.bea_sheet)
    replace(running, chloe)
    with pytest.raises(TransitionRefused, match="n'est pas la vôtre"):
        sign(running.bea, running.bea_sheet)


def test_the_replaced_evaluator_reads_nobody_else_s_sheet(running, chloe, client):
    new = replace(running, chloe)
    signed(running.alix, running.alix_sheet)
    signed(chloe.user, new.sheet)
    client.force_login(running.bea)
    for sheet in (running.alix_sheet, new.sheet, joint_of(running)):
        assert client.get(reverse("evaluator:sheet", args=[sheet.pk])).status_code == 404
        assert client.get(reverse("evaluator:joint", args=[sheet.pk])).status_code == 404


def test_a_replaced_evaluator_who_comes_back_finds_their_sheet(running, chloe):
    score = running.bea_sheet.scores.order_by("pk").first()
    send(running.bea, running.bea_sheet, operation("score", criterion=score.criterion_id, level=1))
    new = replace(running, chloe)
    back = replace(running, running.bea_sheet.assignment.appointment, leaving=new.sheet)
    assert back.sheet == running.bea_sheet
    score.refresh_from_db()
    assert score.level.value == 1
    send(running.bea, running.bea_sheet, operation("score", criterion=score.criterion_id, level=2))
    score.refresh_from_db()
    assert score.level.value == 2


# The signatures.


def test_a_signed_sheet_is_reopened_before_its_author_is_replaced(running, chloe):
    signed(running.bea, running.bea_sheet)
    with pytest.raises(ValidationError, match="a déjà signé"):
        replace(running, chloe)
    reopen_sheet(running.bea_sheet, by=running.admin, reason="Béa est malade.")
    assert replace(running, chloe).state == "active"


def test_once_the_joint_sheet_is_signed_nobody_is_replaced(running, chloe):
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        signed(user, sheet)
    for user in (running.alix, running.bea):
        sign(user, joint_of(running))
    with pytest.raises(ValidationError, match="a déjà signé"):
        replace(running, chloe)


def test_the_joint_sheet_opens_from_the_sheets_of_those_who_evaluate(running, chloe):
    score_all(running.bea, running.bea_sheet, level=0)
    new = replace(running, chloe)
    signed(running.alix, running.alix_sheet)
    assert joint_of(running) is None
    signed(chloe.user, new.sheet)
    assert {score.level.value for score in joint_of(running).scores.select_related("level")} == {2}


def test_the_joint_sheet_waits_for_those_who_evaluate_and_only_for_them(running, chloe):
    new = replace(running, chloe)
    signed(running.alix, running.alix_sheet)
    signed(chloe.user, new.sheet)
    joint = joint_of(running)
    with pytest.raises(TransitionRefused):
        sign(running.bea, joint)
    assert sign(running.alix, joint).state == "open"
    assert len(unsigned_sheets(running.session)) == 1
    assert sign(chloe.user, joint).state == "signed"
    assert unsigned_sheets(running.session) == []


def test_the_signature_of_who_was_replaced_does_not_stand_for_the_newcomer_s(running, chloe):
    """Béa signed both sheets, Alix only his own: her own is reopened, she is replaced, Chloé signs too."""
    signed(running.alix, running.alix_sheet)
    signed(running.bea, running.bea_sheet)
    joint = joint_of(running)
    sign(running.bea, joint)
    reopen_sheet(running.bea_sheet, by=running.admin, reason="Béa est malade.")
    new = replace(running, chloe)
    with pytest.raises(TransitionRefused, match="individuelle"):
        sign(running.alix, joint)
    signed(chloe.user, new.sheet)
    assert sign(running.alix, joint).state == "open"
    assert sign(chloe.user, joint).state == "signed"


def test_a_replaced_evaluator_s_divergence_leaves_the_newcomer_s_to_give(running, chloe):
    signed(running.alix, running.alix_sheet)
    signed(running.bea, running.bea_sheet)
    joint = joint_of(running)
    criterion = joint.scores.order_by("pk").first().criterion_id
    for user, level in ((running.alix, 0), (running.bea, 2)):
        send(user, joint, operation("diverge", criterion=criterion, level=level, reason=f"Raison de {user}."))
    reopen_sheet(running.bea_sheet, by=running.admin, reason="Béa est malade.")
    new = replace(running, chloe)
    signed(chloe.user, new.sheet)
    with pytest.raises(TransitionRefused, match="pas complète"):
        sign(running.alix, joint)
    send(chloe.user, joint, operation("diverge", criterion=criterion, level=1, reason="La mienne."))
    for user in (running.alix, chloe.user):
        sign(user, joint)
    joint.refresh_from_db()
    view = sheet_view(ScoringSheet.objects.with_context().get(pk=joint.pk))
    assert joint.state == "signed"
    assert [d.reason for line in view.criteria for d in line.divergences] == [
        f"Raison de {running.alix}.",
        "La mienne.",
    ]


def test_what_a_replaced_evaluator_left_stops_neither_the_jury_nor_the_publication(running, chloe):
    new = replace(running, chloe)
    signed(running.alix, running.alix_sheet)
    signed(chloe.user, new.sheet)
    for user in (running.alix, chloe.user):
        sign(user, joint_of(running))
    assert unsigned_sheets(running.session) == []
    [case] = list_bloc_cases(running.enrolment.enrolment_blocs.all())
    assert case.evaluators == [str(running.alix), str(chloe.user)]
    assert case.proposal == "acquired"


def test_nobody_goes_on_alone_when_the_other_declined(running, chloe):
    running.bea_sheet.assignment.state = "declined"
    running.bea_sheet.assignment.save()
    signed(running.alix, running.alix_sheet)
    assert joint_of(running) is None
    new = replace(running, chloe)
    signed(chloe.user, new.sheet)
    assert joint_of(running) is not None


def test_straight_to_the_joint_sheet_nobody_signs_it_alone(branch):
    session = make.make_session(direct_referentiel(branch), state="interviews")
    alix, bea, chloe = (make.make_evaluator(session) for _ in range(3))
    interview = make.make_interview(make.make_enrolment(session).enrolment_blocs.get(), [alix, bea], state="running")
    open_sheets(interview)
    joint = interview.sheets.get()
    place = interview.assignments.get(appointment=bea)
    interview.assignments.filter(pk=place.pk).update(state="declined")
    score_all(alix.user, joint, level=1)
    with pytest.raises(TransitionRefused, match="Il manque un évaluateur"):
        sign(alix.user, joint)
    place.refresh_from_db()
    replace_evaluator(assignment=place, by=make.make_admin(branch), appointment=chloe, reason="Récusée.")
    assert sign(alix.user, joint).state == "open"
    assert sign(chloe.user, joint).state == "signed"


def direct_referentiel(branch) -> Referentiel:
    """A small référentiel, not sealed, on which evaluators fill one sheet together."""
    referentiel = Referentiel.objects.create(
        branch=branch, code="ENSEMBLE", version="1", title="Ensemble", separate_sheets=False, rule="bloc_percent"
    )
    for rank, label in enumerate(("Non", "Oui")):
        referentiel.scale_levels.create(value=rank, label=label, points=rank)
    activity = referentiel.blocs.create(number=1, code="B1", title="Seul").activities.create(
        position=1, code="1.1", title="Activité"
    )
    activity.competences.create(position=1, code="C1", statement="Savoir").criteria.create(position=1, text="Il sait.")
    return referentiel


# An administrator who evaluates.


def test_an_administrator_does_not_take_a_place_once_a_sheet_is_signed(running, branch):
    judge = make.make_evaluator(running.session, user=running.admin)
    signed(running.alix, running.alix_sheet)
    with pytest.raises(ValidationError, match="a pu lire la fiche déjà signée"):
        replace(running, judge)


def test_an_administrator_takes_a_place_while_nothing_is_signed(running):
    judge = make.make_evaluator(running.session, user=running.admin)
    assert replace(running, judge).state == "active"


def test_an_administrator_who_was_replaced_reads_the_sheets_as_administrator(running, chloe, branch, client):
    branch.administrators.add(running.bea)
    signed(running.alix, running.alix_sheet)
    client.force_login(running.bea)
    page = reverse("branch:sheet", args=[running.alix_sheet.pk])
    assert client.get(page).status_code == 404
    replace(running, chloe)
    assert client.get(page).status_code == 200
