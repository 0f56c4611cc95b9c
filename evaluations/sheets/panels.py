"""What the judgement adds to the branch's pages: the sheets of a session on its board, those of an interview on its page."""

import datetime as dt
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Sum
from django.utils import timezone

from candidates.interviews.clock import elapsed_seconds
from candidates.models import Assignment, Dossier, Interview, Session
from candidates.planning.replacement import HELD, is_vacant, may_be_replaced
from cqp.models import User
from evaluations.models import CriterionNote, Divergence, PreparationNote, ScoringSheet
from evaluations.sheets.refusals import SHOWN, refused_by_interview, refused_operations

# A start that is later is told.
LATE = dt.timedelta(minutes=10)

I = Interview.State  # noqa: E741  the states of an interview


def sheets_panel(session: Session, user: User) -> tuple[str, dict[str, Any]]:
    """Return the template and its context: each interview that began, was disturbed or lacks an evaluator. Six queries."""
    refused = refused_by_interview(session)
    in_force = Q(assignment=None) | Q(assignment__state=Assignment.State.ACTIVE)
    sheets = ScoringSheet.objects.filter(in_force).select_related("assignment__appointment__user")
    interviews = list(
        Interview.objects.filter(enrolment_bloc__enrolment__session=session)
        .annotate(
            incident_count=Count("incidents", distinct=True),
            evaluators=Count("assignments", Q(assignments__state=Assignment.State.ACTIVE), distinct=True),
        )
        .filter(
            Q(state__in=(I.RUNNING, I.FINISHED, I.INTERRUPTED))
            | Q(state=I.PLANNED, evaluators__lt=F("enrolment_bloc__bloc__evaluator_count"))
            | Q(incident_count__gt=0)
            | Q(pk__in=refused)
        )
        .select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate")
        .prefetch_related(Prefetch("sheets", sheets.order_by("pk")), "pauses")
        .order_by("start", "pk")
    )
    diverging = dict(
        Divergence.objects.filter(sheet__interview__in=interviews)
        .order_by()
        .values_list("sheet__interview")
        .annotate(Count("criterion", distinct=True))
    )
    now = timezone.now()
    rows = [_Row(interview, refused[interview.pk], diverging.get(interview.pk, 0), now) for interview in interviews]
    counts = (
        ("Entretiens en cours", sum(row.interview.state == I.RUNNING for row in rows)),
        ("Évaluateurs à désigner", sum(row.vacant for row in rows)),
        ("Incidents", sum(row.interview.incident_count for row in rows)),
        ("Saisies refusées", sum(row.refused for row in rows)),
        ("Débuts en retard", sum(row.late_minutes > 0 for row in rows)),
        ("Divergences", sum(row.divergences for row in rows)),
        ("Fiches à signer", sum(row.unsigned for row in rows)),
    )
    return "branch/sheets/_sheets_panel.html", {"rows": rows, "counts": counts}


def sheets_mark(session: Session) -> object:
    """Return what changes when a sheet of the session does, an evaluator is replaced or an incident noted."""
    sheets = ScoringSheet.objects.filter(interview__enrolment_bloc__enrolment__session=session)
    assignments = Assignment.objects.filter(interview__enrolment_bloc__enrolment__session=session)
    active = Count("pk", Q(state=Assignment.State.ACTIVE))
    return sheets.aggregate(Count("pk"), Sum("seq")), assignments.aggregate(Count("pk"), active=active)


class _Row:
    """An interview on the board: the sheets to sign are those of an interview that takes or took place."""

    def __init__(self, interview: Any, refused: int, divergences: int, now: dt.datetime) -> None:
        self.interview, self.refused, self.divergences = interview, refused, divergences
        self.clock = self.late_minutes = 0
        if interview.state == I.RUNNING:
            self.clock = elapsed_seconds(interview, interview.pauses.all(), now) // 60
        if interview.started_at and interview.started_at - interview.start >= LATE:
            self.late_minutes = (interview.started_at - interview.start) // dt.timedelta(minutes=1)
        took_place = interview.state in (I.RUNNING, I.FINISHED)
        required = interview.enrolment_bloc.bloc.evaluator_count
        self.vacant = interview.state in HELD and interview.evaluators < required
        self.sheets = [
            sheet for sheet in interview.sheets.all() if took_place or sheet.state == ScoringSheet.State.SIGNED
        ]
        self.unsigned = sum(sheet.state == ScoringSheet.State.OPEN for sheet in self.sheets)


def interview_panel(interview: Interview, user: User) -> tuple[str, dict[str, Any]]:
    """Return the template and its context: the evaluators with their sheets, the joint sheet, what was refused.

    Three queries, seven at most when something was refused. Of the sheets that the person scores beside, nothing is told.
    """
    assignments = Assignment.objects.filter(interview=interview).select_related("appointment__user", "sheet")
    sheets = ScoringSheet.objects.filter(interview=interview).unless_scoring_alone(user)
    refusals = refused_operations(sheets)
    return "branch/sheets/_interview_sheets.html", {
        "rows": [
            (assignment, getattr(assignment, "sheet", None), may_be_replaced(assignment, interview))
            for assignment in assignments.order_by("pk")
        ],
        "joint": ScoringSheet.objects.filter(interview=interview, assignment=None).first(),
        "vacant": interview.state in HELD and is_vacant(interview),
        "refusals": refusals,
        "truncated": len(refusals) == SHOWN,
    }


def already_prepared(dossier: Dossier) -> list[str]:
    """Warn, naming them, that evaluators of a coming interview have notes on the dossier. One query."""
    evaluators = Assignment.objects.filter(
        interview__enrolment_bloc=dossier.enrolment_bloc_id, interview__state=I.PLANNED, state=Assignment.State.ACTIVE
    ).select_related("appointment__user")
    prepared = evaluators.filter(
        Exists(PreparationNote.objects.filter(assignment=OuterRef("pk")).exclude(text=""))
        | Exists(CriterionNote.objects.filter(assignment=OuterRef("pk")).exclude(text=""))
    )
    names = [str(assignment.appointment.user) for assignment in prepared]
    if not names:
        return []
    return [
        f"L'entretien est déjà préparé par : {', '.join(names)}. Leurs notes restent, mais les numéros de page qu'elles "
        "citent peuvent changer avec la nouvelle version : prévenez-les."
    ]
