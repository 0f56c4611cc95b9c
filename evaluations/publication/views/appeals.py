"""A candidate's appeals: received, answered, on one page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from candidates.models import Enrolment, EnrolmentBloc
from cqp.web.requests import PersonRequest
from cqp.workflow import TransitionRefused
from evaluations.jury.queries import list_bloc_cases
from evaluations.models import Appeal, Decision
from evaluations.publication.appeals import (
    appeal_ends,
    declare_inadmissible,
    receive_appeal,
    reject_appeal,
    uphold_appeal,
)
from evaluations.publication.forms import AnswerForm, AppealForm


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _enrolment(request, pk))


def _enrolment(request: HttpRequest, pk: int) -> Enrolment:
    rows = Enrolment.objects.administered_by(request.user).filter(candidate__erased_at=None)
    return get_object_or_404(
        rows.select_related("session__branch", "session__referentiel", "session__deliberation", "candidate"), pk=pk
    )


def _page(
    request: HttpRequest,
    enrolment: Enrolment,
    *,
    bound: AppealForm | AnswerForm | None = None,
    on: int | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """`bound` came back on the bloc `on`; nothing typed is lost."""
    session = enrolment.session
    of_decision = {
        appeal.decision_id: appeal
        for appeal in Appeal.objects.filter(decision__enrolment_bloc__enrolment=enrolment).select_related(
            "answered_by", "decision__enrolment_bloc__enrolment"
        )
    }
    for appeal in of_decision.values():
        appeal.decision.enrolment_bloc.enrolment = enrolment
    blocs = []
    for case in list_bloc_cases(EnrolmentBloc.objects.filter(enrolment=enrolment)):
        appeals = [of_decision[decision.pk] for decision in case.decisions if decision.pk in of_decision]
        waiting = next((appeal for appeal in appeals if appeal.state == Appeal.State.OPEN), None)
        form: AppealForm | AnswerForm | None = None
        if waiting:
            form = AnswerForm(appeal=waiting, case=case)
        elif case.decision and case.decision.pk not in of_decision and session.is_published:
            form = AppealForm(row=case.enrolment_bloc)
        if bound is not None and on == case.enrolment_bloc.pk:
            form = bound
        blocs.append({"case": case, "appeals": appeals, "form": form})
    context = {
        "enrolment": enrolment,
        "session": session,
        "blocs": blocs,
        "ends": appeal_ends(session),
        "refusal": refusal,
    }
    return render(request, "branch/publication/appeals.html", context, status=status)


@require_POST
def receive(request: PersonRequest, pk: int) -> HttpResponse:
    """Note an appeal. 422 when the form is not complete, 409 when none can be received."""
    row = get_object_or_404(EnrolmentBloc.objects.select_related("bloc"), pk=pk)
    enrolment = _enrolment(request, row.enrolment_id)
    form = AppealForm(request.POST, row=row)
    if not form.is_valid():
        return _page(request, enrolment, bound=form, on=pk, status=422)
    row.enrolment = enrolment
    try:
        receive_appeal(row, by=request.user, **form.cleaned_data)
    except TransitionRefused as refused:
        return _page(request, enrolment, bound=form, on=pk, refusal=refused.message, status=409)
    messages.success(request, f"Le recours sur le bloc {row.bloc.number} est enregistré.")
    return redirect("branch:appeals", enrolment.pk)


@require_POST
def answer(request: PersonRequest, pk: int) -> HttpResponse:
    """Answer an appeal. 422 when the form is not complete, 409 when it has its answer already."""
    rows = Appeal.objects.administered_by(request.user).select_related("decision__enrolment_bloc__bloc")
    appeal = get_object_or_404(rows, pk=pk)
    row = appeal.decision.enrolment_bloc
    enrolment = row.enrolment = _enrolment(request, row.enrolment_id)
    [case] = list_bloc_cases(EnrolmentBloc.objects.filter(pk=row.pk))
    form = AnswerForm(request.POST, appeal=appeal, case=case)
    if not form.is_valid():
        return _page(request, enrolment, bound=form, on=row.pk, status=422)
    data = form.cleaned_data
    try:
        if data["outcome"] == "rejected":
            reject_appeal(appeal, by=request.user, answer=data["answer"])
            message = "Le recours est rejeté, la décision tient. Le candidat en est averti."
        elif data["outcome"] == "inadmissible":
            declare_inadmissible(appeal, by=request.user, answer=data["answer"])
            message = "Le recours est déclaré irrecevable, la décision tient. Le candidat en est averti."
        else:
            uphold_appeal(appeal, by=request.user, **data)
            label = Decision.Outcome(data["outcome"]).label
            message = f"La décision est révisée : « {label} ». Les documents qu'elle change sont émis à nouveau."
    except TransitionRefused as refused:
        return _page(request, enrolment, bound=form, on=row.pk, refusal=refused.message, status=409)
    messages.success(request, message)
    return redirect("branch:appeals", enrolment.pk)
