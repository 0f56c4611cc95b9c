"""A candidate's own interviews, as a convocation to print and as a file for a calendar."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from candidates.calendars import calendar
from candidates.convocations import Person, calendar_events, letter, read_people, with_sequences
from candidates.services.convocations import convocation_pdf
from candidates.views.candidate.own import own_enrolments
from cqp.responses import file_response


def _person(request: HttpRequest, pk: int) -> Person:
    enrolment = get_object_or_404(own_enrolments(request.user).select_related("session__branch"), pk=pk)
    person = next(one for one in read_people(enrolment.session) if one.key == f"enrolment-{enrolment.pk}")
    if not person.events:
        raise Http404
    return person


@require_GET
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    return file_response(convocation_pdf(letter(_person(request, pk))), "application/pdf", "convocation.pdf")


@require_GET
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    events, _ = with_sequences(person)
    entries = calendar_events(events, who=person.key, session=person.session, for_evaluator=False)
    return file_response(calendar(entries), "text/calendar; charset=utf-8", "entretiens.ics")
