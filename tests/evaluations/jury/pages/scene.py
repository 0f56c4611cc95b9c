"""The addresses of the jury's pages, and the decision's form."""

from django.urls import reverse

from tests.evaluations.jury.scene import case_of, first_bloc


def candidate_url(scene) -> str:
    return reverse("jury:candidate", args=[scene.session.pk, scene.enrolments[0].pk])


def decide_url(scene) -> str:
    return reverse("jury:decide", args=[scene.session.pk, scene.enrolments[0].pk, first_bloc(scene).pk])


def seen(scene, **fields):
    """What the decision's form would post now."""
    case = case_of(first_bloc(scene))
    return {
        "outcome": case.proposal,
        "reason": "",
        "shown_proposal": case.proposal,
        "shown_sheet_seq": case.sheet_seq,
        "shown_version": case.decision.version if case.decision else 0,
        **fields,
    }
