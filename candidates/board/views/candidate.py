"""A candidate of a session: enrolled, read, corrected, taken out, answered on a measure that they ask for."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import get_text_list
from django.views.decorators.http import require_GET, require_POST

from candidates.accommodation.forms import AnswerForm, GrantForm, ProofForm, RefuseForm
from candidates.accommodation.rules import measure_labels
from candidates.accommodation.services import to_replan, wish_of
from candidates.appointments.incompatibilities import load_facts
from candidates.enrolments.experience import asking_about_recruitment, has_started
from candidates.enrolments.forms import RecruitmentForm
from candidates.enrolments.invitations import standing
from candidates.enrolments.queries import administered_enrolment, interview_minutes
from candidates.enrolments.services import withdraw_enrolment
from candidates.models import (
    AccommodationWish,
    Appointment,
    Enrolment,
    EnrolmentBloc,
    Session,
)
from candidates.people.civil_status import list_corrections
from cqp.web.requests import PersonRequest


@require_GET
def page(request: PersonRequest, pk: int) -> HttpResponse:
    return enrolment_page(request, administered_enrolment(request, pk))


def enrolment_page(
    request: PersonRequest,
    enrolment: Enrolment,
    *,
    refused: ValidationError | None = None,
    bound: RecruitmentForm | None = None,
    answering: AnswerForm | None = None,
) -> HttpResponse:
    """The candidate's page. `refused`: what could not be done; `bound`, `answering`: a form that came back. 409."""
    session = enrolment.session
    rows = list(enrolment.enrolment_blocs.all())
    for row in rows:
        row.enrolment = enrolment
    asking = asking_about_recruitment([row.bloc_id for row in rows])
    forms = {
        row.pk: bound if bound and bound.enrolment_bloc.pk == row.pk else _recruitment_form(request, row)
        for row in rows
        if row.bloc_id in asking
    }
    editable = session.state in (Session.State.PREPARATION, Session.State.DEPOSIT)
    removable = editable and not any(
        row.interviews.all() or any(dossier.submitted_at or dossier.is_begun for dossier in row.dossiers.all())
        for row in rows
    )
    context: dict[str, Any] = {
        "enrolment": enrolment,
        "candidate": enrolment.candidate,
        "invitation": standing(enrolment, timezone.now()),
        "session": session,
        "blocs": [(row, interview_minutes(row), forms.get(row.pk)) for row in rows],
        "editable": editable,
        "removable": removable,
        "plannable": session.state not in (Session.State.JURY, Session.State.DECIDED),
        "incompatibilities": _incompatibilities(enrolment),
        "corrections": list_corrections(enrolment),
        **_accommodation(request, enrolment, answering),
        "refused": refused,
    }
    status = 409 if refused or bound or answering else 200
    return render(request, "branch/board/enrolment.html", context, status=status)


def _recruitment_form(request: PersonRequest, row: EnrolmentBloc) -> RecruitmentForm | None:
    """Return the form of the declaration; None once the interview has begun: it is only told."""
    return None if has_started(row) else RecruitmentForm(by=request.user, enrolment_bloc=row)


def _accommodation(request: PersonRequest, enrolment: Enrolment, answering: AnswerForm | None) -> dict[str, Any]:
    """The wish for a measure, and the forms of the branch: that of `answering` as it came back."""
    wish = wish_of(enrolment)
    if wish is None:
        return {"wish": None}
    kinds = (ProofForm, GrantForm, RefuseForm)
    forms = [answering if type(answering) is kind else kind(by=request.user, enrolment=enrolment) for kind in kinds]
    answerable = enrolment.session.state not in (Session.State.JURY, Session.State.DECIDED)
    return {"wish": wish, "measures": measure_labels(wish.measures), "answer_forms": forms if answerable else []}


def _incompatibilities(enrolment: Enrolment) -> list[Any]:
    facts = load_facts(enrolment.session)
    roles = (Appointment.Role.EVALUATOR, Appointment.Role.JUROR, Appointment.Role.SUBSTITUTE)
    people = Appointment.objects.filter(session=enrolment.session, role__in=roles).values_list("pk", flat=True)
    incompatibilities = [incompatibility for pk in people for incompatibility in facts.between(enrolment.pk, pk)]
    return list(dict.fromkeys(incompatibilities))


@require_POST
def recruitment(request: PersonRequest, pk: int) -> HttpResponse:
    """Say for the candidate whether they contributed to a recruitment. Refused: the page again, with the reason; 409."""
    row = get_object_or_404(EnrolmentBloc.objects.administered_by(request.user), pk=pk)
    form = RecruitmentForm(request.POST, by=request.user, enrolment_bloc=row)
    if form.is_valid() and form.save():
        messages.success(request, "La déclaration est enregistrée.")
        return redirect("branch:enrolment", row.enrolment_id)
    return enrolment_page(request, administered_enrolment(request, row.enrolment_id), bound=form)


@require_POST
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Take out a candidate enrolled by mistake. Refused: the page again, with the reason; 409."""
    enrolment = administered_enrolment(request, pk)
    try:
        withdraw_enrolment(enrolment=enrolment, by=request.user)
    except ValidationError as refused:
        return enrolment_page(request, enrolment, refused=refused)
    messages.success(request, f"{enrolment.candidate} n'est plus inscrit à la session.")
    return redirect("branch:session", enrolment.session_id)


ANSWER_MESSAGES = {
    ProofForm: "Le justificatif est noté comme vu.",
    GrantForm: "La mesure est accordée. Le candidat en est prévenu.",
    RefuseForm: "La demande est refusée. Le candidat en est prévenu.",
}


@require_POST
def answer(request: PersonRequest, pk: int, form_class: type[AnswerForm]) -> HttpResponse:
    """Answer in one of three ways. 302 to the enrolment; else its page with the form and its errors, 409."""
    wishes = AccommodationWish.objects.administered_by(request.user)
    wish = get_object_or_404(wishes.select_related("enrolment__session__branch"), enrolment=pk)
    form = form_class(request.POST, by=request.user, enrolment=wish.enrolment)
    if not (form.is_valid() and form.save()):
        return enrolment_page(request, administered_enrolment(request, pk), answering=form)
    messages.success(request, ANSWER_MESSAGES[form_class])
    if form_class is GrantForm:
        _warn(request, wish.enrolment)
    return redirect("branch:enrolment", pk)


def _warn(request: HttpRequest, enrolment: Enrolment) -> None:
    if moved := to_replan(enrolment):
        blocs = get_text_list([f"bloc {interview.enrolment_bloc.bloc.number}" for interview in moved], "et")
        messages.warning(request, f"Un entretien planifié n'a plus la bonne durée, replanifiez-le : {blocs}.")
