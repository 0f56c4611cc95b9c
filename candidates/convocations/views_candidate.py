"""A candidate's own interviews, as a convocation to print and as a file for a calendar."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from candidates.convocations.calendars import calendar
from candidates.convocations.queries import Person, calendar_events, convocation_context, read_people, with_sequences
from candidates.convocations.services import convocation_pdf
from candidates.sessions.queries import own_enrolments
from cqp.web.requests import PersonRequest
from cqp.web.responses import file_response


def _person(request: PersonRequest, pk: int) -> Person:
    enrolment = get_object_or_404(own_enrolments(request.user).select_related("session__branch"), pk=pk)
    person = next(person for person in read_people(enrolment.session) if person.key == f"enrolment-{enrolment.pk}")
    if not person.events:
        raise Http404
    return person


@require_GET
def pdf(request: PersonRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    content = convocation_pdf(convocation_context(person), person.sent, person.session)
    return file_response(content, "application/pdf", "convocation.pdf")


@require_GET
def agenda(request: PersonRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    events, _ = with_sequences(person)
    entries = calendar_events(events, who=person.key, session=person.session, for_evaluator=False)
    return file_response(calendar(entries), "text/calendar; charset=utf-8", "entretiens.ics")
