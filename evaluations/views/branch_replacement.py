"""An evaluator's place in an interview, given to another by the branch."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from candidates.models import Assignment
from candidates.services.replacement import may_be_replaced
from evaluations.forms.replacement import ReplacementForm


@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose who takes the place. Sent twice, or once the place is taken: back to the interview, which tells."""
    rows = Assignment.objects.administered_by(request.user).select_related(
        "appointment__user",
        "interview__enrolment_bloc__bloc",
        "interview__enrolment_bloc__enrolment__candidate",
        "interview__enrolment_bloc__enrolment__session__branch",
    )
    assignment = get_object_or_404(rows.prefetch_related("interview__assignments"), pk=pk)
    interview, leaving = assignment.interview, assignment.appointment.user
    if not may_be_replaced(assignment, interview):
        messages.info(request, f"La place de {leaving} n'est plus à donner : voici où en est l'entretien.")
        return redirect("branch:interview", interview.pk)
    form = ReplacementForm(request.POST if request.method == "POST" else None, by=request.user, assignment=assignment)
    if form.is_valid() and (new := form.save()):
        messages.success(request, f"{new.appointment.user} évalue l'entretien. Les deux personnes sont prévenues.")
        return redirect("branch:interview", interview.pk)
    context = {
        "form": form,
        "assignment": assignment,
        "interview": interview,
        "session": interview.enrolment_bloc.enrolment.session,
    }
    return render(request, "branch/replacement.html", context, status=422 if form.is_bound else 200)
