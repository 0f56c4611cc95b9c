"""One small world for the permissions table: a session before its jury, and each kind of person."""

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from candidates.enrolments.invitations import link_token
from candidates.models import (
    AccommodationWish,
    Incident,
    PlanRun,
    Room,
    Upload,
)
from cqp.evidence.binding import bind_written_rows
from cqp.models import User
from evaluations.models import SessionDocument
from evaluations.paper.forms_pdf import day_path, sheet_code
from evaluations.sheets.services import open_sheets
from tests import factories as make
from tests.permissions.things import (
    make_appeal,
    make_centre,
    make_criteria,
    make_document,
    make_draft,
    make_early_assembly,
    make_export,
    make_file,
    make_flow,
    make_holder,
    make_import,
    make_joint_sheet,
    make_mail,
    make_published_document,
    make_question,
)

Arguments = dict[str, list[Any]]


@dataclass(frozen=True)
class World:
    """`people` by the names of the table; `arguments` and `bodies` by the keys of its rows."""

    people: dict[str, User | None]
    arguments: Arguments
    bodies: dict[str, str]


def make_world(referentiel: Any, code: str = "ABCDEFGHJKLM") -> World:
    scene = make_scene(referentiel, code)
    bind_written_rows(connection)
    return World(
        people=make_people(scene),
        arguments={
            "none": [],
            "key": ["unknown-key"],
            "passkey": [1],
            "reset-key": ["1", "unknown-key"],
            "unknown-stream": ["unknown", 1],
            **referentiel_arguments(scene),
            **session_arguments(scene),
            **enrolment_arguments(scene),
            **dossier_arguments(scene),
            **interview_arguments(scene),
            **jury_arguments(scene),
            **document_arguments(scene),
        },
        bodies=make_bodies(scene),
    )


def make_scene(referentiel: Any, code: str) -> SimpleNamespace:
    """The session: a candidate with a bloc handed in and evaluated, one in writing, one to come; and another candidate."""
    session = make.make_session(referentiel, state="jury")
    enrolment, other = make.make_enrolment(session), make.make_enrolment(session)
    person = enrolment.candidate.user
    evaluator, colleague, other_evaluator = (make.make_evaluator(session) for _ in range(3))
    juror = make.make_juror(session)
    handed_in, draft, coming = enrolment.enrolment_blocs.all()
    dossier, draft_dossier = make.submit(handed_in.dossiers.get(), receipt=True), draft.dossiers.get()
    assembly = make.assembled(dossier)
    default_storage.save(assembly.page_path(1), ContentFile(b"an image"))
    file, draft_file = make_file(dossier, person, 1), make_file(draft_dossier, person, 1)
    interview = make.make_interview(handed_in, [evaluator, colleague], state="finished")
    open_sheets(interview)
    default_storage.save(day_path(session.pk, session.interviews_from), ContentFile(make.make_pdf()))
    AccommodationWish.objects.create(enrolment=enrolment, measures=["break"])
    return SimpleNamespace(
        referentiel=referentiel,
        session=session,
        enrolment=enrolment,
        other=other,
        evaluator=evaluator,
        colleague=colleague,
        other_evaluator=other_evaluator,
        juror=juror,
        handed_in=handed_in,
        coming=coming,
        dossier=dossier,
        draft_dossier=draft_dossier,
        assembly=assembly,
        file=file,
        draft_file=draft_file,
        interview=interview,
        assignment=interview.assignments.get(appointment=evaluator),
        document=make_published_document(referentiel, enrolment.candidate, code),
        joint=make_joint_sheet(other.enrolment_blocs.first(), [evaluator, colleague]),
    )


def make_people(scene: SimpleNamespace) -> dict[str, User | None]:
    return {
        "anonymous": None,
        "stranger": make.make_user(),
        "candidate": scene.enrolment.candidate.user,
        "other_candidate": scene.other.candidate.user,
        "evaluator": scene.evaluator.user,
        "colleague": scene.colleague.user,
        "other_evaluator": scene.other_evaluator.user,
        "juror": scene.juror.user,
        "admin": make.make_admin(scene.session.branch),
        "other_admin": make.make_admin(make.make_branch(f"autre-{scene.referentiel.branch.code}")),
    }


def referentiel_arguments(scene: SimpleNamespace) -> Arguments:
    draft = make_draft(scene.referentiel)
    return {
        "referentiel": [scene.referentiel.pk],
        "draft-referentiel": [draft.pk],
        "draft-bloc": [draft.pk, 1],
        "criteria": [make_criteria(scene.session).pk],
        "way": ["vide"],
    }


def session_arguments(scene: SimpleNamespace) -> Arguments:
    session, interview = scene.session, scene.interview
    incident = Incident.objects.create(
        interview=interview, category="other", text="Bruit", reported_by=scene.evaluator.user
    )
    day = interview.start.astimezone(session.zone).date().isoformat()
    return {
        "branch": [session.branch_id],
        "text": [session.branch_id, "convocation"],
        "mail": [make_mail(session).pk],
        "session": [session.pk],
        "session-step": [session.pk, "open_jury"],
        "centre": [session.pk, make_centre(session, scene.enrolment).pk],
        "incident": [incident.pk],
        "incident-move": [incident.pk, "clore"],
        "day-paper": [session.pk, day, "emargement"],
        "planning-day": [session.pk, session.interviews_from.isoformat()],
        "paper-day": [session.pk, session.interviews_from.isoformat()],
        "convoked": [session.pk, f"enrolment-{scene.enrolment.pk}"],
        "plan-run": [PlanRun.objects.create(session=session, asked_by=make.make_user(), state="stopped").pk],
        "room": [Room.objects.create(session=session, name="Salle 9").pk],
        "import-kind": [session.pk, "candidates"],
        "import": [make_import(session).pk],
        "appointment": [scene.evaluator.pk],
        "juror": [scene.juror.pk],
    }


def enrolment_arguments(scene: SimpleNamespace) -> Arguments:
    enrolment = scene.enrolment
    return {
        "invitation": [link_token(make.make_invitation(enrolment))],
        "enrolment": [enrolment.pk],
        "enrolment-evaluator": [enrolment.pk, scene.evaluator.pk],
        "enrolment-bloc": [scene.handed_in.pk],
        "person": [enrolment.candidate_id],
        "data-export": [make_export(enrolment.candidate.user).pk],
    }


def dossier_arguments(scene: SimpleNamespace) -> Arguments:
    dossier, draft, file = scene.dossier, scene.draft_dossier, scene.file.stored_file
    early = make_early_assembly(scene.session, scene.juror.user)
    return {
        "own-dossier": ["dossier", draft.pk],
        "dossier": [dossier.pk],
        "dossier-page": [dossier.pk, 2],
        "dossier-cover": [dossier.pk, 1],
        "assembly": [scene.assembly.key],
        "assembly-page": [scene.assembly.key, 1],
        "early-assembly": [early.key],
        "early-assembly-page": [early.key, 1],
        "draft": [draft.pk],
        "heading": [draft.pk, 1],
        "draft-file": [draft.pk, scene.draft_file.pk],
        "draft-upload": [Upload.objects.create(dossier=draft, name="Dossier.pdf", size=1).key],
        "draft-file-key": [scene.draft_file.stored_file.key],
        "file": [file.key],
        "page": [file.key, 1],
    }


def interview_arguments(scene: SimpleNamespace) -> Arguments:
    assignment, joint = scene.assignment, scene.joint
    return {
        "interview": [scene.interview.pk],
        "coming": [make.make_interview(scene.coming, [scene.evaluator, scene.colleague]).pk],
        "question": [make_question(scene.evaluator.user, scene.handed_in).pk],
        "assignment": [assignment.pk],
        "preparation": ["preparation", assignment.pk],
        "sheet": [assignment.sheet.pk],
        "own-sheet": ["sheet", assignment.sheet.pk],
        "code": [],
        "signed-sheet": [joint.interview.sheets.get(assignment__appointment=scene.evaluator).pk],
        "joint": [joint.pk],
        "joint-cosign": [joint.pk],
    }


def jury_arguments(scene: SimpleNamespace) -> Arguments:
    session, enrolment = scene.session, scene.enrolment
    return {
        "jury-candidate": [session.pk, enrolment.pk],
        "jury-withdraw": [session.pk, enrolment.pk],
        "jury-sheet": [session.pk, scene.joint.interview.sheets.get(assignment__appointment=scene.evaluator).pk],
        "jury-bloc": [session.pk, enrolment.pk, scene.handed_in.pk],
    }


def document_arguments(scene: SimpleNamespace) -> Arguments:
    """What follows the jury: of the published session, but for the minutes, the flow and the register."""
    session, document, published = scene.session, scene.document, scene.document.session
    minutes = SessionDocument.objects.create(document=make_document(session, "minutes"), session=session)
    return {
        "document": [document.pk],
        "verified": [document.document.code],
        "published-centre": [published.pk, make_centre(published, published.enrolments.get()).pk],
        "appeal": [make_appeal(document.enrolment.enrolment_blocs.first()).pk],
        "holder": [make_holder(document).pk],
        "minutes": [minutes.pk],
        "flow": [make_flow(session).pk],
        "register": [make_document(session, "register").pk],
    }


def make_bodies(scene: SimpleNamespace) -> dict[str, str]:
    streams = ("own-sheet", "preparation", "own-dossier", "unknown-stream")
    return {
        **dict.fromkeys(streams, json.dumps({"operations": []})),
        "jury-withdraw": f"seat={scene.juror.pk}",
        "code": f"code={sheet_code(scene.assignment)}",
        "joint-cosign": f"assignment={scene.joint.interview.assignments.get(appointment=scene.colleague).pk}",
    }
