"""The states of a scoring sheet (open, signed, open again), and what they demand of a session's next steps."""

from typing import Any

from django.urls import reverse

from candidates.models import Interview, Session
from cqp.models import User
from cqp.workflow import Missing, Transition, Workflow
from evaluations.models import Reopening, ScoringSheet
from evaluations.sheets.permissions import can_reopen, can_sign

S = ScoringSheet.State


def signatures_missing(sheet: ScoringSheet) -> list[Missing]:
    """List the evaluators whose signature of the sheet as it stands is missing."""
    if not sheet.is_joint:
        signed = sheet.signatures.filter(assignment=sheet.assignment_id, seq=sheet.content_seq).exists()
        return [] if signed else [Missing("La fiche n'est pas signée par son évaluateur.")]
    waiting = sheet.interview.assignments.filter(state="active").exclude(
        signatures__sheet=sheet, signatures__seq=sheet.content_seq
    )
    return [Missing(f"{a.appointment.user} n'a pas signé.") for a in waiting.select_related("appointment__user")]


def still_before_publication(sheet: ScoringSheet) -> list[Missing]:
    session = sheet.interview.enrolment_bloc.enrolment.session
    if session.state == session.State.DECIDED:
        return [
            Missing("Les résultats sont publiés : la décision se révise, la fiche reste.", session.get_absolute_url())
        ]
    joint = sheet.interview.sheets.filter(assignment=None, state=S.SIGNED).first()
    if not sheet.is_joint and joint:
        return [Missing("La fiche conjointe est signée : rouvrez-la d'abord.")]
    return []


def note_reopening(sheet: ScoringSheet, by: User, comment: str) -> None:
    Reopening.objects.create(sheet=sheet, seq=sheet.seq, by=by, reason=comment)


def _stream(sheet: Any) -> str:
    return sheet.interview.enrolment_bloc.enrolment.stream


SHEET = Workflow(
    "sheet",
    ScoringSheet,
    _stream,
    (
        Transition("sign", "Signer la fiche", frozenset({S.OPEN}), S.SIGNED, can_sign, signatures_missing),
        Transition(
            "reopen",
            "Rouvrir la fiche",
            frozenset({S.SIGNED}),
            S.OPEN,
            can_reopen,
            still_before_publication,
            needs_comment=True,
            effect=note_reopening,
        ),
    ),
)


def unsigned_sheets(session: Session) -> list[Missing]:
    """List the interviews that were held and whose joint sheet is not signed by all, each with its page."""
    held = Interview.objects.filter(enrolment_bloc__enrolment__session=session, state=Interview.State.FINISHED).exclude(
        pk__in=ScoringSheet.objects.filter(assignment=None, state="signed").values("interview")
    )
    rows = held.select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate")
    return [
        Missing(
            f"{row.enrolment_bloc} : la fiche conjointe n'est pas signée.", reverse("branch:interview", args=[row.pk])
        )
        for row in rows.order_by("start", "pk")
    ]
