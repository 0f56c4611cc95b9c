"""The branch's side of paper: a day's blank forms to print, and the scan of a filled one added for its evaluator."""

import datetime as dt

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from candidates.models import Interview, Session
from cqp.files.requests import limited_body
from cqp.models import User
from cqp.web.requests import PersonRequest
from cqp.web.responses import file_response
from evaluations.models import ScoringSheet
from evaluations.paper.forms import CodeForm, ScanForm
from evaluations.paper.forms_pdf import day_path, render_day
from evaluations.paper.services import find_sheet_of_branch
from evaluations.sheets.permissions import can_scan


def _sessions(user: User) -> QuerySet[Session]:
    return Session.objects.administered_by(user).select_related("branch")


def _days(session: Session) -> list[dt.date]:
    """Return the days on which interviews are still to be held or copied, in the session's zone."""
    rows = Interview.objects.filter(enrolment_bloc__enrolment__session=session).exclude(state__in=Interview.CLOSED)
    starts = rows.order_by("start").values_list("start", flat=True)
    return list(dict.fromkeys(timezone.localdate(start, session.zone) for start in starts))


@require_http_methods(["GET", "HEAD", "POST"])
def forms(request: PersonRequest, pk: int) -> HttpResponse:
    """The days of a session, each with its PDF once made. POST has one made, anew if it was."""
    session = get_object_or_404(_sessions(request.user), pk=pk)
    days = _days(session)
    if request.method == "POST":
        day = next((day for day in days if day.isoformat() == request.POST.get("day")), None)
        if day is None:
            raise Http404
        default_storage.delete(day_path(pk, day))
        render_day.enqueue(pk, day.isoformat())
        messages.success(request, "Le PDF se prépare : rechargez cette page dans une minute.")
        return redirect("branch:paper", pk)
    rows = [(day, default_storage.exists(day_path(pk, day))) for day in days]
    return render(request, "branch/paper/paper.html", {"session": session, "days": rows})


@require_safe
def day_pdf(request: PersonRequest, pk: int, day: str) -> HttpResponse:
    """The blank forms of a day, `2026-11-24`. A 404 while they are not made."""
    session = get_object_or_404(_sessions(request.user), pk=pk)
    try:
        with default_storage.open(day_path(session.pk, dt.date.fromisoformat(day))) as file:
            return file_response(file.read(), "application/pdf", f"fiches-{day}.pdf")
    except (FileNotFoundError, ValueError) as error:
        raise Http404 from error


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: PersonRequest) -> HttpResponse:
    """Type the code of a filled form, and go to where its scan is added. Another branch's is a 404."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not request.user.administered_branches.exists():
        raise Http404
    if not form.is_valid():
        context = {"form": form, "home": "branch:sessions", "label": "Sessions"}
        return render(request, "evaluator/paper_code.html", context, status=422 if form.is_bound else 200)
    sheet = find_sheet_of_branch(form.cleaned_data["code"], by=request.user)
    if sheet is None or not _sheets(request.user).filter(pk=sheet.pk).exists():
        raise Http404
    return redirect("branch:scan", sheet.pk)


def _sheets(user: User) -> QuerySet[ScoringSheet]:
    return ScoringSheet.objects.administered_by(user).unless_scoring_alone(user).with_context().select_related("scan")


@limited_body
@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: PersonRequest, pk: int) -> HttpResponse:
    """Add the scan of a filled form to its open sheet. The evaluator alone copies the levels."""
    sheet = get_object_or_404(_sheets(request.user), pk=pk)
    if not can_scan(request.user, sheet):
        raise Http404
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ScanForm(*data, sheet=sheet, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "La grille numérisée est ajoutée à la fiche. L'évaluateur en recopie les niveaux.")
        return redirect("branch:scan", pk)
    context = {"form": form, "sheet": sheet, "session": sheet.interview.enrolment_bloc.enrolment.session}
    return render(request, "branch/paper/scan.html", context, status=422 if form.is_bound else 200)
