"""The figures of a session, or of several on a référentiel: on screen, as a spreadsheet, as a PDF; and a centre's own."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from candidates.models import EnrolmentBloc, Organisation, Session
from candidates.sessions.queries import administered_session
from cqp.documents.rendering import render_pdf
from cqp.spreadsheets.formats import XLSX
from cqp.spreadsheets.writing import write_xlsx
from cqp.web.responses import file_response
from evaluations.figures.centre_queries import centre_figures
from evaluations.figures.queries import Figures, read_figures
from evaluations.figures.statistics import LEAST_DISCRIMINATION, SMALLEST
from evaluations.models import Decision
from referentiel.models import Referentiel

FEW = f"moins de {SMALLEST}"


@require_GET
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    centres = Organisation.objects.filter(pk__in=session.enrolments.values("training_centre")).order_by("name")
    context = _context(read_figures(session.referentiel, [session]))
    return render(
        request,
        "branch/figures/figures.html",
        context | {"session": session, "centres": centres if session.is_published else ()},
    )


@require_GET
def spreadsheet(request: HttpRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    return _spreadsheet(read_figures(session.referentiel, [session]), session.title)


@require_GET
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    return _pdf(read_figures(session.referentiel, [session]), session.referentiel, [session], session.title)


def _several(request: HttpRequest, pk: int) -> tuple[Referentiel, list[Session], list[Session]]:
    """Return a référentiel, its sessions that the person administers, and those chosen (`s`), all by default."""
    rows = Referentiel.objects.administered_by(request.user).filter(seal__isnull=False).select_related("branch")
    referentiel = get_object_or_404(rows, pk=pk)
    every = list(referentiel.sessions.administered_by(request.user).order_by("interviews_from", "pk"))
    chosen_pks = set(request.GET.getlist("s"))
    chosen = [session for session in every if str(session.pk) in chosen_pks] or every
    return referentiel, every, chosen


@require_GET
def several(request: HttpRequest, pk: int) -> HttpResponse:
    referentiel, every, chosen = _several(request, pk)
    context = _context(read_figures(referentiel, chosen))
    more = {"referentiel": referentiel, "sessions": [(session, session in chosen) for session in every]}
    return render(request, "branch/figures/figures.html", context | more)


@require_GET
def several_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    referentiel, _, chosen = _several(request, pk)
    return _spreadsheet(read_figures(referentiel, chosen), f"{referentiel.code} version {referentiel.version}")


@require_GET
def several_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    referentiel, _, chosen = _several(request, pk)
    name = f"{referentiel.code} version {referentiel.version}"
    return _pdf(read_figures(referentiel, chosen), referentiel, chosen, name)


def _context(figures: Figures) -> dict[str, Any]:
    return {"figures": figures, "smallest": SMALLEST, "least": LEAST_DISCRIMINATION}


def _pdf(figures: Figures, referentiel: Referentiel, sessions: Sequence[Session], name: str) -> HttpResponse:
    context = _context(figures) | {"referentiel": referentiel, "sessions": sessions, "today": timezone.localdate()}
    content = render_pdf(render_to_string("pdf/figures.html", context))
    return file_response(content, "application/pdf", f"chiffres-{slugify(name)}.pdf")


def _spreadsheet(figures: Figures, name: str) -> HttpResponse:
    """One line per criterion, with its bloc's rate: what is masked on the page is masked here."""
    rates = {bloc_figures.bloc.pk: bloc_figures for bloc_figures in figures.blocs}
    header = [
        "Bloc",
        "Réussite du bloc (%)",
        "Compétence",
        "Compétence acquise (%)",
        "Critère",
        "Personnes",
        "Points obtenus (%)",
        "Discrimination",
    ]
    lines = []
    for bloc, competence, criterion in figures.rows:
        rate, is_shown = rates[bloc.pk].rate, criterion.mean is not None
        lines.append(
            [
                bloc.number,
                rate if rate is not None else FEW,
                competence.competence.code,
                competence.rate if competence.rate is not None else FEW,
                criterion.criterion.text,
                criterion.people if is_shown else FEW,
                criterion.mean if is_shown else "",
                round(criterion.discrimination, 2) if criterion.discrimination is not None else "",
            ]
        )
    return file_response(write_xlsx("Chiffres", header, lines), XLSX, f"chiffres-{slugify(name)}.xlsx")


@require_GET
def centre(request: HttpRequest, pk: int, organisation: int) -> HttpResponse:
    """What a training centre is given of a published session: its candidates' outcomes, and its rates by bloc."""
    session = administered_session(request, pk)
    enrolled = session.enrolments.values("training_centre")
    training_centre = get_object_or_404(Organisation, pk=organisation, pk__in=enrolled)
    if not session.is_published:
        raise Http404
    rows = (
        EnrolmentBloc.objects.filter(enrolment__session=session, enrolment__training_centre=training_centre)
        .select_related("bloc", "enrolment__candidate")
        .order_by(
            "enrolment__candidate__birth_name", "enrolment__candidate__first_names", "enrolment_id", "bloc__number"
        )
    )
    decisions = Decision.objects.filter(enrolment_bloc__in=rows, superseded_by=None)
    outcomes = {decision.enrolment_bloc_id: decision.get_outcome_display() for decision in decisions}
    people = [
        [
            row.enrolment.candidate.birth_name,
            row.enrolment.candidate.first_names,
            row.bloc.number,
            row.bloc.title,
            outcomes.get(row.pk, ""),
        ]
        for row in rows
    ]
    rates = [
        [
            figures.bloc.number,
            figures.bloc.title,
            figures.decided if figures.rate is not None else FEW,
            figures.rate if figures.rate is not None else "",
            figures.session_rate if figures.session_rate is not None else "",
        ]
        for figures in centre_figures(session, training_centre)
    ]
    header = ["Bloc", "Intitulé", "Candidats décidés", "Réussite (%)", "Réussite de la session (%)"]
    content = write_xlsx(
        "Résultats", ["Nom", "Prénoms", "Bloc", "Intitulé", "Décision du jury"], people, ("Chiffres", header, rates)
    )
    return file_response(content, XLSX, f"resultats-{slugify(training_centre.name)}-{slugify(session.title)}.xlsx")
