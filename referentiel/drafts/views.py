"""The administrator's référentiels: begun, written, compared with the sealed version, sealed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cqp.spreadsheets.formats import XLSX
from cqp.spreadsheets.writing import write_xlsx
from cqp.web.requests import PersonRequest
from cqp.web.responses import file_response
from referentiel.drafts.content import compare, read
from referentiel.drafts.criteria_columns import COLUMNS, rows_of
from referentiel.drafts.forms_bloc import BlocForm
from referentiel.drafts.forms_settings import DraftForm
from referentiel.drafts.forms_start import CriteriaForm, FicheForm, NamesForm, VersionForm
from referentiel.drafts.services import add_bloc, discard, latest_sealed, remove_bloc, seal, what_is_missing
from referentiel.models import Bloc, Referentiel

# How a référentiel begins, in the order of the page.
WAYS = {
    "version": (VersionForm, "Partir d'une version scellée"),
    "criteres": (CriteriaForm, "Partir d'un tableau de critères"),
    "fiche": (FicheForm, "Partir d'une fiche du RNCP"),
    "vide": (NamesForm, "Partir de rien"),
}


def _administered(request: HttpRequest, pk: int) -> Referentiel:
    rows = Referentiel.objects.administered_by(request.user).with_content()
    return get_object_or_404(rows, pk=pk)


def _draft(request: HttpRequest, pk: int) -> Referentiel:
    """Return a draft of a branch that the person administers, with its content. Raises Http404."""
    draft = _administered(request, pk)
    if draft.is_sealed:
        raise Http404
    return draft


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: PersonRequest, way: str = "") -> HttpResponse:
    """The ways to begin a référentiel; one of them posted."""
    if not request.user.administered_branches.exists() or (way and way not in WAYS):
        raise Http404
    if request.method == "POST" and not way:
        raise Http404
    forms: dict[str, Any] = {
        name: form_class(
            request.POST if posted else None,
            **({"files": request.FILES} if posted else {}),
            prefix=name,
            by=request.user,
        )
        for name, (form_class, _) in WAYS.items()
        for posted in [request.method == "POST" and name == way]
    }
    if request.method == "POST" and forms[way].is_valid() and (made := forms[way].save()):
        if way == "criteres":
            return redirect("branch:criteria", made.pk)
        messages.success(request, "Le brouillon est créé. Il ne sert à aucune session avant d'être scellé.")
        return redirect("branch:draft", made.pk)
    if not forms["version"].fields["based_on"].queryset.exists():
        del forms["version"]
    ways = [(name, WAYS[name][1], form) for name, form in forms.items()]
    context = {"ways": ways, "columns": COLUMNS, "chosen": way}
    return render(
        request, "branch/referentiel/referentiel_start.html", context, status=422 if way and request.POST else 200
    )


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    return _page(request, draft)


def _page(request: HttpRequest, draft: Referentiel, status: int = 200) -> HttpResponse:
    context = {
        "referentiel": draft,
        "missing": what_is_missing(draft),
        "sealed": latest_sealed(draft.branch, draft.code),
        "blocs": [
            {
                "bloc": bloc,
                "activities": len(bloc.activities.all()),
                "competences": sum(len(activity.competences.all()) for activity in bloc.activities.all()),
                "criteria": sum(
                    len(competence.criteria.all())
                    for activity in bloc.activities.all()
                    for competence in activity.competences.all()
                ),
            }
            for bloc in draft.blocs.all()
        ],
    }
    return render(request, "branch/referentiel/referentiel.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: PersonRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    form = DraftForm(request.POST or None, referentiel=draft, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "C'est enregistré.")
        return redirect("branch:draft", pk)
    context = {"referentiel": draft, "form": form}
    return render(
        request, "branch/referentiel/referentiel_settings.html", context, status=422 if form.is_bound else 200
    )


def _bloc(request: HttpRequest, pk: int, number: int) -> Bloc:
    draft = _draft(request, pk)
    bloc = next((candidate for candidate in draft.blocs.all() if candidate.number == number), None)
    if bloc is None:
        raise Http404
    bloc.referentiel = draft
    return bloc


@require_http_methods(["GET", "HEAD", "POST"])
def bloc(request: PersonRequest, pk: int, number: int) -> HttpResponse:
    bloc = _bloc(request, pk, number)
    form = BlocForm(request.POST or None, bloc=bloc, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, f"Le bloc {number} est enregistré.")
        return redirect("branch:draft_bloc", pk, number)
    context = {"referentiel": bloc.referentiel, "bloc": bloc, "form": form, "parts": list(form.parts())}
    return render(request, "branch/referentiel/referentiel_bloc.html", context, status=422 if form.is_bound else 200)


@require_POST
def bloc_add(request: PersonRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    return _done(request, draft, lambda: add_bloc(referentiel=draft, by=request.user), "Un bloc est ajouté.")


@require_POST
def bloc_remove(request: PersonRequest, pk: int, number: int) -> HttpResponse:
    bloc = _bloc(request, pk, number)
    message = f"Le bloc {number} est retiré du brouillon."
    return _done(request, bloc.referentiel, lambda: remove_bloc(bloc=bloc, by=request.user), message)


def _done(request: HttpRequest, draft: Referentiel, act: Any, message: str) -> HttpResponse:
    try:
        act()
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, message)
    return redirect("branch:draft", draft.pk)


@require_GET
def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """What a référentiel and the version sealed before it differ in, criterion by criterion."""
    referentiel = _administered(request, pk)
    sealed = latest_sealed(referentiel.branch, referentiel.code)
    if sealed and sealed.pk == referentiel.pk:
        earlier = Referentiel.objects.filter(
            branch=referentiel.branch, code=referentiel.code, seal__sealed_at__lt=referentiel.seal.sealed_at
        )
        sealed = earlier.with_content().order_by("-seal__sealed_at").first()
    context = {
        "referentiel": referentiel,
        "sealed": sealed,
        "differences": compare(read(sealed), read(referentiel)) if sealed else [],
    }
    return render(request, "branch/referentiel/referentiel_comparison.html", context)


@require_POST
def seal_draft(request: PersonRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    try:
        seal(referentiel=draft, by=request.user)
    except ValidationError as refused:
        for message in refused.messages:
            messages.error(request, message)
        return redirect("branch:draft", pk)
    messages.success(request, f"La version {draft.version} est scellée : les sessions peuvent porter sur elle.")
    return redirect("referentiel:detail", pk)


@require_POST
def discard_draft(request: PersonRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    try:
        discard(referentiel=draft, by=request.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("branch:draft", pk)
    messages.success(request, f"Le brouillon « {draft.title} », version {draft.version}, est abandonné.")
    return redirect("referentiel:list")


@require_GET
def criteria_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The same spreadsheet that can be sent: one row per criterion."""
    referentiel = _administered(request, pk)
    content = write_xlsx("Critères", [column.label for column in COLUMNS], rows_of(referentiel))
    return file_response(content, XLSX, f"{slugify(referentiel.code)}-version-{slugify(referentiel.version)}.xlsx")


@require_GET
def criteria_template(request: PersonRequest) -> HttpResponse:
    if not request.user.administered_branches.exists():
        raise Http404
    content = write_xlsx("Critères", [column.label for column in COLUMNS], [[column.example for column in COLUMNS]])
    return file_response(content, XLSX, "modele-criteres.xlsx")
