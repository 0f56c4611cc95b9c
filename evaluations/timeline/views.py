"""A candidate's session as a timeline, on screen and as a spreadsheet."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from candidates.enrolments.queries import administered_enrolment
from cqp.spreadsheets.formats import XLSX
from cqp.spreadsheets.writing import write_xlsx
from cqp.web.responses import file_response
from evaluations.timeline.queries import read_timeline

PER_PAGE = 100


@require_GET
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    enrolment = administered_enrolment(request, pk)
    page = Paginator(read_timeline(enrolment), PER_PAGE).get_page(request.GET.get("page"))
    context = {"enrolment": enrolment, "session": enrolment.session, "page": page}
    return render(request, "branch/timeline/timeline.html", context)


@require_GET
def spreadsheet(request: HttpRequest, pk: int) -> HttpResponse:
    enrolment = administered_enrolment(request, pk)
    zone = enrolment.session.zone
    header = ["Quand", "Jusqu'à", "Quoi", "Qui", "Précisions", "Appareil"]
    lines = [
        [
            event.at.astimezone(zone),
            event.until.astimezone(zone) if event.until and event.until != event.at else "",
            event.what,
            event.actor,
            event.details,
            event.device,
        ]
        for event in read_timeline(enrolment)
    ]
    name = f"journal-{slugify(enrolment.candidate.display_name)}-{slugify(enrolment.session.title)}.xlsx"
    return file_response(write_xlsx("Journal", header, lines), XLSX, name)
