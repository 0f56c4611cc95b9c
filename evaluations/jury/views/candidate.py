"""One candidate before the jury: what supports the decision, the decision of each bloc, a member's withdrawal."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from candidates.models import Appointment, Enrolment, EnrolmentBloc
from cqp.core.text import parse_number
from cqp.models import User
from cqp.web.requests import PersonRequest
from evaluations.jury.candidate_queries import read_candidate_case
from evaluations.jury.decisions import StaleDecisionError
from evaluations.jury.forms import DecisionForm, LoweringForm
from evaluations.jury.permissions import jury_enrolments
from evaluations.jury.queries import PROPOSALS, BlocCase, list_bloc_cases
from evaluations.jury.sitting import DecisionRefused, withdraw
from evaluations.models import Decision, ScoringSheet
from evaluations.sheets.queries import proposal, sheet_view


@require_safe
def candidate(request: PersonRequest, pk: int, enrolment: int) -> HttpResponse:
    return _candidate_page(request, _get_enrolment(request.user, pk, enrolment))


def _get_enrolment(user: User, session: int, pk: int) -> Enrolment:
    """Return a candidate's enrolment; `is_administered`: by the person. Raises Http404."""
    enrolments = jury_enrolments(user).select_related(
        "session__referentiel", "session__deliberation", "candidate", "employer", "training_centre"
    )
    branches = user.administered_branches.filter(pk=OuterRef("session__branch"))
    return get_object_or_404(enrolments.annotate(is_administered=Exists(branches)), pk=pk, session=session)


def _candidate_page(
    request: PersonRequest,
    enrolment: Enrolment,
    *,
    bound: DecisionForm | None = None,
    refusal: DecisionRefused | None = None,
    message: str = "",
    status: int = 200,
) -> HttpResponse:
    """The candidate's page. `bound` came back with an error, `refusal` says why; nothing typed is lost."""
    candidate_case = read_candidate_case(enrolment, request.user)
    lowered = request.GET.get("abaisser", "")
    blocs = []
    for case in candidate_case.blocs:
        is_bound = bound is not None and bound.case.enrolment_bloc.pk == case.enrolment_bloc.pk
        form = (
            _decision_form(case, bound if is_bound else None, refusal, lowered) if candidate_case.can_decide else None
        )
        blocs.append({"case": case, "form": form, "refusal": refusal if is_bound else None})
    context = {
        "candidate_case": candidate_case,
        "enrolment": enrolment,
        "session": enrolment.session,
        "blocs": blocs,
        "message": message,
    }
    return render(request, "jury/candidate.html", context, status=status)


def _decision_form(
    case: BlocCase, bound: DecisionForm | None, refusal: DecisionRefused | None, lowered: str
) -> DecisionForm:
    """Return the form of a bloc: the one that came back, or a new one. `lowered`: the bloc whose result is lowered."""
    if bound is not None:
        return _rebase(bound, case) if isinstance(refusal, StaleDecisionError) else bound
    lowers = case.proposal == Decision.Outcome.ACQUIRED and lowered == str(case.enrolment_bloc.pk)
    return (LoweringForm if lowers else DecisionForm)(case=case)


TYPED = ("outcome", "reason", "recommendation", "in_favour", "against", "abstained", "president_voice")


def _rebase(bound: DecisionForm, case: BlocCase) -> DecisionForm:
    """Return the form with what was typed, on top of what is true now."""
    data = {**type(bound)(case=case).initial, **{name: bound[name].value() for name in TYPED}}
    form = type(bound)({key: "" if value is None else value for key, value in data.items()}, case=case)
    form.full_clean()
    return form


@require_safe
def sheet(request: PersonRequest, pk: int, sheet: int) -> HttpResponse:
    """A signed sheet of the session, an evaluator's or the joint one, to read."""
    rows = ScoringSheet.objects.filter(
        state=ScoringSheet.State.SIGNED, interview__enrolment_bloc__enrolment__in=jury_enrolments(request.user)
    )
    readable = rows.unless_scoring_alone(request.user).filter(
        interview__enrolment_bloc__enrolment__session=pk,
        interview__enrolment_bloc__enrolment__candidate__erased_at=None,
    )
    signed_sheet = get_object_or_404(readable.with_context(), pk=sheet)
    view = sheet_view(signed_sheet)
    context = {
        "sheet": signed_sheet,
        "enrolment": signed_sheet.interview.enrolment_bloc.enrolment,
        "view": view,
        "proposal": PROPOSALS[proposal(view)],
        "signatures": signed_sheet.signatures.select_related("assignment__appointment__user"),
    }
    return render(request, "jury/sheet.html", context)


@require_POST
def decide(request: PersonRequest, pk: int, enrolment: int, row: int) -> HttpResponse:
    """Record a decision. 422 when the form is not complete, 409 when what was seen has changed."""
    readable = _get_enrolment(request.user, pk, enrolment)
    get_object_or_404(EnrolmentBloc, pk=row, enrolment=readable)
    [case] = list_bloc_cases(EnrolmentBloc.objects.filter(pk=row))
    form = (LoweringForm if "lower" in request.POST else DecisionForm)(request.POST, case=case)
    if not form.is_valid():
        return _candidate_page(request, readable, bound=form, status=422)
    try:
        decision = form.save(by=request.user)
    except DecisionRefused as refused:
        return _candidate_page(request, readable, bound=form, refusal=refused, status=409)
    if decision is None:
        return _candidate_page(request, readable, bound=form, status=422)
    bloc = case.enrolment_bloc.bloc
    messages.success(request, f"Bloc {bloc.number} : « {decision.get_outcome_display()} » est enregistré.")
    return redirect(f"{reverse('jury:candidate', args=[pk, enrolment])}#suite-{row}")


@require_POST
def withdraw_member(request: PersonRequest, pk: int, enrolment: int) -> HttpResponse:
    """A member leaves for this candidate: themselves, or the branch for them; 409 when it is not possible."""
    readable = _get_enrolment(request.user, pk, enrolment)
    seat = parse_number(request.POST.get("seat"))
    member = get_object_or_404(Appointment.objects.select_related("user"), pk=seat, session=pk)
    try:
        withdraw(readable, member, by=request.user)
    except DecisionRefused as refused:
        return _candidate_page(request, readable, message=refused.message, status=409)
    messages.success(request, f"{member.user} se retire pour ce candidat.")
    return redirect("jury:candidate", pk, enrolment)
