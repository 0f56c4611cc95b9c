"""The jury's pages: where one sits, the session's candidates, one candidate at a time."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from candidates.models import Appointment, Dossier, Enrolment, EnrolmentBloc, HeldBloc, Incident, Session
from candidates.services.undertaking import sign_undertaking
from cqp.models import User
from cqp.together import read_together
from evaluations.cases import BlocCase, bloc_cases, by_enrolment, is_unanimous
from evaluations.forms.jury import AttendanceForm, DecisionForm, LoweringForm
from evaluations.jury_permissions import (
    JURY_STATES,
    administers,
    can_record_decision,
    jury_appointments,
    jury_enrolments,
    jury_sessions,
)
from evaluations.jury_rules import VAE, balance
from evaluations.jury_seats import Jury, load_jury
from evaluations.models import Decision, Deliberation
from evaluations.services.jury import DecisionRefused, Seen, Stale, confirm_together, open_deliberation, withdraw


@dataclass(frozen=True)
class Progress:
    """The candidates of a session in order, and how many blocs are decided."""

    enrolments: list[Enrolment]

    @property
    def decided(self) -> int:
        return sum(one.decided for one in self.enrolments)  # type: ignore[attr-defined]

    @property
    def total(self) -> int:
        return sum(one.sat for one in self.enrolments)  # type: ignore[attr-defined]

    def around(self, pk: int) -> tuple[Enrolment | None, int, Enrolment | None]:
        """Return the candidate before, the rank from 1, and the candidate after."""
        place = next(n for n, one in enumerate(self.enrolments) if one.pk == pk)
        before = self.enrolments[place - 1] if place else None
        after = self.enrolments[place + 1] if place + 1 < len(self.enrolments) else None
        return before, place + 1, after


def _everyone(session: Session) -> QuerySet[Enrolment]:
    """The candidates of a session in order, each with how many blocs they sat and how many are decided."""
    return (
        session.enrolments.filter(enrolment_blocs__isnull=False)
        .select_related("candidate")
        .annotate(
            sat=Count("enrolment_blocs", distinct=True),
            decided=Count("enrolment_blocs__decisions__enrolment_bloc", distinct=True),
        )
        .order_by("candidate__birth_name", "candidate__first_names", "pk")
    )


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


@require_safe
def candidate(request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
    return _candidate_page(request, _enrolment(request.user, pk, enrolment))


def _enrolment(user: User, session: int, pk: int) -> Enrolment:
    rows = jury_enrolments(user).filter(pk__in=EnrolmentBloc.objects.values("enrolment"))
    found = rows.select_related(
        "session__branch", "session__referentiel", "session__deliberation", "candidate", "employer", "training_centre"
    )
    return get_object_or_404(found, pk=pk, session=session)


def _candidate_page(
    request: HttpRequest,
    enrolment: Enrolment,
    *,
    bound: DecisionForm | None = None,
    refusal: DecisionRefused | None = None,
    told: str = "",
    status: int = 200,
) -> HttpResponse:
    """The candidate's page. `bound` came back with an error, `refusal` says why; nothing typed is lost."""
    session, user = enrolment.session, request.user
    cases = bloc_cases(EnrolmentBloc.objects.filter(enrolment=enrolment))
    jury = load_jury(session, enrolment=enrolment)
    dossiers, incidents, held, everyone, runs = read_together(
        Dossier.objects.visible_to(user)
        .filter(enrolment_bloc__enrolment=enrolment, state__in=Dossier.RECEIVED)
        .select_related("assembly")
        .order_by("version", "pk"),
        Incident.objects.filter(interview__enrolment_bloc__enrolment=enrolment).select_related(
            "interview__enrolment_bloc__bloc"
        ),
        HeldBloc.objects.filter(candidate=enrolment.candidate_id).select_related("bloc").order_by("obtained_on", "pk"),
        _everyone(session),
        user.administered_branches.filter(pk=session.branch_id),
    )
    progress = Progress(everyone)
    before, rank, after = progress.around(enrolment.pk)
    seats = _seats(user, jury, enrolment)
    can_decide = session.state == Session.State.JURY and (bool(runs) or any(one["mine"] for one in seats))
    context: dict[str, Any] = {
        "enrolment": enrolment,
        "session": session,
        "blocs": [_bloc(case, bound if can_decide else None, refusal, can_decide=can_decide) for case in cases],
        # The latest of each bloc.
        "dossiers": {dossier.enrolment_bloc_id: dossier for dossier in dossiers},
        "incidents": incidents,
        "told": told,
        "before": before,
        "after": after,
        "rank": rank,
        "progress": progress,
        "bench": (bench := jury.bench(enrolment)),
        "seats": seats,
        "own_seat": session.state == Session.State.JURY and any(one["mine"] for one in seats),
        "held": held,
        "vae": _vae(enrolment, jury) if enrolment.access_route == VAE else None,
        "confirmable": _tokens(cases) if can_decide and not bench.problems and is_unanimous(cases) else "",
        "complete": all(case.decision and not case.is_outdated for case in cases),
        "can_decide": can_decide,
        "administers": bool(runs),
    }
    return render(request, "jury/candidate.html", context, status=status)


def _bloc(
    case: BlocCase, bound: DecisionForm | None, refusal: DecisionRefused | None, *, can_decide: bool
) -> dict[str, Any]:
    """One bloc of the page: the case, its form, what was refused on it."""
    concerned = bound is not None and bound.case.enrolment_bloc.pk == case.enrolment_bloc.pk
    form = DecisionForm(case=case) if can_decide else None
    lowering = LoweringForm(case=case) if can_decide and case.proposal == Decision.Outcome.ACQUIRED else None
    if concerned and isinstance(bound, LoweringForm):
        kept = _on_top(bound, case) if isinstance(refusal, Stale) else bound
        return {"case": case, "form": form, "lowering": kept, "refusal": refusal}
    if concerned and bound is not None and isinstance(refusal, Stale):
        form = _on_top(bound, case)
    elif concerned:
        form = bound
    return {"case": case, "form": form, "lowering": lowering, "refusal": refusal if concerned else None}


TYPED = ("outcome", "reason", "recommendation", "in_favour", "against", "abstained", "president_voice")


def _on_top(bound: DecisionForm, case: BlocCase) -> DecisionForm:
    """Return the form with what was typed, on top of what is true now."""
    data = {**type(bound)(case=case).initial, **{name: bound[name].value() for name in TYPED}}
    form = type(bound)({key: "" if value is None else value for key, value in data.items()}, case=case)
    form.full_clean()
    return form


def _seats(user: User, jury: Jury, enrolment: Enrolment) -> list[dict[str, Any]]:
    """The members present, each with what stands between them and the candidate; `mine` is the person's own seat."""
    withdrawals = jury.withdrawals(enrolment)
    return [
        {
            "seat": seat,
            "why": withdrawals.get(seat.key, []),
            "mine": jury.facts.appointments[seat.key].user_id == user.pk,
        }
        for seat in jury.seats
        if seat.key in jury.present
    ]


def _vae(enrolment: Enrolment, jury: Jury) -> dict[str, Any]:
    """The delays that the branch announces to a candidate by VAE."""
    received = (
        Dossier.objects.filter(enrolment_bloc__enrolment=enrolment, submitted_at__isnull=False)
        .order_by("submitted_at")
        .values_list("submitted_at", flat=True)
        .first()
    )
    session = enrolment.session
    deposited = received.astimezone(session.zone).date() if received else None
    return {
        "deposited": deposited,
        "jury_by": deposited + dt.timedelta(days=jury.rules.vae_jury_days) if deposited else None,
        "answer_by": session.jury_on + dt.timedelta(days=jury.rules.vae_answer_days),
    }


def _tokens(cases: list[BlocCase]) -> str:
    """What a page shows of these blocs, for the form that confirms them: `pk:proposal:rank of the sheet`."""
    return " ".join(f"{case.enrolment_bloc.pk}:{case.proposal}:{case.sheet_seq}" for case in cases)


def _seen(tokens: str) -> dict[int, Seen]:
    """Raises ValueError for what no page gave."""
    seen = {}
    for token in tokens.split():
        pk, proposal, seq = token.split(":")
        seen[int(pk)] = Seen(proposal, int(seq), 0)
    return seen


@require_POST
def decide(request: HttpRequest, pk: int, enrolment: int, row: int) -> HttpResponse:
    """Record a decision. 422 when the form is not complete, 409 when what was seen has changed."""
    found = _enrolment(request.user, pk, enrolment)
    get_object_or_404(EnrolmentBloc, pk=row, enrolment=found)
    [case] = bloc_cases(EnrolmentBloc.objects.filter(pk=row))
    form = (LoweringForm if "lower" in request.POST else DecisionForm)(request.POST, case=case)
    if not form.is_valid():
        return _candidate_page(request, found, bound=form, status=422)
    try:
        decision = form.save(by=request.user)
    except DecisionRefused as refused:
        return _candidate_page(request, found, bound=form, refusal=refused, status=409)
    if decision is None:
        return _candidate_page(request, found, bound=form, status=422)
    bloc = case.enrolment_bloc.bloc
    messages.success(request, f"Bloc {bloc.number} : « {decision.get_outcome_display()} » est enregistré.")
    return redirect(f"{reverse('jury:candidate', args=[pk, enrolment])}#suite-{row}")


@require_POST
def withdraw_member(request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
    """A member leaves for this candidate: themselves, or the branch for them; 409 when it is not possible."""
    found = _enrolment(request.user, pk, enrolment)
    seat = request.POST.get("seat", "")
    member = get_object_or_404(Appointment.objects.select_related("user"), pk=seat if seat.isdigit() else 0, session=pk)
    try:
        withdraw(found, member, by=request.user)
    except DecisionRefused as refused:
        return _candidate_page(request, found, told=refused.message, status=409)
    messages.success(request, f"{member.user} se retire pour ce candidat.")
    return redirect("jury:candidate", pk, enrolment)


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
            rows.append({"enrolment": enrolment, "cases": cases, "tokens": _tokens(cases)})
    context = {
        "session": session,
        "rows": rows,
        "refusal": refusal,
        "can_decide": session.state == Session.State.JURY and can_record_decision(request.user, session),
    }
    return render(request, "jury/together.html", context, status=status)
