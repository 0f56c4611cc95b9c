"""The jury's pages: where one sits, the session's candidates, one candidate at a time."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from candidates.appointments.services import sign_undertaking
from candidates.models import EnrolmentBloc, Session
from candidates.sessions.permissions import administers
from cqp.core.text import parse_number
from cqp.models import User
from cqp.web.requests import PersonRequest
from evaluations.jury.attendance import load_jury
from evaluations.jury.decisions import ShownState, confirm_unanimous_proposals
from evaluations.jury.forms import AttendanceForm
from evaluations.jury.permissions import (
    JURY_STATES,
    can_record_decision,
    jury_appointments,
    jury_enrolments,
    jury_sessions,
)
from evaluations.jury.queries import confirmation_token, group_by_enrolment, is_unanimous, list_bloc_cases
from evaluations.jury.rules import balance
from evaluations.jury.sitting import DecisionRefused, open_deliberation
from evaluations.models import Deliberation


def _sessions(user: User) -> QuerySet[Session]:
    return jury_sessions(user).select_related("branch", "referentiel", "deliberation")


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """The juries that the person sits in, each with its undertaking; and those of their branches that sit."""
    seats = jury_appointments(request.user).select_related("session__referentiel").order_by("session__jury_on", "pk")
    administered = _sessions(request.user).filter(branch__in=request.user.administered_branches.all())
    context = {"seats": seats, "administered_sessions": administered, "open_states": JURY_STATES}
    return render(request, "jury/home.html", context)


@require_POST
def undertaking(request: PersonRequest, pk: int) -> HttpResponse:
    """Sign the undertaking of confidentiality. Signing twice is signing once."""
    appointment = get_object_or_404(jury_appointments(request.user), pk=pk)
    sign_undertaking(appointment, by=request.user)
    messages.success(request, "Votre engagement de confidentialité est enregistré.")
    return redirect("jury:home")


@require_safe
def session(request: PersonRequest, pk: int) -> HttpResponse:
    return _session_page(request, get_object_or_404(_sessions(request.user), pk=pk))


def _deliberation(session: Session) -> Deliberation | None:
    return getattr(session, "deliberation", None)


def _session_page(
    request: PersonRequest,
    session: Session,
    *,
    form: AttendanceForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    deliberation, jury = _deliberation(session), load_jury(session)
    bench = jury.bench()
    groups = group_by_enrolment(list_bloc_cases(EnrolmentBloc.objects.filter(enrolment__session=session)))
    cases = [case for group in groups.values() for case in group]
    context = {
        "session": session,
        "deliberation": deliberation,
        "groups": [(group[0].enrolment_bloc.enrolment, group) for group in groups.values()],
        "decided_count": sum(case.decision is not None for case in cases),
        "bloc_count": len(cases),
        "outdated_cases": [case for case in cases if case.is_outdated],
        "unanimous_count": sum(is_unanimous(group) for group in groups.values()),
        "bench": bench,
        "balance": balance(bench.votes_by_seat),
        "rules": jury.rules.as_text(jury.turn),
        "form": form or AttendanceForm(session=session, deliberation=deliberation),
        "is_sitting": session.state == Session.State.JURY,
        "is_administrator": administers(request.user, session),
        "refusal": refusal,
    }
    return render(request, "jury/session.html", context, status=status)


@require_POST
def open_sitting(request: PersonRequest, pk: int) -> HttpResponse:
    """Open the deliberation. A second click finds it open."""
    session = get_object_or_404(_sessions(request.user), pk=pk)
    try:
        open_deliberation(session, by=request.user)
    except DecisionRefused as refused:
        return _session_page(request, session, refusal=refused.message, status=409)
    return redirect(f"{reverse('jury:session', args=[pk])}#presences")


@require_POST
def attendance(request: PersonRequest, pk: int) -> HttpResponse:
    """Note who is present. 422 for someone who is not of this jury, 409 when it is not possible now."""
    session = get_object_or_404(_sessions(request.user), pk=pk)
    deliberation = _deliberation(session)
    form = AttendanceForm(request.POST, session=session, deliberation=deliberation)
    if deliberation is None:
        return _session_page(request, session, refusal="Ouvrez d'abord la délibération.", status=409)
    if not form.is_valid():
        return _session_page(request, session, form=form, status=422)
    try:
        present = form.save(deliberation, by=request.user)
    except DecisionRefused as refused:
        return _session_page(request, session, form=form, refusal=refused.message, status=409)
    messages.success(request, f"Présences enregistrées : {len(present)}.")
    return redirect("jury:session", pk)


def _parse_tokens(tokens: str) -> dict[int, ShownState]:
    """Return what a page showed, by bloc of an enrolment (see `confirmation_token`). Raises ValueError for anything else."""
    states = {}
    for token in tokens.split():
        pk, proposal, seq = token.split(":")
        shown_pk, shown_seq = parse_number(pk), parse_number(seq)
        if shown_pk is None or shown_seq is None:
            raise ValueError("These are no numbers.")
        states[shown_pk] = ShownState(proposal, shown_seq, 0)
    return states


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_unanimous(request: PersonRequest, pk: int) -> HttpResponse:
    """Candidates on whom the evaluators' proposals are clear: named, then confirmed together."""
    session = get_object_or_404(_sessions(request.user), pk=pk)
    if request.method == "POST":
        try:
            shown_states = _parse_tokens(" ".join(request.POST.getlist("blocs")))
        except ValueError:
            return _unanimous_page(request, session, refusal="Rechargez la page, puis confirmez.", status=422)
        if not shown_states:
            return _unanimous_page(request, session, refusal="Cochez au moins un candidat.", status=422)
        try:
            decisions, exclusions = confirm_unanimous_proposals(session, shown_states, by=request.user)
        except DecisionRefused as refused:
            return _unanimous_page(request, session, refusal=refused.message, status=409)
        if count := len(decisions):
            messages.success(request, f"{count} décision{'s' if count > 1 else ''} conforme{'s' if count > 1 else ''}.")
        for exclusion in exclusions:
            messages.error(request, exclusion)
        following = parse_number(request.POST.get("suite"))
        known = following and jury_enrolments(request.user).filter(pk=following, session=pk).exists()
        return redirect("jury:candidate", pk, following) if known else redirect("jury:session", pk)
    return _unanimous_page(request, session)


def _unanimous_page(request: PersonRequest, session: Session, *, refusal: str = "", status: int = 200) -> HttpResponse:
    jury = load_jury(session)
    groups = group_by_enrolment(list_bloc_cases(EnrolmentBloc.objects.filter(enrolment__session=session)))
    rows = []
    for cases in groups.values():
        enrolment = cases[0].enrolment_bloc.enrolment
        if is_unanimous(cases) and not jury.bench(enrolment).problems:
            rows.append({"enrolment": enrolment, "cases": cases, "token": confirmation_token(cases)})
    context = {
        "session": session,
        "rows": rows,
        "refusal": refusal,
        "can_decide": session.state == Session.State.JURY and can_record_decision(request.user, session),
    }
    return render(request, "jury/unanimous.html", context, status=status)
