"""Candidates of a session: enrolled and corrected by the branch."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from candidates.enrolments.forms import EnrolmentForm
from candidates.enrolments.queries import administered_enrolment
from candidates.people.countries import list_countries
from candidates.people.identity import list_known_organisations
from candidates.sessions.queries import administered_session
from cqp.web.requests import PersonRequest


@require_http_methods(["GET", "POST"])
def enrol_candidate(request: PersonRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    form = EnrolmentForm(request.POST or None, by=request.user, session=session)
    if form.is_valid() and (enrolment := form.save()):
        messages.success(
            request, f"{enrolment.candidate} est inscrit à la session. Il en sera prévenu par son invitation."
        )
        return redirect("branch:enrolment", enrolment.pk)
    context = {
        "form": form,
        "session": session,
        "known": list_known_organisations(session),
        "countries": list_countries(),
    }
    return render(request, "branch/enrolments/enrolment_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def edit(request: PersonRequest, pk: int) -> HttpResponse:
    enrolment = administered_enrolment(request, pk)
    session = enrolment.session
    form = EnrolmentForm(request.POST or None, by=request.user, session=session, enrolment=enrolment)
    if form.is_valid() and form.save():
        messages.success(request, "L'inscription est enregistrée.")
        return redirect("branch:enrolment", pk)
    context = {
        "form": form,
        "session": session,
        "enrolment": enrolment,
        "known": list_known_organisations(session),
        "countries": list_countries(),
    }
    return render(request, "branch/enrolments/enrolment_form.html", context, status=422 if form.is_bound else 200)
