"""The states of a dossier: in progress, then handed in."""

from django.urls import reverse
from django.utils import timezone

from candidates.models import Dossier
from cqp.models import User
from cqp.workflow import Missing, Transition, Workflow


def is_own(user: User, dossier: Dossier) -> bool:
    """A dossier is changed by its candidate alone."""
    return dossier.enrolment_bloc.enrolment.candidate.user_id == user.pk


def missing_headings(dossier: Dossier) -> list[Missing]:
    """Return the headings of the trame that have no file. One file for the whole bloc covers them all."""
    covered = {file.trame_item_id for file in dossier.files.all()}
    if None in covered:
        return []
    page = reverse("candidate:dossier", args=[dossier.pk])
    return [
        Missing(f"Rubrique {item.position} : aucun fichier", f"{page}#rubrique-{item.position}")
        for item in dossier.enrolment_bloc.bloc.trame_items.all()
        if item.pk not in covered
    ]


def whatever_is_missing(dossier: Dossier) -> list[Missing]:
    """The guard of the submission. A bloc without a trame still asks for a file."""
    if missing := missing_headings(dossier):
        return missing
    if not dossier.files.all():
        return [Missing("Aucun fichier", reverse("candidate:dossier", args=[dossier.pk]))]
    return []


def note_time(dossier: Dossier, by: User, comment: str) -> None:
    dossier.submitted_at = timezone.now()


DOSSIER = Workflow(
    name="dossier",
    model=Dossier,
    stream=lambda dossier: dossier.enrolment_bloc.enrolment.stream,
    transitions=(
        Transition(
            "submit",
            "Déposer le dossier",
            frozenset({Dossier.State.DRAFT}),
            Dossier.State.SUBMITTED,
            allowed=is_own,
            guard=whatever_is_missing,
            effect=note_time,
        ),
    ),
)
