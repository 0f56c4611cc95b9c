"""The administrator's référentiels: begun, written, compared with the sealed version, sealed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cqp.responses import file_response
from cqp.spreadsheet_files import write_xlsx
from cqp.spreadsheets import XLSX
from referentiel.content import compare, read
from referentiel.forms.bloc import BlocForm
from referentiel.forms.settings import DraftForm
from referentiel.forms.start import CriteriaForm, FicheForm, NamesForm, VersionForm
from referentiel.imports.criteria import COLUMNS, rows_of
from referentiel.models import Bloc, Referentiel
from referentiel.services.drafts import add_bloc, discard, latest_sealed, remove_bloc, seal, what_is_missing

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
    found = _administered(request, pk)
    if found.is_sealed:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, way: str = "") -> HttpResponse:
    """The ways to begin a référentiel; one of them posted."""
    if not request.user.administered_branches.exists() or (way and way not in WAYS):
        raise Http404
    if request.method == "POST" and not way:
        raise Http404
    forms = {
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
    return render(request, "branch/referentiel_start.html", context, status=422 if way and request.POST else 200)


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
                "competences": sum(len(one.competences.all()) for one in bloc.activities.all()),
                "criteria": sum(len(c.criteria.all()) for one in bloc.activities.all() for c in one.competences.all()),
            }
            for bloc in draft.blocs.all()
        ],
    }
    return render(request, "branch/referentiel.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    form = DraftForm(request.POST or None, referentiel=draft, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "C'est enregistré.")
        return redirect("branch:draft", pk)
    context = {"referentiel": draft, "form": form}
    return render(request, "branch/referentiel_settings.html", context, status=422 if form.is_bound else 200)


def _bloc(request: HttpRequest, pk: int, number: int) -> Bloc:
    draft = _draft(request, pk)
    found = next((one for one in draft.blocs.all() if one.number == number), None)
    if found is None:
        raise Http404
    found.referentiel = draft
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def bloc(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = _bloc(request, pk, number)
    form = BlocForm(request.POST or None, bloc=found, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, f"Le bloc {number} est enregistré.")
        return redirect("branch:draft_bloc", pk, number)
    context = {"referentiel": found.referentiel, "bloc": found, "form": form, "parts": list(form.parts())}
    return render(request, "branch/referentiel_bloc.html", context, status=422 if form.is_bound else 200)


@require_POST
def bloc_add(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    return _done(request, draft, lambda: add_bloc(referentiel=draft, by=request.user), "Un bloc est ajouté.")


@require_POST
def bloc_remove(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = _bloc(request, pk, number)
    told = f"Le bloc {number} est retiré du brouillon."
    return _done(request, found.referentiel, lambda: remove_bloc(bloc=found, by=request.user), told)


def _done(request: HttpRequest, draft: Referentiel, act: Any, told: str) -> HttpResponse:
    try:
        act()
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, told)
    return redirect("branch:draft", draft.pk)


@require_GET
def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """What a référentiel and the version sealed before it differ in, criterion by criterion."""
    found = _administered(request, pk)
    sealed = latest_sealed(found.branch, found.code)
    if sealed and sealed.pk == found.pk:
        earlier = Referentiel.objects.filter(
            branch=found.branch, code=found.code, seal__sealed_at__lt=found.seal.sealed_at
        )
        sealed = earlier.with_content().order_by("-seal__sealed_at").first()
    context = {
        "referentiel": found,
        "sealed": sealed,
        "differences": compare(read(sealed), read(found)) if sealed else [],
    }
    return render(request, "branch/referentiel_comparison.html", context)


@require_POST
def seal_draft(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    try:
        seal(referentiel=draft, by=request.user)
    except ValidationError as refused:
        for words in refused.messages:
            messages.error(request, words)
        return redirect("branch:draft", pk)
    messages.success(request, f"La version {draft.version} est scellée : les sessions peuvent porter sur elle.")
    return redirect("referentiel:detail", pk)


@require_POST
def discard_draft(request: HttpRequest, pk: int) -> HttpResponse:
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
    found = _administered(request, pk)
    content = write_xlsx("Critères", [one.label for one in COLUMNS], rows_of(found))
    return file_response(content, XLSX, f"{slugify(found.code)}-version-{slugify(found.version)}.xlsx")


@require_GET
def criteria_template(request: HttpRequest) -> HttpResponse:
    if not request.user.administered_branches.exists():
        raise Http404
    content = write_xlsx("Critères", [one.label for one in COLUMNS], [[one.example for one in COLUMNS]])
    return file_response(content, XLSX, "modele-criteres.xlsx")
