"""Where an evaluator starts: the interviews by session and day, the undertaking that opens them, stepping aside."""

from collections import defaultdict
from itertools import groupby

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from candidates.appointments.services import sign_undertaking
from candidates.appointments.stepping_aside import OPEN
from candidates.models import Appointment, Assignment, Session
from candidates.sessions.dates import zone_text
from cqp.models import User
from cqp.web.requests import PersonRequest
from evaluations.assignments.forms import DeclineForm
from evaluations.assignments.next_step import Row, next_step
from evaluations.assignments.queries import get_assignment
from evaluations.assignments.services import decline_refusal
from evaluations.models import ScoringSheet


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """Every session that the person evaluates: those with something to do first; in each, today, then later, then before."""
    rows = _rows(request.user)
    appointments = (
        Appointment.objects.filter(user=request.user, role=Appointment.Role.EVALUATOR)
        .select_related("session__branch", "session__referentiel")
        .order_by("-session__interviews_from", "-session")
    )
    sections = [
        (
            appointment,
            _by_day(rows[appointment.pk], timezone.localdate(timezone=appointment.session.zone)),
            zone_text(appointment.session.zone),
        )
        for appointment in sorted(appointments, key=lambda appointment: _rank(appointment, rows[appointment.pk]))
    ]
    return render(request, "evaluator/home.html", {"sections": sections})


def _rank(appointment: Appointment, rows: list[Row]) -> int:
    """Order the sessions: those under way with interviews of one's own, those to come, those that are over."""
    if appointment.session.state in (Session.State.JURY, Session.State.DECIDED):
        return 2
    return 0 if rows else 1


def _rows(user: User) -> dict[int, list[Row]]:
    """Return the person's interviews by appointment, in the order of time."""
    assignments = (
        Assignment.objects.filter(appointment__user=user)
        .select_related(
            "appointment__session",
            "interview__enrolment_bloc__bloc",
            "interview__enrolment_bloc__enrolment__candidate",
            "interview__room",
        )
        .order_by("interview__start", "interview")
    )
    sheets: dict[int, list[ScoringSheet]] = defaultdict(list)
    for sheet in (
        ScoringSheet.objects.visible_to(user)
        .filter(Q(assignment__appointment__user=user) | Q(assignment=None))
        .annotate(scored=Count("scores", Q(scores__level__isnull=False)), total=Count("scores"))
        .prefetch_related("signatures")
    ):
        sheets[sheet.interview_id].append(sheet)
    rows = defaultdict(list)
    for assignment in assignments:
        day = timezone.localdate(assignment.interview.start, assignment.appointment.session.zone)
        step = next_step(assignment, sheets[assignment.interview_id])
        rows[assignment.appointment_id].append(Row(assignment, day, step))
    return rows


def _by_day(rows: list[Row], today: object) -> dict[str, list]:
    """Split rows into today's, the coming days' and the past days', each as (day, rows)."""
    days = [(day, list(of_day)) for day, of_day in groupby(rows, key=lambda row: row.day)]
    return {
        "today": [(day, of_day) for day, of_day in days if day == today],
        "coming": [(day, of_day) for day, of_day in days if day > today],
        "past": [(day, of_day) for day, of_day in days if day < today],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def undertaking(request: PersonRequest, session: int) -> HttpResponse:
    """The undertaking of confidentiality, read then signed, once for the session."""
    appointments = Appointment.objects.select_related("session__branch", "session__referentiel", "user")
    appointment = get_object_or_404(appointments, session=session, user=request.user, role=Appointment.Role.EVALUATOR)
    if request.method != "POST":
        return render(request, "evaluator/undertaking.html", {"appointment": appointment})
    if "read" not in request.POST:
        context = {"appointment": appointment, "refusal": "Cochez la case pour dire que vous avez lu l'engagement."}
        return render(request, "evaluator/undertaking.html", context, status=422)
    sign_undertaking(appointment, by=request.user)
    messages.success(request, "Engagement signé. Les dossiers de vos entretiens sont ouverts.")
    return redirect("evaluator:home")


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: PersonRequest, interview: int) -> HttpResponse:
    """The page to step aside: nothing of the dossier is on it. Too late: it says why; 409."""
    assignment = get_assignment(request.user, interview, active=False)
    if assignment.state == Assignment.State.DECLINED:
        messages.info(request, "Vous vous êtes déjà récusé : cet entretien n'est plus le vôtre.")
        return redirect("evaluator:home")
    if assignment.state != Assignment.State.ACTIVE or assignment.interview.state not in OPEN:
        raise Http404
    refusal = decline_refusal(assignment)
    form = DeclineForm(request.POST if request.method == "POST" else None, by=request.user, assignment=assignment)
    if not refusal and form.is_valid() and form.save():
        messages.success(request, "C'est noté : cet entretien n'est plus le vôtre. La branche en est prévenue.")
        return redirect("evaluator:home")
    context = {"interview": assignment.interview, "form": form, "refusal": refusal}
    status = (409 if refusal else 422) if form.is_bound else 200
    return render(request, "evaluator/decline.html", context, status=status)
