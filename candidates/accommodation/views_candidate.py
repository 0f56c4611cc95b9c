"""The candidate's wish for a measure of accommodation."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from candidates.accommodation.forms import WishForm
from candidates.accommodation.rules import measure_labels
from candidates.accommodation.services import asking_refusal, cancel_request, wish_of
from candidates.sessions.queries import own_enrolments
from cqp.web.requests import PersonRequest


@require_http_methods(["GET", "POST"])
def accommodation(request: PersonRequest, pk: int) -> HttpResponse:
    """The wish and its answer; a POST makes or changes the wish. 302 here; 422 with what is wrong."""
    enrolment = get_object_or_404(own_enrolments(request.user).select_related("accommodation_wish"), pk=pk)
    form = WishForm(request.POST if request.method == "POST" else None, by=request.user, enrolment=enrolment)
    if form.is_valid() and form.save():
        messages.success(request, "Votre demande est enregistrée. La branche vous répondra par courriel.")
        return redirect("candidate:accommodation", pk)
    wish = wish_of(enrolment)
    context = {
        "enrolment": enrolment,
        "session": enrolment.session,
        "wish": wish,
        "measures": measure_labels(wish.measures) if wish else [],
        "form": form,
        "closed": asking_refusal(enrolment, wish),
    }
    return render(request, "candidate/accommodation.html", context, status=422 if form.is_bound else 200)


@require_POST
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    enrolment = get_object_or_404(own_enrolments(request.user), pk=pk)
    try:
        cancel_request(enrolment=enrolment, by=request.user)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, "Votre demande est retirée.")
    return redirect("candidate:accommodation", pk)
