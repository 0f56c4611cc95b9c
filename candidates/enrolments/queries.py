"""Reads of an enrolment."""

from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from candidates.models import Answer, Assignment, DossierFile, Enrolment, EnrolmentBloc, Interview


def interview_minutes(enrolment_bloc: EnrolmentBloc) -> int:
    """Return how long the candidate's interview lasts: the bloc's minutes, the extra time and the break."""
    enrolment = enrolment_bloc.enrolment
    return enrolment_bloc.bloc.interview_minutes + enrolment.extra_minutes + enrolment.break_minutes


def administered_enrolment(request: HttpRequest, pk: int) -> Enrolment:
    """Return an enrolment with all that its page shows. Raises Http404."""
    rows = (
        Enrolment.objects.administered_by(request.user)
        .select_related("session__branch", "session__referentiel", "candidate__user", "employer", "training_centre")
        .select_related("accommodation_wish__proof_seen_by", "accommodation_wish__answered_by")
        .prefetch_related(
            "enrolment_blocs__bloc",
            Prefetch(
                "enrolment_blocs__dossiers__files", DossierFile.objects.select_related("stored_file", "trame_item")
            ),
            "enrolment_blocs__dossiers__uploads",
            Prefetch("enrolment_blocs__dossiers__answers", Answer.objects.select_related("trame_item")),
            Prefetch("enrolment_blocs__interviews", Interview.objects.select_related("room").order_by("-attempt")),
            Prefetch(
                "enrolment_blocs__interviews__assignments",
                Assignment.objects.filter(state=Assignment.State.ACTIVE).select_related("appointment__user"),
            ),
        )
    )
    return get_object_or_404(rows, pk=pk)
