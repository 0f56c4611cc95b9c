"""The sessions of the branches, the board of each, and its steps."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates.board.group_actions import GROUP_ACTIONS
from candidates.board.hooks import panels
from candidates.board.queries import ORDERS, read_board
from candidates.models import Incident, Session
from candidates.sessions.change_token import change_token
from candidates.sessions.forms import ReasonForm, SessionForm
from candidates.sessions.queries import administered_session
from candidates.sessions.services import move_session
from candidates.sessions.workflow import SESSION
from cqp.models import Mail
from cqp.web.requests import PersonRequest
from cqp.workflow import Transition, TransitionRefused
from referentiel.models import Referentiel

PER_PAGE = 50
SESSIONS_PER_PAGE = 25
EXPLAINED = {
    "open_deposit": "Les candidats pourront déposer leurs dossiers à partir de l'ouverture du dépôt.",
    "start_interviews": "Les évaluateurs pourront commencer les entretiens.",
    "open_jury": "Les membres du jury verront les fiches signées et pourront délibérer.",
    "publish": "Les candidats verront leurs résultats et leurs documents, et recevront un courriel. C'est définitif.",
}


@require_GET
def index(request: PersonRequest) -> HttpResponse:
    """Every session of the branches that the person administers."""
    sessions = (
        Session.objects.administered_by(request.user)
        .select_related("branch", "referentiel")
        .annotate(candidates=Count("enrolments", distinct=True))
        .order_by("-interviews_from", "-pk")
    )
    search = " ".join(request.GET.get("q", "").split())[:100]
    if search:
        sessions = sessions.filter(Q(title__icontains=search) | Q(referentiel__title__icontains=search))
    branches = list(request.user.administered_branches.all())
    sealed = Referentiel.objects.administered_by(request.user).filter(seal__isnull=False).exists()
    page = Paginator(sessions, SESSIONS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "sessions": page.object_list, "search": search, "branches": branches, "sealed": sealed}
    return render(request, "branch/board/sessions.html", context)


@require_http_methods(["GET", "POST"])
def create(request: PersonRequest) -> HttpResponse:
    if not request.user.administered_branches.exists():
        raise Http404
    form = SessionForm(request.POST or None, by=request.user)
    if form.is_valid() and (session := form.save()):
        messages.success(request, "La session est créée. Inscrivez maintenant les candidats.")
        return redirect("branch:session", session.pk)
    return render(request, "branch/board/session_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def edit(request: PersonRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    form = SessionForm(request.POST or None, by=request.user, session=session)
    if form.is_valid() and form.save():
        messages.success(request, "La session est enregistrée.")
        return redirect("branch:session", pk)
    context = {"form": form, "session": session}
    return render(request, "branch/board/session_form.html", context, status=422 if form.is_bound else 200)


@require_GET
def board(request: PersonRequest, pk: int) -> HttpResponse:
    return _board_page(request, administered_session(request, pk))


@require_GET
def live(request: HttpRequest, pk: int) -> JsonResponse:
    """The token of the session as it is now: the board asks for it every few seconds."""
    return JsonResponse(
        {"mark": change_token(administered_session(request, pk))}, headers={"Cache-Control": "no-store"}
    )


@require_POST
def move(request: PersonRequest, pk: int, name: str) -> HttpResponse:
    """Make one of the session's transitions. Refused: the board again, with what is missing and what was typed; 409."""
    session = administered_session(request, pk)
    if name not in SESSION.by_name:
        raise Http404
    comment = request.POST.get("comment", "")
    if len(comment) > 500:
        raise BadRequest("The reason is longer than its field.")
    try:
        move_session(session, name, by=request.user, comment=comment)
    except TransitionRefused as refused:
        return _board_page(request, administered_session(request, pk), refused=refused, typed=comment)
    session.refresh_from_db()
    messages.success(request, f"La session est à l'étape « {session.get_state_display()} ».")
    return redirect("branch:session", pk)


def _board_page(
    request: PersonRequest,
    session: Session,
    *,
    refused: TransitionRefused | None = None,
    typed: str = "",
) -> HttpResponse:
    criteria = {name: request.GET.get(name, "")[:100] for name in ("voir", "q", "tri")}
    board = read_board(session, criteria["voir"], search=criteria["q"], order=criteria["tri"])
    context: dict[str, Any] = {
        "session": session,
        "mark": change_token(session),
        "board": board,
        "page": Paginator(board.rows, PER_PAGE).get_page(request.GET.get("page")),
        "search": criteria["q"],
        "orders": [(key, label) for key, (label, _) in ORDERS.items()],
        "order": criteria["tri"] if criteria["tri"] in ORDERS else "nom",
        "actions": [(key, action.label) for key, action in GROUP_ACTIONS.items()],
        "failed_mails": Mail.objects.filter(about=session.mail_scope["about"], state=Mail.State.FAILED).count(),
        "open_incidents": session.incidents.filter(state=Incident.State.OPEN).count(),
        "refused": refused,
        "forward": None,
        "backward": [],
        "panels": [panel(session, request.user) for panel in panels],
        "states": _progress(session),
        "enrollable": session.state in (Session.State.PREPARATION, Session.State.DEPOSIT),
        "plannable": session.state not in (Session.State.JURY, Session.State.DECIDED),
    }
    for transition in SESSION.transitions:
        if session.state not in transition.sources:
            continue
        if transition.needs_comment:
            context["backward"].append((transition, _reason_form(session, transition, typed)))
        else:
            context["forward"] = transition
            context["explained"] = EXPLAINED[transition.name]
            context["missing"] = transition.guard(session)
    return render(request, "branch/board/session.html", context, status=409 if refused else 200)


def _reason_form(session: Session, transition: Transition, typed: str) -> ReasonForm:
    """The form of a step back; a reason that was typed for a step refused comes back."""
    action = reverse("branch:session_transition", args=[session.pk, transition.name])
    return ReasonForm(action=action, button=transition.label, initial={"comment": typed})


def _progress(session: Session) -> list[tuple[str, str]]:
    """The steps of a session in order, each "done", "now" or "later"."""
    values = Session.State.values
    here = values.index(session.state)
    ranks = ["done" if n < here else "now" if n == here else "later" for n in range(len(values))]
    return list(zip(Session.State.labels, ranks, strict=True))
