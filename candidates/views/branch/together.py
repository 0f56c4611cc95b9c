"""What is done for several candidates at once: it is said, person by person, before it is done."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from candidates.models import Enrolment, Session
from candidates.views.branch.acts import ACTS, Act
from candidates.views.branch.board import read_board
from candidates.views.branch.sessions import administered_session


@require_POST
def together(request: HttpRequest, pk: int) -> HttpResponse:
    """First the page that says what would happen; then, `sur` posted, it is done for each who is named there."""
    session = administered_session(request, pk)
    act = ACTS.get(request.POST.get("acte", ""))
    back = f"{reverse('branch:session', args=[pk])}#candidats"
    chosen = _chosen(request, session)
    if act is None or not chosen:
        words = "Choisissez ce qu'il faut faire." if chosen else "Cochez d'abord des candidats dans la liste."
        messages.info(request, words)
        return redirect(back)
    told = act.tell(session, chosen)
    able = [one for one in told if not one.refusal]
    if "sur" in request.POST:
        _do(request, session, act, [one.enrolment for one in able])
        return redirect(back)
    context = {
        "session": session,
        "title": act.label,
        "button": act.button.format(len(able), "s" if len(able) > 1 else ""),
        "act": request.POST["acte"],
        "able": able,
        "left": [one for one in told if one.refusal],
        "back": back,
    }
    return render(request, "branch/together.html", context)


def _chosen(request: HttpRequest, session: Session) -> list[Enrolment]:
    """Return the candidates that were ticked, or all of the list that was shown; nobody of another session."""
    criteria = {name: request.POST.get(name, "") for name in ("voir", "q", "tri")}
    board = read_board(session, criteria["voir"], search=criteria["q"], order=criteria["tri"])
    ticked = set(request.POST.getlist("qui"))
    everyone = "tous" in request.POST
    return [enrolment for enrolment, _, _ in board.rows if everyone or str(enrolment.pk) in ticked]


def _do(request: HttpRequest, session: Session, act: Act, enrolments: Sequence[Enrolment]) -> None:
    refused = act.do(session, enrolments, request.user) if enrolments else []
    if done := len(enrolments) - len(refused):
        messages.success(request, f"C'est fait pour {done} candidat{'s' if done > 1 else ''}.")
    for words in refused:
        messages.error(request, words)
