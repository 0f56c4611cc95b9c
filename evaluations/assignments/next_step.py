"""What an evaluator has to do next for an interview."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from candidates.models import Assignment, Interview
from evaluations.models import ScoringSheet


@dataclass(frozen=True)
class Step:
    """What to do, in words, and the page where it is done ("" when there is nothing to do). `waiting`: on others."""

    text: str
    label: str = ""
    url: str = ""
    waiting: bool = False


@dataclass(frozen=True)
class Row:
    """An interview on the home page, on its day in the session's zone."""

    assignment: Assignment
    day: dt.date
    step: Step

    @property
    def interview(self) -> Interview:
        return self.assignment.interview


def next_step(assignment: Assignment, sheets: Iterable[ScoringSheet]) -> Step:
    """Say what the evaluator does next.

    `sheets`: those of the interview, each annotated with `scored` and `total` (criteria), its signatures prefetched.
    """
    interview = assignment.interview
    sheets = list(sheets)
    own = next((sheet for sheet in sheets if sheet.assignment_id == assignment.pk), None)
    joint = next((sheet for sheet in sheets if sheet.is_joint), None)
    if assignment.state != Assignment.State.ACTIVE:
        return Step(f"Vous n'évaluez plus cet entretien : {assignment.get_state_display()}.", *_read(own))
    if interview.state in Interview.CLOSED:
        return Step(f"Rien à faire : {interview.get_state_display()}.")
    if assignment.appointment.undertaking_signed_at is None:
        url = reverse("evaluator:undertaking", args=[assignment.appointment.session_id])
        return Step("Signez d'abord l'engagement de confidentialité.", "Signer l'engagement", url)
    if interview.state == Interview.State.PLANNED:
        url = reverse("evaluator:prepare", args=[interview.pk])
        return Step("Lisez le dossier, puis commencez l'entretien.", "Lire le dossier", url)
    if own and own.state == ScoringSheet.State.OPEN:
        return _score(own, interview)
    return _agree(assignment, own, joint)


def _score(sheet: ScoringSheet, interview: Interview) -> Step:
    progress = _progress(sheet)
    if interview.state == Interview.State.RUNNING:
        return Step(f"Entretien en cours, {progress}.", "Noter", reverse("evaluator:sheet", args=[sheet.pk]))
    if _is_partial(sheet):
        return Step(f"{progress}.", "Finir la notation", reverse("evaluator:sheet", args=[sheet.pk]))
    return Step(f"{progress}.", "Relire et signer", reverse("evaluator:review", args=[sheet.pk]))


def _is_partial(sheet: Any) -> bool:
    """Of a sheet read with its counts."""
    return sheet.scored < sheet.total


def _progress(sheet: Any) -> str:
    return f"{sheet.scored} critère{'s notés' if sheet.scored > 1 else ' noté'} sur {sheet.total}"


def _agree(assignment: Assignment, own: ScoringSheet | None, joint: ScoringSheet | None) -> Step:
    if joint is None:
        return Step("Votre fiche est signée. L'autre évaluateur n'a pas encore signé la sienne.", *_read(own), True)
    url = reverse("evaluator:joint", args=[joint.pk])
    if joint.state == ScoringSheet.State.SIGNED:
        return Step("Fiche conjointe signée : il n'y a plus rien à faire.", "Voir la fiche conjointe", url, True)
    valid = [signature for signature in joint.signatures.all() if signature.seq == joint.content_seq]
    if any(signature.assignment_id == assignment.pk for signature in valid):
        return Step("Vous avez signé la fiche conjointe. L'autre évaluateur doit la signer.", "La voir", url, True)
    if own is None:
        return Step(f"{_progress(joint)}.", "Noter ensemble", url)
    return Step("Les deux fiches sont signées : mettez-vous d'accord.", "S'accorder", url)


def _read(own: ScoringSheet | None) -> tuple[str, str]:
    return ("Voir ma fiche", reverse("evaluator:sheet", args=[own.pk])) if own else ("", "")
