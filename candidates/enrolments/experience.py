"""What a candidate declares of their experience: it decides which questions of the guide the evaluators ask."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from candidates.models import EnrolmentBloc
from candidates.sessions.services import administered
from cqp.evidence import journal
from cqp.models import User
from referentiel.models import Bloc, GuideQuestion

NO_RECRUITMENT = GuideQuestion.Condition.NO_RECRUITMENT


def asking_about_recruitment(blocs: Iterable[Bloc | int]) -> set[int]:
    """Return the pk of those blocs whose guide has other questions for who contributed to no recruitment."""
    asking = GuideQuestion.objects.filter(competence__activity__bloc__in=blocs, condition=NO_RECRUITMENT)
    return set(asking.values_list("competence__activity__bloc", flat=True))


def has_started(row: EnrolmentBloc) -> bool:
    """Tell whether an interview of the bloc has begun: its questions are chosen."""
    return any(interview.started_at for interview in row.interviews.all())


def declare_experience(*, enrolment_bloc: EnrolmentBloc, recruited: bool, by: User) -> EnrolmentBloc:
    """Say for the candidate whether they contributed to a recruitment: the administrator's correction.

    Raises ValidationError once an interview of the bloc has begun, or when its guide does not ask; PermissionError.
    """
    with transaction.atomic():
        administered(enrolment_bloc.enrolment.session, by)
        return note_experience(enrolment_bloc, recruited=recruited, by=by)


def note_experience(enrolment_bloc: EnrolmentBloc, *, recruited: bool, by: User) -> EnrolmentBloc:
    """Write the declaration and its journal entry, in the caller's transaction. Raises ValidationError."""
    row = (
        EnrolmentBloc.objects.select_for_update(of=("self",))
        .select_related("bloc", "enrolment")
        .get(pk=enrolment_bloc.pk)
    )
    if not asking_about_recruitment([row.bloc]):
        raise ValidationError(f"Le guide du bloc {row.bloc.number} ne pose pas cette question.")
    declared = "" if recruited else NO_RECRUITMENT.value
    if declared == row.declared:
        return row
    if has_started(row):
        raise ValidationError("L'entretien a commencé : ses questions sont choisies, la déclaration ne change plus.")
    payload = {"bloc": row.bloc.code, "from": row.declared, "to": declared}
    row.declared = declared
    row.save(update_fields=["declared"])
    journal.record(row.enrolment.stream, "bloc.declared", payload, by=by)
    return row
