"""What is expected of a dossier and of its interview, in the certifier's words, before anything is sent."""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from candidates import dates
from candidates.models import Dossier
from candidates.services.experience import asking_about_recruitment
from candidates.views.candidate.own import own_dossiers
from referentiel.models import Activity, Bloc, Competence, TrameItem


@dataclass(frozen=True)
class ExpectedHeading:
    """A heading of the trame, word for word, and the competences that it gives an occasion to show."""

    item: TrameItem
    competences: list[Competence]


@require_GET
def expected(request: HttpRequest, pk: int) -> HttpResponse:
    dossier = get_object_or_404(own_dossiers(request.user), pk=pk)
    enrolment, bloc = dossier.enrolment_bloc.enrolment, dossier.enrolment_bloc.bloc
    headings = expected_headings(bloc)
    context = {
        "dossier": dossier,
        "bloc": bloc,
        "session": enrolment.session,
        "enrolment": enrolment,
        "headings": headings,
        # What no heading leads to is still evaluated.
        "others": _without_heading(bloc, headings),
        "minutes": bloc.interview_minutes + enrolment.extra_minutes,
        "asks_about_recruitment": bool(asking_about_recruitment([bloc])),
        "deadline": _deadline(dossier),
    }
    return render(request, "candidate/expected.html", context)


def _deadline(dossier: Dossier) -> str:
    session = dossier.enrolment_bloc.enrolment.session
    return dates.deadline_text(dossier.due_at or session.deposit_closes_at, timezone.now(), session.zone)


def expected_headings(bloc: Bloc) -> list[ExpectedHeading]:
    """Return the bloc's headings in order, with their competences and criteria, in four queries."""
    items = bloc.trame_items.prefetch_related(
        Prefetch("competence_links__competence", Competence.objects.prefetch_related("criteria"))
    )
    return [ExpectedHeading(item, [link.competence for link in item.competence_links.all()]) for item in items]


def _without_heading(bloc: Bloc, headings: list[ExpectedHeading]) -> list[Competence]:
    shown = {competence.pk for heading in headings for competence in heading.competences}
    activities = Activity.objects.filter(bloc=bloc).prefetch_related("competences__criteria")
    return [one for activity in activities for one in activity.competences.all() if one.pk not in shown]
