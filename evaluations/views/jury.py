"""The jury's pages: where one sits, the session's candidates, one candidate at a time."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from candidates.models import EnrolmentBloc, Session
from candidates.services.undertaking import sign_undertaking
from cqp.models import User
from evaluations.cases import BlocCase, bloc_cases, by_enrolment, is_unanimous
from evaluations.forms.jury import AttendanceForm
from evaluations.jury_permissions import (
    JURY_STATES,
    administers,
    can_record_decision,
    jury_appointments,
    jury_enrolments,
    jury_sessions,
)
from evaluations.jury_rules import balance
from evaluations.jury_seats import load_jury
from evaluations.models import Deliberation
from evaluations.services.decisions import Seen, confirm_together
from evaluations.services.jury import DecisionRefused, open_deliberation


def _sessions(user: User) -> QuerySet[Session]:
    return jury_sessions(user).select_related("branch", "referentiel", "deliberation")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The juries that the person sits in, each with its undertaking; and those of their branches that sit."""
    seats = jury_appointments(request.user).select_related("session__referentiel").order_by("session__jury_on", "pk")
    administered = _sessions(request.user).filter(branch__in=request.user.administered_branches.all())
    context = {"seats": seats, "administered": administered, "open_states": JURY_STATES}
    return render(request, "jury/home.html", context)


@require_POST
def undertaking(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the undertaking of confidentiality. Signing twice is signing once."""
    appointment = get_object_or_404(jury_appointments(request.user), pk=pk)
    sign_undertaking(appointment, by=request.user)
    messages.success(request, "Votre engagement de confidentialité est enregistré.")
    return redirect("jury:home")


@require_safe
def session(request: HttpRequest, pk: int) -> HttpResponse:
    return _session_page(request, get_object_or_404(_sessions(request.user), pk=pk))


def _deliberation(session: Session) -> Deliberation | None:
    return getattr(session, "deliberation", None)


def _session_page(
    request: HttpRequest, session: Session, *, form: AttendanceForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    deliberation, jury = _deliberation(session), load_jury(session)
    bench = jury.bench()
    groups = by_enrolment(bloc_cases(EnrolmentBloc.objects.filter(enrolment__session=session)))
    cases = [case for group in groups.values() for case in group]
    context = {
        "session": session,
        "deliberation": deliberation,
        "groups": [(group[0].enrolment_bloc.enrolment, group) for group in groups.values()],
        "decided": sum(case.decision is not None for case in cases),
        "total": len(cases),
        "outdated": [case for case in cases if case.is_outdated],
        "unanimous": sum(is_unanimous(group) for group in groups.values()),
        "bench": bench,
        "balance": balance(bench.voices),
        "rules": jury.rules.in_words(jury.turn),
        "form": form or AttendanceForm(session=session, deliberation=deliberation),
        "sitting": session.state == Session.State.JURY,
        "administers": administers(request.user, session),
        "refusal": refusal,
    }
    return render(request, "jury/session.html", context, status=status)


@require_POST
def open_sitting(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the deliberation. A second click finds it open."""
    session = get_object_or_404(_sessions(request.user), pk=pk)
    try:
        open_deliberation(session, by=request.user)
    except DecisionRefused as refused:
        return _session_page(request, session, refusal=refused.message, status=409)
    return redirect(f"{reverse('jury:session', args=[pk])}#presences")


@require_POST
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
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


def tokens(cases: list[BlocCase]) -> str:
    """What a page shows of these blocs, for the form that confirms them: `pk:proposal:rank of the sheet`."""
    return " ".join(f"{case.enrolment_bloc.pk}:{case.proposal}:{case.sheet_seq}" for case in cases)


def _seen(tokens: str) -> dict[int, Seen]:
    """Raises ValueError for what no page gave."""
    seen = {}
    for token in tokens.split():
        pk, proposal, seq = token.split(":")
        seen[int(pk)] = Seen(proposal, int(seq), 0)
    return seen


@require_http_methods(["GET", "HEAD", "POST"])
def together(request: HttpRequest, pk: int) -> HttpResponse:
    """Candidates on whom the evaluators' proposals are clear: named, then confirmed together."""
    session = get_object_or_404(_sessions(request.user), pk=pk)
    if request.method == "POST":
        try:
            seen = _seen(" ".join(request.POST.getlist("blocs")))
        except ValueError:
            return _together_page(request, session, refusal="Rechargez la page, puis confirmez.", status=422)
        if not seen:
            return _together_page(request, session, refusal="Cochez au moins un candidat.", status=422)
        try:
            made, left = confirm_together(session, seen, by=request.user)
        except DecisionRefused as refused:
            return _together_page(request, session, refusal=refused.message, status=409)
        if made:
            count = len(made)
            messages.success(request, f"{count} décision{'s' if count > 1 else ''} conforme{'s' if count > 1 else ''}.")
        for words in left:
            messages.error(request, words)
        following = request.POST.get("suite", "")
        known = following.isdigit() and jury_enrolments(request.user).filter(pk=following, session=pk).exists()
        return redirect("jury:candidate", pk, following) if known else redirect("jury:session", pk)
    return _together_page(request, session)


def _together_page(request: HttpRequest, session: Session, *, refusal: str = "", status: int = 200) -> HttpResponse:
    jury = load_jury(session)
    groups = by_enrolment(bloc_cases(EnrolmentBloc.objects.filter(enrolment__session=session)))
    rows = []
    for cases in groups.values():
        enrolment = cases[0].enrolment_bloc.enrolment
        if is_unanimous(cases) and not jury.bench(enrolment).problems:
            rows.append({"enrolment": enrolment, "cases": cases, "tokens": tokens(cases)})
    context = {
        "session": session,
        "rows": rows,
        "refusal": refusal,
        "can_decide": session.state == Session.State.JURY and can_record_decision(request.user, session),
    }
    return render(request, "jury/together.html", context, status=status)
