"""What the judgement puts in the archive of a person's data, once the results are published."""

from collections.abc import Mapping
from typing import Any

from candidates.models import Enrolment
from candidates.personal_shares import Data, Enclosed, document
from evaluations.models import Appeal, Decision, ScoringSheet, SessionDocument
from evaluations.results import SheetView, sheet_views


def judgement_share(enrolment: Enrolment) -> tuple[Data, list[Enclosed]]:
    """Decisions, what evaluators noted and gave, documents. Evaluators are told apart by a number, not named."""
    if not enrolment.session.is_published:
        return {}, []
    documents = [row.document for row in SessionDocument.objects.filter(enrolment=enrolment).select_related("document")]
    decisions = Decision.objects.filter(enrolment_bloc__enrolment=enrolment).select_related("enrolment_bloc__bloc")
    appeals = Appeal.objects.filter(decision__enrolment_bloc__enrolment=enrolment)
    appeals = appeals.select_related("decision__enrolment_bloc__bloc")
    data = {
        "decisions": [
            {
                "bloc": one.enrolment_bloc.bloc.title,
                "version": one.version,
                "decision": one.get_outcome_display(),
                "motif": one.reason,
                "preconisations": one.recommendation,
                "le": one.decided_at,
            }
            for one in decisions
        ],
        "recours": [
            {
                "bloc": one.decision.enrolment_bloc.bloc.title,
                "recu_le": one.received_on,
                "motifs": one.grounds,
                "etat": one.get_state_display(),
                "reponse": one.answer,
            }
            for one in appeals
        ],
        "fiches": _sheets(enrolment),
        "documents": [
            {"reference": one.reference, "titre": one.title, "emis_le": one.issued_at, "sha256": one.sha256}
            for one in documents
        ],
    }
    return data, [file for one in documents for file in document(one)]


def _sheets(enrolment: Enrolment) -> list[Data]:
    """The signed sheets of the person's interviews."""
    sheets = (
        ScoringSheet.objects.filter(interview__enrolment_bloc__enrolment=enrolment, state=ScoringSheet.State.SIGNED)
        .with_context()
        .order_by("interview", "assignment")
    )
    views = sheet_views(sheets)
    numbers = _numbers(list(sheets))
    return [_sheet(views[sheet.pk], numbers) for sheet in sheets]


def _numbers(sheets: list[ScoringSheet]) -> dict[int, int]:
    """Number the evaluators of each interview, from 1: by assignment."""
    numbers: dict[int, int] = {}
    for interview in {sheet.interview_id for sheet in sheets}:
        for number, pk in enumerate(
            sorted(s.assignment_id for s in sheets if s.interview_id == interview and s.assignment_id), start=1
        ):
            numbers[pk] = number
    return numbers


def _evaluator(assignment: int, numbers: Mapping[int, int]) -> str:
    return f"évaluateur {numbers[assignment]}" if assignment in numbers else "un évaluateur"


def _sheet(view: SheetView, numbers: Mapping[int, int]) -> Data:
    sheet = view.sheet
    return {
        "bloc": view.bloc.title,
        "entretien_du": sheet.interview.start,
        "fiche": "commune" if sheet.is_joint else _evaluator(sheet.assignment_id, numbers),
        "criteres": [_criterion(line, competence.competence.code, numbers) for competence, line in _lines(view)],
        "avis_sur_les_competences": [
            {
                "competence": line.competence.code,
                "avis": line.verdict.get_outcome_display(),
                "commentaire": line.verdict.comment,
            }
            for line in view.competences
            if line.verdict
        ],
    }


def _lines(view: SheetView) -> list[tuple[Any, Any]]:
    return [(competence, line) for competence in view.competences for line in competence.criteria]


def _criterion(line: Any, competence: str, numbers: Mapping[int, int]) -> Data:
    return {
        "competence": competence,
        "critere": line.criterion.text,
        "niveau": line.level.label if line.level else "",
        "commentaire": line.note,
        "divergences": [
            {"qui": _evaluator(one.assignment_id, numbers), "niveau": one.level.label, "raison": one.reason}
            for one in line.divergences
        ],
    }
