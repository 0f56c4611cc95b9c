"""The figures of a session, on a page and as a spreadsheet."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from candidates.views.branch.sessions import administered_session
from cqp.responses import file_response
from cqp.spreadsheet_files import write_xlsx
from cqp.spreadsheets import XLSX
from evaluations.figures import read_figures
from evaluations.statistics import LEAST_DISCRIMINATION, SMALLEST


@require_GET
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    session = administered_session(request, pk)
    context = {
        "session": session,
        "figures": read_figures(session),
        "smallest": SMALLEST,
        "least": LEAST_DISCRIMINATION,
    }
    return render(request, "branch/figures.html", context)


@require_GET
def spreadsheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One line per criterion, with its bloc's rate: what is masked on the page is masked here."""
    session = administered_session(request, pk)
    found = read_figures(session)
    rates = {one.bloc.pk: one for one in found.blocs}
    header = [
        "Bloc",
        "Réussite du bloc (%)",
        "Compétence",
        "Critère",
        "Personnes",
        "Points obtenus (%)",
        "Discrimination",
    ]
    lines = []
    for bloc, criteria in found.criteria:
        rate = rates[bloc.pk].rate
        for one in criteria:
            told = one.mean is not None
            lines.append(
                [
                    bloc.number,
                    rate if rate is not None else f"moins de {SMALLEST}",
                    one.criterion.competence.code,
                    one.criterion.text,
                    one.people if told else f"moins de {SMALLEST}",
                    one.mean if told else "",
                    round(one.discrimination, 2) if one.discrimination is not None else "",
                ]
            )
    return file_response(write_xlsx("Chiffres", header, lines), XLSX, f"chiffres-{slugify(session.title)}.xlsx")
