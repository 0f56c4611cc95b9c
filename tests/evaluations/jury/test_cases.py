"""The jury deliberates: who sits, on what it decides, what is refused."""

import pytest

from candidates.models import EnrolmentBloc, Interview
from cqp.evidence import journal
from cqp.models import JournalEntry
from cqp.workflow import perform
from evaluations.jury.decisions import DecisionInput, MissingReasonError, ShownState, StaleDecisionError, decide
from evaluations.jury.queries import list_bloc_cases
from evaluations.jury.sitting import DecisionRefused, note_attendance, open_deliberation
from evaluations.models import Attendance, Decision, Deliberation
from evaluations.sheets.services import reopen_sheet
from tests import factories as make
from tests.evaluations.jury.scene import case_of, decided, first_bloc, joint_sheet, make_scene, sitting
from tests.evaluations.sheets.scribe import sign


@pytest.fixture
def scene(referentiel):
    return make_scene(referentiel)


def test_a_deliberation_is_opened_once(scene):
    first = open_deliberation(scene.session, by=scene.admin)
    assert open_deliberation(scene.session, by=scene.jurors[0].user) == first
    assert JournalEntry.objects.filter(verb="deliberation.opened").count() == 1


@pytest.mark.parametrize("state", ["preparation", "deposit", "interviews"])
def test_no_deliberation_before_the_jury(referentiel, state):
    session = make.make_session(referentiel, state=state)
    with pytest.raises(DecisionRefused, match="ne siège pas encore"):
        open_deliberation(session, by=make.make_admin(session.branch))
    assert not Deliberation.objects.exists()


def test_who_does_not_sit_does_not_open(scene):
    for stranger in (make.make_user(), scene.evaluators[0].user, scene.enrolments[0].candidate.user):
        with pytest.raises(DecisionRefused):
            open_deliberation(scene.session, by=stranger)


def test_a_juror_without_undertaking_does_not_open_nor_attend(scene):
    unsigned = make.make_juror(scene.session, undertaking=False)
    with pytest.raises(DecisionRefused):
        open_deliberation(scene.session, by=unsigned.user)
    deliberation = open_deliberation(scene.session, by=scene.admin)
    with pytest.raises(DecisionRefused, match="engagement de confidentialité"):
        note_attendance(deliberation, [*scene.jurors, unsigned], by=scene.admin)
    assert not Attendance.objects.exists()


def test_an_evaluator_or_the_juror_of_another_session_is_not_present(scene, referentiel):
    deliberation = open_deliberation(scene.session, by=scene.admin)
    other = make.make_juror(make.make_session(referentiel, state="jury"))
    for stranger in (scene.evaluators[0], other):
        with pytest.raises(DecisionRefused, match="n'est pas membre du jury"):
            note_attendance(deliberation, [stranger], by=scene.admin)


def test_attendance_is_who_is_named_last(scene):
    deliberation = open_deliberation(scene.session, by=scene.admin)
    note_attendance(deliberation, scene.jurors, by=scene.admin)
    note_attendance(deliberation, scene.jurors, by=scene.admin)
    assert JournalEntry.objects.filter(verb="deliberation.attendance").count() == 1
    note_attendance(deliberation, scene.jurors[:1], by=scene.admin)
    assert [one.appointment for one in deliberation.attendances.all()] == scene.jurors[:1]


def test_a_jury_too_small_decides_nothing(scene):
    with pytest.raises(DecisionRefused, match="n'est pas ouverte"):
        decided(scene, first_bloc(scene))
    deliberation = open_deliberation(scene.session, by=scene.admin)
    note_attendance(deliberation, scene.jurors[:1], by=scene.admin)
    with pytest.raises(DecisionRefused, match="1 présent qui vote, 2 requis"):
        decided(scene, first_bloc(scene))
    assert not Decision.objects.exists()


def test_both_colleges_and_the_branch_record_decisions(scene):
    sitting(scene)
    row = first_bloc(scene)
    for n, person in enumerate((scene.admin, scene.jurors[0].user, scene.jurors[1].user), 1):
        assert decided(scene, row, "adjourned", f"Motif {n}.", by=person).version == n


def test_who_is_not_present_records_nothing(scene):
    sitting(scene)
    absent = make.make_juror(scene.session)
    other_admin = make.make_admin(make.make_branch())
    for person in (absent.user, other_admin, scene.evaluators[0].user, scene.enrolments[0].candidate.user):
        with pytest.raises(DecisionRefused):
            decided(scene, first_bloc(scene), by=person)
    assert not Decision.objects.exists()


def test_the_proposal_is_confirmed_without_a_reason(scene):
    sitting(scene)
    row = first_bloc(scene)
    decision = decided(scene, row)
    assert (decision.outcome, decision.proposal, decision.version) == ("acquired", "acquired", 1)
    assert decision.sheet_seq == case_of(row).sheet_seq
    stream = scene.enrolments[0].stream
    assert JournalEntry.objects.get(stream=stream, verb="decision.made").payload["outcome"] == "acquired"
    assert journal.broken(stream) == []


def test_departing_from_the_proposal_needs_a_reason(scene):
    sitting(scene)
    with pytest.raises(MissingReasonError):
        decided(scene, first_bloc(scene), "not_acquired", "   ")
    assert decided(scene, first_bloc(scene), "not_acquired", "Dossier copié.").reason == "Dossier copié."


def test_a_divergence_is_the_jurys_to_settle_with_a_reason(referentiel):
    scene = sitting(make_scene(referentiel, divergence=True))
    row = first_bloc(scene)
    assert case_of(row).proposal == "divergent"
    with pytest.raises(MissingReasonError):
        decided(scene, row, "acquired")
    assert decided(scene, row, "acquired", "Le jury a relu le dossier.").proposal == "divergent"


def test_an_absent_candidate_is_declared_absent_without_a_reason(scene):
    sitting(scene)
    enrolment = make.make_enrolment(scene.session, blocs=[1])
    row = enrolment.enrolment_blocs.get()
    make.make_interview(row, scene.evaluators, state="absent")
    assert decided(scene, row).outcome == "absent"


def test_a_bloc_that_nobody_evaluated_is_not_acquired(scene):
    sitting(scene)
    row = make.make_enrolment(scene.session, blocs=[1]).enrolment_blocs.get()
    with pytest.raises(DecisionRefused, match="Aucune fiche conjointe"):
        decided(scene, row, "acquired", "Il le mérite.")
    with pytest.raises(MissingReasonError):
        decided(scene, row, "not_acquired")
    assert decided(scene, row, "not_acquired", "Dossier non déposé.").sheet is None


def test_an_unknown_outcome_is_refused(scene):
    sitting(scene)
    with pytest.raises(DecisionRefused, match="dans la liste"):
        decided(scene, first_bloc(scene), "brilliant", "Motif.")


def test_a_double_click_makes_one_decision(scene):
    sitting(scene)
    first = decided(scene, first_bloc(scene))
    assert decided(scene, first_bloc(scene)) == first
    assert Decision.objects.count() == 1


def test_another_decision_supersedes_and_both_are_kept(scene):
    sitting(scene)
    row = first_bloc(scene)
    first = decided(scene, row)
    second = decided(scene, row, "adjourned", "Une pièce manque.")
    assert (second.version, second.supersedes) == (2, first)
    assert [one.pk for one in case_of(row).decisions] == [second.pk, first.pk]


def test_a_decision_on_a_sheet_reopened_meanwhile_is_refused_and_says_what_changed(scene):
    sitting(scene)
    row = first_bloc(scene)
    case = case_of(row)
    reopen_sheet(joint_sheet(case.interview), by=scene.admin, reason="Erreur de saisie.")
    shown = ShownState(case.proposal, case.sheet_seq)
    with pytest.raises(StaleDecisionError) as refused:
        decide(row, DecisionInput("acquired"), shown=shown, by=scene.admin)
    assert "La fiche conjointe a changé" in refused.value.changes[0]
    assert "« bloc acquis »" in refused.value.changes[1]
    assert not Decision.objects.exists()


def test_a_decision_is_outdated_once_its_sheet_is_signed_anew(scene):
    sitting(scene)
    row = first_bloc(scene)
    first = decided(scene, row)
    joint = joint_sheet(case_of(row).interview)
    reopen_sheet(joint, by=scene.admin, reason="Erreur de saisie.")
    for evaluator in scene.evaluators:
        sign(evaluator.user, joint)
    assert case_of(row).is_outdated
    second = decided(scene, row)
    assert second.supersedes == first
    assert not case_of(row).is_outdated


def test_the_second_of_two_secretaries_is_told_of_the_first(scene):
    sitting(scene)
    row = first_bloc(scene)
    case = case_of(row)
    shown = ShownState(case.proposal, case.sheet_seq, 0)
    decide(row, DecisionInput("acquired"), shown=shown, by=scene.jurors[0].user)
    adjourned = DecisionInput("adjourned", "Une pièce manque.")
    with pytest.raises(StaleDecisionError) as refused:
        decide(row, adjourned, shown=shown, by=scene.jurors[1].user)
    assert refused.value.changes == [f"{scene.jurors[0].user} a enregistré entre-temps « acquis »."]
    # Both saying the same is no conflict.
    assert decide(row, DecisionInput("acquired"), shown=shown, by=scene.jurors[1].user).version == 1


def test_a_candidate_is_judged_on_the_last_interview_that_took_place(scene):
    enrolment = make.make_enrolment(scene.session, blocs=[1])
    row = enrolment.enrolment_blocs.get()
    make.make_interview(row, scene.evaluators, state="absent")
    cancelled = make.make_interview(row, scene.evaluators, state="cancelled", attempt=2)
    assert case_of(row).interview != cancelled
    assert case_of(row).proposal == "absent"
    later = make.make_interview(row, scene.evaluators, state="finished", attempt=3)
    assert case_of(row).interview == Interview.objects.get(pk=later.pk)


def test_no_decision_once_the_session_went_back_to_interviews(scene):
    sitting(scene)
    perform(scene.session, "back_to_interviews", by=scene.admin, comment="Un entretien est à refaire.")
    with pytest.raises(DecisionRefused, match="ne siège pas encore"):
        decided(scene, first_bloc(scene))


@pytest.mark.parametrize("candidates", [1, 3])
def test_the_cases_cost_the_same_for_one_candidate_and_for_three(referentiel, candidates, django_assert_num_queries):
    scene = make_scene(referentiel, candidates=candidates)
    with django_assert_num_queries(10):
        cases = list_bloc_cases(EnrolmentBloc.objects.filter(enrolment__session=scene.session))
    assert len(cases) == candidates
