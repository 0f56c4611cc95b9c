"""The candidate's first page: what to do next, the blocs, the results."""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from candidates.models import Dossier, DossierFile, Enrolment, EnrolmentBloc, Interview
from candidates.portal.next_step import Step, current_dossier, current_interview, next_step
from candidates.portal.pending_answers import PendingAnswer, pending_answers, with_pending_answers
from cqp.web.requests import PersonRequest


@dataclass(frozen=True)
class BlocCard:
    """A bloc on the home page: what was received and when the interview is."""

    enrolment_bloc: EnrolmentBloc
    dossier: Dossier | None
    received: int
    written: int
    size: int
    headings_done: int
    headings: int
    interview: Interview | None


@dataclass(frozen=True)
class Section:
    """An enrolment on the home page: the next step, its blocs, what else is to answer or to read."""

    enrolment: Enrolment
    step: Step
    cards: list[BlocCard]
    links: list[PendingAnswer]

    @property
    def has_interviews(self) -> bool:
        return any(card.interview and card.interview.state not in Interview.CLOSED for card in self.cards)


@require_GET
def home(request: PersonRequest) -> HttpResponse:
    """Every enrolment of the person, the current one first: one next step, the blocs, the results."""
    enrolments = (
        Enrolment.objects.filter(candidate__user=request.user)
        .select_related("session__branch", "session__referentiel", "candidate")
        .prefetch_related(
            Prefetch("enrolment_blocs", EnrolmentBloc.objects.select_related("bloc")),
            "enrolment_blocs__bloc__trame_items",
            Prefetch("enrolment_blocs__dossiers__files", DossierFile.objects.select_related("stored_file")),
            "enrolment_blocs__dossiers__answers",
            Prefetch("enrolment_blocs__interviews", Interview.objects.select_related("room")),
        )
        .order_by("-session__interviews_from", "-pk")
    )
    now = timezone.now()
    # The sort is stable: among those that are over, the last one stays first.
    rows = sorted(with_pending_answers(enrolments), key=lambda enrolment: enrolment.session.is_published)
    sections = [
        Section(
            enrolment,
            next_step(enrolment, now),
            [_card(bloc) for bloc in enrolment.enrolment_blocs.all()],
            pending_answers(enrolment),
        )
        for enrolment in rows
    ]
    return render(request, "candidate/home.html", {"sections": sections})


def _card(enrolment_bloc: EnrolmentBloc) -> BlocCard:
    dossier = current_dossier(enrolment_bloc)
    files = list(dossier.files.all()) if dossier else []
    items = enrolment_bloc.bloc.trame_items.all()
    covered = {file.trame_item_id for file in files}
    written = {answer.trame_item_id for answer in dossier.answers.all() if answer.text.strip()} if dossier else set()
    return BlocCard(
        enrolment_bloc,
        dossier,
        received=len(files),
        written=len(written),
        size=sum(file.stored_file.size for file in files),
        headings_done=len(items) if None in covered else len(covered | written),
        headings=len(items),
        interview=current_interview(enrolment_bloc),
    )
