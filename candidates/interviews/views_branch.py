"""Incidents of a session: the list, those that are open first; each with what followed and what was decided."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from candidates.interviews.forms import FollowUpForm, IncidentForm
from candidates.interviews.incidents import close_incident, reopen_incident
from candidates.models import Incident
from candidates.sessions.queries import administered_session
from cqp.web.requests import PersonRequest
from cqp.workflow import TransitionRefused

MOVES: dict[str, tuple[Callable[..., Incident], str, str]] = {
    "clore": (close_incident, "decision", "L'incident est clos."),
    "rouvrir": (reopen_incident, "reason", "L'incident est rouvert."),
}


def _incidents(request: HttpRequest):
    return Incident.objects.administered_by(request.user).select_related(
        "session__branch",
        "reported_by",
        "interview__enrolment_bloc__bloc",
        "interview__enrolment_bloc__enrolment__candidate",
    )


@require_http_methods(["GET", "POST"])
def index(request: PersonRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    form = IncidentForm(request.POST or None, session=session)
    if form.is_valid() and (incident := form.save(request.user)):
        messages.success(request, "L'incident est noté.")
        return redirect("branch:incident", incident.pk)
    incidents = list(_incidents(request).filter(session=session).order_by("-at", "-pk"))
    incidents.sort(key=lambda incident: incident.state != Incident.State.OPEN)
    context = {"session": session, "incidents": incidents, "form": form}
    return render(request, "branch/interviews/incidents.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def page(request: PersonRequest, pk: int) -> HttpResponse:
    incident = get_object_or_404(_incidents(request), pk=pk)
    form = FollowUpForm(request.POST or None, initial={"severity": incident.severity})
    if form.is_valid() and form.save(incident, request.user):
        messages.success(request, "La suite est notée.")
        return redirect("branch:incident", pk)
    return _page(request, incident, form, status=422 if form.is_bound else 200)


def _page(
    request: HttpRequest,
    incident: Incident,
    form: FollowUpForm,
    *,
    refused: str = "",
    typed: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "incident": incident,
        "session": incident.session,
        "notes": incident.notes.select_related("by"),
        "form": form,
        "refused": refused,
        "typed": typed,
        "act": "clore" if incident.state == Incident.State.OPEN else "rouvrir",
    }
    return render(request, "branch/interviews/incident.html", context, status=status)


@require_POST
def move(request: PersonRequest, pk: int, act: str) -> HttpResponse:
    incident = get_object_or_404(_incidents(request), pk=pk)
    if act not in MOVES:
        raise Http404
    service, name, message = MOVES[act]
    typed = request.POST.get("text", "")
    try:
        service(incident=incident, by=request.user, **{name: typed})
    except TransitionRefused as refused:
        form = FollowUpForm(initial={"severity": incident.severity})
        return _page(request, incident, form, refused=refused.message, typed=typed, status=409)
    messages.success(request, message)
    return redirect("branch:incident", pk)
