"""What is a candidate's own: another's dossier is a 404."""

from django.db.models import Prefetch, QuerySet

from candidates.models import Answer, Dossier, DossierFile, Upload
from cqp.models import User


def own_dossiers(user: User) -> QuerySet[Dossier]:
    """A candidate's own dossiers, with what their pages show."""
    return (
        Dossier.objects.visible_to(user)
        .filter(enrolment_bloc__enrolment__candidate__user=user)
        .select_related(
            "enrolment_bloc__bloc", "enrolment_bloc__enrolment__session__branch", "enrolment_bloc__enrolment__candidate"
        )
        .prefetch_related(
            # What arrives first, then what is there: the worker may make a file of an upload between the two queries, and
            # whoever looks the other way round sees neither.
            Prefetch("uploads", Upload.objects.exclude(state=Upload.State.DONE)),
            Prefetch("files", DossierFile.objects.select_related("stored_file", "trame_item")),
            Prefetch("answers", Answer.objects.select_related("trame_item")),
            "enrolment_bloc__bloc__trame_items",
        )
    )


def own_uploads(user: User) -> QuerySet[Upload]:
    """What a candidate is sending, and what they sent lately."""
    return Upload.objects.filter(dossier__enrolment_bloc__enrolment__candidate__user=user).select_related("trame_item")
