"""A session before its jury, in a few words."""

from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from candidates.models import Interview
from candidates.sessions.services import set_jury_rules
from evaluations.jury.decisions import DecisionInput, ShownState, decide
from evaluations.jury.queries import BlocCase, list_bloc_cases
from evaluations.jury.sitting import note_attendance, open_deliberation
from evaluations.models import Decision, ScoringSheet
from evaluations.publication.issuing import issue_minutes
from evaluations.publication.services import publish
from evaluations.sheets.services import open_sheets
from tests import factories as make
from tests.evaluations.sheets.scribe import operation, score_all, send, sign
from tests.replay import replayed


def evaluated(enrolment_bloc, evaluators, *, level: int = 2, divergence: bool = False) -> Interview:
    """The interview of a bloc, held; both sheets at `level`, the joint one signed, with or without a divergence."""
    interview = make.make_interview(enrolment_bloc, evaluators, state="running")
    open_sheets(interview)
    for appointment in evaluators:
        sheet = interview.sheets.get(assignment__appointment=appointment)
        score_all(appointment.user, sheet, level)
        sign(appointment.user, sheet)
    joint = joint_sheet(interview)
    if divergence:
        criterion = joint.scores.order_by("criterion").first().criterion_id
        for rank, appointment in enumerate(evaluators):
            reason = f"Raison de {appointment.user}."
            send(appointment.user, joint, operation("diverge", criterion=criterion, level=rank, reason=reason))
    for appointment in evaluators:
        sign(appointment.user, joint)
    Interview.objects.filter(pk=interview.pk).update(state="finished", finished_at=timezone.now())
    return interview


def joint_sheet(interview: Interview) -> ScoringSheet:
    return interview.sheets.get(assignment=None)


@replayed
def make_scene(referentiel, *, candidates: int = 1, blocs: list[int] | None = None, **kinds: Any) -> SimpleNamespace:
    """A session at its jury: candidates evaluated on `blocs` ([1]), two jurors of either college, an administrator."""
    session = make.make_session(referentiel, state="jury")
    evaluators = [make.make_evaluator(session), make.make_evaluator(session)]
    scene = SimpleNamespace(
        session=session,
        evaluators=evaluators,
        admin=make.make_admin(session.branch),
        jurors=[make.make_juror(session), make.make_juror(session, college="employees")],
        enrolments=[],
    )
    for _ in range(candidates):
        add_candidate(scene, blocs=blocs or [1], **kinds)
    return scene


def add_candidate(scene, *, blocs: list[int], **kinds: Any):
    fields = {name: kinds.pop(name) for name in ("candidate",) if name in kinds}
    enrolment = make.make_enrolment(scene.session, blocs=blocs, **fields)
    for row in enrolment.enrolment_blocs.all():
        evaluated(row, scene.evaluators, **kinds)
    scene.enrolments.append(enrolment)
    return enrolment


def sitting(scene):
    """The scene with its deliberation open, both jurors present; the first, of the employers, is qualified and presides."""
    first = scene.jurors[0]
    first.is_qualified = True
    first.save(update_fields=["is_qualified"])
    deliberation = open_deliberation(scene.session, by=scene.admin)
    note_attendance(deliberation, scene.jurors, by=scene.admin, president=first)
    return scene


def case_of(enrolment_bloc) -> BlocCase:
    return list_bloc_cases(type(enrolment_bloc).objects.filter(pk=enrolment_bloc.pk))[0]


def first_bloc(scene):
    return scene.enrolments[0].enrolment_blocs.get(bloc__number=1)


def decided(scene, enrolment_bloc, outcome: str = "", reason: str = "", *, by=None) -> Decision:
    """A decision made on what is there now; by default, the one proposed."""
    case = case_of(enrolment_bloc)
    return decide(
        enrolment_bloc,
        DecisionInput(
            outcome or case.proposal,
            reason,
            is_lowering=(case.proposal, outcome) == ("acquired", "not_acquired"),
        ),
        shown=ShownState(case.proposal, case.sheet_seq),
        by=by or scene.admin,
    )


def all_decided(scene):
    for enrolment in scene.enrolments:
        for row in enrolment.enrolment_blocs.all():
            decided(scene, row)
    return scene


def shown_of(row) -> ShownState:
    case = case_of(row)
    return ShownState(case.proposal, case.sheet_seq)


def ruled(referentiel, **rules):
    """A session before its jury of four, two of each college, under these rules."""
    scene = make_scene(referentiel, level=rules.pop("level", 2))
    scene.jurors += [make.make_juror(scene.session), make.make_juror(scene.session, college="employees")]
    scene.session = set_jury_rules(session=scene.session, by=scene.admin, rules=rules)
    return scene


def present(scene, *members, president=None, proxies=None):
    deliberation = open_deliberation(scene.session, by=scene.admin)
    note_attendance(deliberation, members or scene.jurors, by=scene.admin, president=president, proxies=proxies)
    return deliberation


def ready(referentiel, **rules):
    scene = make_scene(referentiel)
    scene.session = set_jury_rules(session=scene.session, by=scene.admin, rules=rules)
    all_decided(sitting(scene))
    scene.minutes = issue_minutes(scene.session, scene.admin)
    return scene


def pdf():
    return SimpleUploadedFile("pv.pdf", make.make_pdf(), "application/pdf")


def failed(referentiel, *, blocs: list[int] | None = None, **rules):
    """A session published, whose candidate did not get their blocs."""
    scene = make_scene(referentiel, blocs=blocs, level=1)
    scene.session = set_jury_rules(session=scene.session, by=scene.admin, rules=rules)
    all_decided(sitting(scene))
    issue_minutes(scene.session, scene.admin)
    scene.session = publish(scene.session, by=scene.admin)
    return scene
