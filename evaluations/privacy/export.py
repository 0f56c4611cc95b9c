"""What the judgement puts in the archive of a person's data, once the results are published."""

from collections.abc import Mapping
from typing import Any

from candidates.models import Enrolment
from candidates.privacy.export_parts import document
from candidates.privacy.hooks import Data, Enclosed
from evaluations.models import Appeal, Decision, ScoringSheet, SessionDocument
from evaluations.sheets.queries import SheetView, sheet_views


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
                "bloc": decision.enrolment_bloc.bloc.title,
                "version": decision.version,
                "decision": decision.get_outcome_display(),
                "motif": decision.reason,
                "preconisations": decision.recommendation,
                "le": decision.decided_at,
            }
            for decision in decisions
        ],
        "recours": [
            {
                "bloc": appeal.decision.enrolment_bloc.bloc.title,
                "recu_le": appeal.received_on,
                "motifs": appeal.grounds,
                "etat": appeal.get_state_display(),
                "reponse": appeal.answer,
            }
            for appeal in appeals
        ],
        "fiches": _sheets(enrolment),
        "documents": [
            {"reference": issued.reference, "titre": issued.title, "emis_le": issued.issued_at, "sha256": issued.sha256}
            for issued in documents
        ],
    }
    return data, [file for issued in documents for file in document(issued)]


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


def _evaluator(assignment: int | None, numbers: Mapping[int, int]) -> str:
    return f"évaluateur {numbers[assignment]}" if assignment and assignment in numbers else "un évaluateur"


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
            {
                "qui": _evaluator(divergence.assignment_id, numbers),
                "niveau": divergence.level.label,
                "raison": divergence.reason,
            }
            for divergence in line.divergences
        ],
    }
