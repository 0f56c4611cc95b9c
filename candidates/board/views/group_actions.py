"""What is done for several candidates at once: it is said, person by person, before it is done."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from candidates.board.group_actions import GROUP_ACTIONS, GroupAction
from candidates.board.queries import read_board
from candidates.models import Enrolment, Session
from candidates.sessions.queries import administered_session
from cqp.web.requests import PersonRequest


@require_POST
def group_actions(request: PersonRequest, pk: int) -> HttpResponse:
    """First the page that says what would happen; then, `sur` posted, it is done for each who is named there."""
    session = administered_session(request, pk)
    action = GROUP_ACTIONS.get(request.POST.get("acte", ""))
    back = f"{reverse('branch:session', args=[pk])}#candidats"
    chosen = _chosen(request, session)
    if action is None or not chosen:
        message = "Choisissez ce qu'il faut faire." if chosen else "Cochez d'abord des candidats dans la liste."
        messages.info(request, message)
        return redirect(back)
    previews = action.preview(session, chosen)
    able = [preview for preview in previews if not preview.refusal]
    if "sur" in request.POST:
        _do(request, session, action, [preview.enrolment for preview in able])
        return redirect(back)
    context = {
        "session": session,
        "title": action.label,
        "button": action.button.format(len(able), "s" if len(able) > 1 else ""),
        "act": request.POST["acte"],
        "able": able,
        "left": [preview for preview in previews if preview.refusal],
        "back": back,
    }
    return render(request, "branch/board/group_actions.html", context)


def _chosen(request: HttpRequest, session: Session) -> list[Enrolment]:
    """Return the candidates that were ticked, or all of the list that was shown; nobody of another session."""
    criteria = {name: request.POST.get(name, "") for name in ("voir", "q", "tri")}
    board = read_board(session, criteria["voir"], search=criteria["q"], order=criteria["tri"])
    ticked = set(request.POST.getlist("qui"))
    everyone = "tous" in request.POST
    return [enrolment for enrolment, _, _ in board.rows if everyone or str(enrolment.pk) in ticked]


def _do(request: PersonRequest, session: Session, action: GroupAction, enrolments: Sequence[Enrolment]) -> None:
    refused = action.do(session, enrolments, request.user) if enrolments else []
    if count := len(enrolments) - len(refused):
        messages.success(request, f"C'est fait pour {count} candidat{'s' if count > 1 else ''}.")
    for refusal in refused:
        messages.error(request, refusal)
