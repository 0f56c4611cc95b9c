"""The certification report of a candidate."""

from collections.abc import Sequence
from typing import Any

from candidates.models import Enrolment, Session
from candidates.sessions.dates import hour_text
from evaluations.documents.context import Context, day_text, identity, referentiel_context, rule_text, session_context
from evaluations.jury.queries import BlocCase
from evaluations.publication.context import decision_context
from evaluations.publication.interview_summary import account
from evaluations.scoring.labels import COMPETENCE_OUTCOMES
from evaluations.sheets.queries import CompetenceLine, CriterionLine, SheetView
from referentiel.models import Bloc, ScaleLevel


def mark(level: ScaleLevel | None, full: int) -> str:
    """The mark of a level, readable without colour: `●●` of two points, `●○` of one, `–` outside the total."""
    if level is None or level.points is None:
        return "–"
    return "●" * level.points + "○" * (full - level.points) if full <= 5 else f"{level.points}/{full}"


def _scale(levels: Sequence[ScaleLevel], full: int) -> list[Context]:
    points = {None: "hors du total", 0: "0 point", 1: "1 point"}
    return [
        {
            "mark": mark(level, full),
            "label": level.label,
            "points": points.get(level.points, f"{level.points} points"),
            "needs_note": level.needs_note,
        }
        for level in levels
    ]


def report_context(enrolment: Enrolment, cases: Sequence[BlocCase], scale: Sequence[ScaleLevel]) -> Context:
    """Return what the certification report of a candidate says. `cases` are the candidate's, each with a decision."""
    session = enrolment.session
    full = max((level.points for level in scale if level.points is not None), default=0)
    return {
        "branch": session.branch.name,
        "referentiel": referentiel_context(session.referentiel),
        "session": session_context(session),
        "candidate": identity(enrolment.candidate),
        "access_route": enrolment.access_route_label,
        "employer": enrolment.employer.name if enrolment.employer else "",
        "training_centre": enrolment.training_centre.name if enrolment.training_centre else "",
        "chart": [
            _bar(case.enrolment_bloc.bloc, line) for case in cases if case.view for line in case.view.competences
        ],
        "blocs": [_report_bloc(case, session, full) for case in cases],
        "scale": _scale(scale, full),
        "rule": rule_text(session.referentiel),
        "rule_note": session.referentiel.rule_note,
    }


def _report_bloc(case: BlocCase, session: Session, full: int) -> Context:
    bloc = case.enrolment_bloc.bloc
    return {
        "number": bloc.number,
        "code": bloc.code,
        "title": bloc.title,
        "interview": _interview(case, session),
        "account": account(case.interview, session.zone) if case.interview else [],
        "evaluators": case.evaluators,
        "paper": [
            str(sheet.assignment.appointment.user) if sheet.assignment else "la fiche commune" for sheet in case.papers
        ],
        "proposal": case.proposal_label,
        "points": _points(case.view.result) if case.view else "",
        "addressed": f"{case.view.result.addressed} sur {case.view.result.total}" if case.view else "",
        "decision": decision_context(case, session),
        "activities": _activities(case.view, full) if case.view else [],
    }


def _bar(bloc: Bloc, line: CompetenceLine) -> Context:
    """One bar of the report's chart: the part of its points that a competence was given, in whole percent."""
    possible = line.result.possible
    return {
        "bloc": bloc.number,
        "code": line.competence.code,
        "percent": line.result.points * 100 // possible if possible else None,
        "outcome": line.outcome.value,
        "label": line.outcome_label,
    }


def _interview(case: BlocCase, session: Session) -> str:
    if case.interview is None:
        return ""
    start = (case.interview.started_at or case.interview.start).astimezone(session.zone)
    return f"{day_text(start.date())} à {hour_text(start.time())}"


def _points(result: Any) -> str:
    return f"{result.points} sur {result.possible}"


def _activities(view: SheetView, full: int) -> list[Context]:
    return [
        {
            "code": line.activity.code,
            "title": line.activity.title,
            "competences": [_competence(competence, full) for competence in line.competences],
        }
        for line in view.activities
    ]


def _competence(line: CompetenceLine, full: int) -> Context:
    return {
        "code": line.competence.code,
        "statement": line.competence.statement,
        "heading": line.competence.criteria_heading,
        "outcome": line.outcome.value,
        "label": line.outcome_label,
        "points": _points(line.result),
        "overruled": line.verdict.comment if line.verdict else "",
        "computed": COMPETENCE_OUTCOMES[line.result.outcome],
        "criteria": [_criterion(criterion, full) for criterion in line.criteria],
    }


def _criterion(line: CriterionLine, full: int) -> Context:
    return {
        "text": line.criterion.text,
        "level": line.level.label if line.level else "",
        "mark": mark(line.level, full),
        "note": line.note.strip(),
        "divergences": [
            {
                "evaluator": str(divergence.assignment.appointment.user),
                "level": divergence.level.label,
                "mark": mark(divergence.level, full),
                "reason": divergence.reason,
            }
            for divergence in line.divergences
        ],
    }
