"""One candidate before the jury: what supports the decision, the decision of each bloc, a member's withdrawal."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from candidates.models import Appointment, Candidate, Dossier, Enrolment, EnrolmentBloc, HeldBloc, Incident, Session
from cqp.models import User
from cqp.together import read_together
from evaluations.cases import PROPOSALS, BlocCase, bloc_cases, is_unanimous
from evaluations.forms.decision import DecisionForm, LoweringForm
from evaluations.jury_permissions import jury_enrolments
from evaluations.jury_rules import VAE
from evaluations.jury_seats import Jury, load_jury
from evaluations.models import Decision, ScoringSheet
from evaluations.results import proposal, sheet_view
from evaluations.services.decisions import Stale
from evaluations.services.jury import DecisionRefused, withdraw
from evaluations.views.jury import tokens


@dataclass(frozen=True)
class Neighbour:
    """The candidate before or after."""

    pk: int
    candidate: str


@dataclass(frozen=True)
class Progress:
    """The candidates of a session in order, each with their names; how many blocs there are, how many are decided."""

    names: dict[int, tuple[str, ...]]
    total: int
    decided: int

    @property
    def candidates(self) -> int:
        return len(self.names)

    def around(self, pk: int) -> tuple[Neighbour | None, int, Neighbour | None]:
        """Return the candidate before, the rank from 1, and the candidate after."""
        keys = list(self.names)
        place = keys.index(pk)
        before, after = keys[place - 1 : place] if place else [], keys[place + 1 : place + 2]
        return self._neighbour(before), place + 1, self._neighbour(after)

    def _neighbour(self, keys: list[int]) -> Neighbour | None:
        for key in keys:
            birth_name, used_name, first_names = self.names[key]
            named = Candidate(birth_name=birth_name, used_name=used_name, first_names=first_names)
            return Neighbour(key, named.display_name)
        return None


def _blocs_of(session: Session) -> QuerySet[EnrolmentBloc, Any]:
    """The blocs of the session's candidates: whose, their names, whether one is decided."""
    names = ("enrolment__candidate__birth_name", "enrolment__candidate__used_name", "enrolment__candidate__first_names")
    return (
        EnrolmentBloc.objects.filter(enrolment__session=session)
        .order_by(names[0], names[2], "enrolment_id", "pk")
        .values_list("enrolment_id", *names, Exists(Decision.objects.filter(enrolment_bloc=OuterRef("pk"))))
    )


def _progress(blocs: list[Any]) -> Progress:
    return Progress({pk: tuple(names) for pk, *names, _ in blocs}, len(blocs), sum(made for *_, made in blocs))


@require_safe
def candidate(request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
    return _candidate_page(request, _enrolment(request.user, pk, enrolment))


def _enrolment(user: User, session: int, pk: int) -> Enrolment:
    found = jury_enrolments(user).select_related(
        "session__referentiel", "session__deliberation", "candidate", "employer", "training_centre"
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
    cases = bloc_cases(EnrolmentBloc.objects.filter(enrolment=enrolment), enrolment=enrolment)
    if not cases:
        raise Http404
    jury = load_jury(session, enrolment=enrolment)
    dossiers, incidents, held, everybody, runs = read_together(
        # Whoever reads this page reads the dossiers that the branch has received.
        Dossier.objects.filter(enrolment_bloc__enrolment=enrolment, state__in=Dossier.RECEIVED)
        .select_related("assembly")
        .order_by("version", "pk"),
        Incident.objects.filter(interview__enrolment_bloc__enrolment=enrolment).annotate(
            bloc_number=F("interview__enrolment_bloc__bloc__number")
        ),
        HeldBloc.objects.filter(candidate=enrolment.candidate_id).select_related("bloc").order_by("obtained_on", "pk"),
        _blocs_of(session),
        user.administered_branches.filter(pk=session.branch_id),
    )
    progress = _progress(everybody)
    before, rank, after = progress.around(enrolment.pk)
    seats = _seats(user, jury, enrolment)
    can_decide = session.state == Session.State.JURY and (bool(runs) or any(one["mine"] for one in seats))
    context: dict[str, Any] = {
        "enrolment": enrolment,
        "session": session,
        "blocs": [
            _bloc(case, bound, refusal, can_decide=can_decide, lowered=request.GET.get("abaisser", ""))
            for case in cases
        ],
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
        "confirmable": tokens(cases) if can_decide and not bench.problems and is_unanimous(cases) else "",
        "complete": all(case.decision and not case.is_outdated for case in cases),
        "can_decide": can_decide,
        "administers": bool(runs),
    }
    return render(request, "jury/candidate.html", context, status=status)


def _bloc(
    case: BlocCase, bound: DecisionForm | None, refusal: DecisionRefused | None, *, can_decide: bool, lowered: str
) -> dict[str, Any]:
    """One bloc of the page: the case, its form, what was refused on it. `lowered`: the bloc whose result is to be lowered."""
    if bound is not None and bound.case.enrolment_bloc.pk == case.enrolment_bloc.pk:
        form = _on_top(bound, case) if isinstance(refusal, Stale) else bound
        return {"case": case, "form": form if can_decide else None, "refusal": refusal}
    lowers = case.proposal == Decision.Outcome.ACQUIRED and lowered == str(case.enrolment_bloc.pk)
    form = (LoweringForm if lowers else DecisionForm)(case=case) if can_decide else None
    return {"case": case, "form": form, "refusal": None}


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


@require_safe
def sheet(request: HttpRequest, pk: int, sheet: int) -> HttpResponse:
    """A signed sheet of the session, an evaluator's or the joint one, to read."""
    rows = ScoringSheet.objects.filter(
        state=ScoringSheet.State.SIGNED, interview__enrolment_bloc__enrolment__in=jury_enrolments(request.user)
    )
    of_session = rows.unless_scoring_alone(request.user).filter(
        interview__enrolment_bloc__enrolment__session=pk,
        interview__enrolment_bloc__enrolment__candidate__erased_at=None,
    )
    found = get_object_or_404(of_session.with_context(), pk=sheet)
    view = sheet_view(found)
    context = {
        "sheet": found,
        "enrolment": found.interview.enrolment_bloc.enrolment,
        "view": view,
        "proposal": PROPOSALS[proposal(view)],
        "signatures": found.signatures.select_related("assignment__appointment__user"),
    }
    return render(request, "jury/sheet.html", context)


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
