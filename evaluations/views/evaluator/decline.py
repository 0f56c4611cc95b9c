"""Before opening the dossier: an evaluator who knows the candidate, or cannot evaluate, says so."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from candidates.models import Assignment
from candidates.services.declining import OPEN
from evaluations.forms.preparation import DeclineForm
from evaluations.services.preparation import decline_refusal
from evaluations.views.evaluator.access import get_assignment


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, interview: int) -> HttpResponse:
    """The page to step aside: nothing of the dossier is on it. Too late: it says why; 409."""
    assignment = get_assignment(request.user, interview, active=False)
    if assignment.state == Assignment.State.DECLINED:
        messages.info(request, "Vous vous êtes déjà récusé : cet entretien n'est plus le vôtre.")
        return redirect("evaluator:home")
    if assignment.state != Assignment.State.ACTIVE or assignment.interview.state not in OPEN:
        raise Http404
    refusal = decline_refusal(assignment)
    form = DeclineForm(request.POST if request.method == "POST" else None, by=request.user, assignment=assignment)
    if not refusal and form.is_valid() and form.save():
        messages.success(request, "C'est noté : cet entretien n'est plus le vôtre. La branche en est prévenue.")
        return redirect("evaluator:home")
    context = {"interview": assignment.interview, "form": form, "refusal": refusal}
    status = (409 if refusal else 422) if form.is_bound else 200
    return render(request, "evaluator/decline.html", context, status=status)
