"""Candidates of a session: enrolled, read, corrected, taken out."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from candidates.accommodation import measure_labels
from candidates.forms.accommodation import AnswerForm, GrantForm, ProofForm, RefuseForm
from candidates.forms.enrolment import EnrolmentForm
from candidates.forms.experience import RecruitmentForm
from candidates.incompatibilities import load_facts
from candidates.invitations import standing
from candidates.models import (
    Answer,
    Appointment,
    Assignment,
    DossierFile,
    Enrolment,
    EnrolmentBloc,
    Interview,
    Organisation,
    Session,
)
from candidates.services.accommodation import wish_of
from candidates.services.civil_status import corrections
from candidates.services.enrolments import withdraw_enrolment
from candidates.services.experience import asking_about_recruitment, has_started
from candidates.services.planning import interview_minutes
from candidates.views.branch.sessions import administered_session


def administered_enrolment(request: HttpRequest, pk: int) -> Enrolment:
    """Return an enrolment with all that its page shows. Raises Http404."""
    rows = (
        Enrolment.objects.administered_by(request.user)
        .select_related("session__branch", "session__referentiel", "candidate__user", "employer", "training_centre")
        .select_related("accommodation_wish__proof_seen_by", "accommodation_wish__answered_by")
        .prefetch_related(
            "enrolment_blocs__bloc",
            Prefetch(
                "enrolment_blocs__dossiers__files", DossierFile.objects.select_related("stored_file", "trame_item")
            ),
            "enrolment_blocs__dossiers__uploads",
            Prefetch("enrolment_blocs__dossiers__answers", Answer.objects.select_related("trame_item")),
            Prefetch("enrolment_blocs__interviews", Interview.objects.order_by("-attempt")),
            Prefetch(
                "enrolment_blocs__interviews__assignments",
                Assignment.objects.filter(state=Assignment.State.ACTIVE).select_related("appointment__user"),
            ),
        )
    )
    return get_object_or_404(rows, pk=pk)


def known_organisations(session: Session) -> dict[str, list[str]]:
    """Return the names that the branch knows, by kind, to be offered while one types."""
    known: dict[str, list[str]] = {kind: [] for kind in Organisation.Kind.values}
    for kind, name in Organisation.objects.filter(branch=session.branch_id).values_list("kind", "name"):
        known[kind].append(name)
    return known


@require_http_methods(["GET", "POST"])
def enrol_candidate(request: HttpRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    form = EnrolmentForm(request.POST or None, by=request.user, session=session)
    if form.is_valid() and (enrolment := form.save()):
        messages.success(
            request, f"{enrolment.candidate} est inscrit à la session. Il en sera prévenu par son invitation."
        )
        return redirect("branch:enrolment", enrolment.pk)
    context = {"form": form, "session": session, "known": known_organisations(session)}
    return render(request, "branch/enrolment_form.html", context, status=422 if form.is_bound else 200)


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return enrolment_page(request, administered_enrolment(request, pk))


def enrolment_page(
    request: HttpRequest,
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
        "corrections": corrections(enrolment),
        **_accommodation(request, enrolment, answering),
        "refused": refused,
    }
    status = 409 if refused or bound or answering else 200
    return render(request, "branch/enrolment.html", context, status=status)


def _recruitment_form(request: HttpRequest, row: EnrolmentBloc) -> RecruitmentForm | None:
    """Return the form of the declaration; None once the interview has begun: it is only told."""
    return None if has_started(row) else RecruitmentForm(by=request.user, enrolment_bloc=row)


def _accommodation(request: HttpRequest, enrolment: Enrolment, answering: AnswerForm | None) -> dict[str, Any]:
    """The wish for a measure, and the forms of the branch: that of `answering` as it came back."""
    wish = wish_of(enrolment)
    if wish is None:
        return {"wish": None}
    kinds = (ProofForm, GrantForm, RefuseForm)
    forms = [answering if type(answering) is kind else kind(by=request.user, enrolment=enrolment) for kind in kinds]
    answerable = enrolment.session.state not in (Session.State.JURY, Session.State.DECIDED)
    return {"wish": wish, "asked": measure_labels(wish.measures), "answer_forms": forms if answerable else []}


def _incompatibilities(enrolment: Enrolment) -> list[Any]:
    facts = load_facts(enrolment.session)
    roles = (Appointment.Role.EVALUATOR, Appointment.Role.JUROR, Appointment.Role.SUBSTITUTE)
    people = Appointment.objects.filter(session=enrolment.session, role__in=roles).values_list("pk", flat=True)
    found = [one for pk in people for one in facts.between(enrolment.pk, pk)]
    return list(dict.fromkeys(found))


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    enrolment = administered_enrolment(request, pk)
    session = enrolment.session
    form = EnrolmentForm(request.POST or None, by=request.user, session=session, enrolment=enrolment)
    if form.is_valid() and form.save():
        messages.success(request, "L'inscription est enregistrée.")
        return redirect("branch:enrolment", pk)
    context = {
        "form": form,
        "session": session,
        "enrolment": enrolment,
        "known": known_organisations(session),
    }
    return render(request, "branch/enrolment_form.html", context, status=422 if form.is_bound else 200)


@require_POST
def recruitment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say for the candidate whether they contributed to a recruitment. Refused: the page again, with the reason; 409."""
    row = get_object_or_404(EnrolmentBloc.objects.administered_by(request.user), pk=pk)
    form = RecruitmentForm(request.POST, by=request.user, enrolment_bloc=row)
    if form.is_valid() and form.save():
        messages.success(request, "La déclaration est enregistrée.")
        return redirect("branch:enrolment", row.enrolment_id)
    return enrolment_page(request, administered_enrolment(request, row.enrolment_id), bound=form)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take out a candidate enrolled by mistake. Refused: the page again, with the reason; 409."""
    enrolment = administered_enrolment(request, pk)
    try:
        withdraw_enrolment(enrolment=enrolment, by=request.user)
    except ValidationError as refused:
        return enrolment_page(request, enrolment, refused=refused)
    messages.success(request, f"{enrolment.candidate} n'est plus inscrit à la session.")
    return redirect("branch:session", enrolment.session_id)
