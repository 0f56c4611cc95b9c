"""What the branch says of a session's jury before it sits: its rules."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from candidates.models import Session
from cqp.web.requests import PersonRequest
from evaluations.jury.attendance import get_jury_rules, get_presiding_turn
from evaluations.jury.forms import RulesForm


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: PersonRequest, pk: int) -> HttpResponse:
    """Read the rules of a session's jury, or give it others than the référentiel's; 422 once it sits."""
    rows = Session.objects.administered_by(request.user).select_related("branch", "referentiel", "deliberation")
    session = get_object_or_404(rows, pk=pk)
    present = get_jury_rules(session)
    data = request.POST if request.method == "POST" else None
    form = RulesForm(data, session=session, by=request.user, initial=asdict(present))
    if form.is_valid() and form.save():
        messages.success(request, "Les règles du jury de cette session sont enregistrées.")
        return redirect("branch:jury_rules", pk)
    context = {
        "session": session,
        "form": form,
        "rules": present.as_text(get_presiding_turn(session)),
        "is_frozen": hasattr(session, "deliberation"),
        "has_own_rules": bool(session.jury_rules),
    }
    return render(request, "branch/jury/jury_rules.html", context, status=422 if form.is_bound else 200)
