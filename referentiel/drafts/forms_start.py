"""How a référentiel begins: empty, from a version, from a spreadsheet, from a fiche of the RNCP."""

from typing import Any

from django import forms

from cqp.models import User
from cqp.spreadsheets.forms import SpreadsheetForm
from cqp.web.forms import save_or_show
from referentiel.drafts.rncp import FicheRefused, read_fiche
from referentiel.drafts.services import create_draft, latest_sealed
from referentiel.drafts.spreadsheet_services import keep_spreadsheet
from referentiel.models import Branch, CriteriaSpreadsheet, Referentiel

MAX_FICHE = 50 * 1024 * 1024


class _BranchForm(forms.Form):
    """The branch is asked for where a person administers several."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.branches = list(by.administered_branches.all())
        if len(self.branches) > 1:
            self.fields["branch"] = forms.ModelChoiceField(by.administered_branches.all(), label="Branche")
            self.order_fields(["branch"])

    @property
    def branch(self) -> Branch:
        return self.cleaned_data.get("branch") or self.branches[0]


class NamesForm(_BranchForm):
    title = forms.CharField(label="Intitulé de la certification", max_length=255)
    code = forms.CharField(
        label="Code", max_length=50, help_text="Celui de la branche. Le même pour toutes les versions : CQP-MEV-B2B."
    )
    version = forms.CharField(label="Version", max_length=20, initial="1")

    def save(self) -> Referentiel | None:
        data = self.cleaned_data
        names = {name: data[name] for name in ("title", "code", "version")}
        return save_or_show(self, lambda: create_draft(branch=self.branch, by=self.by, **names))


class VersionForm(forms.Form):
    """A new version of a référentiel that is sealed: all its content, to be changed."""

    based_on = forms.ModelChoiceField(Referentiel.objects.none(), label="Référentiel", empty_label="Choisissez…")
    version = forms.CharField(label="Nouvelle version", max_length=20)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        sealed = Referentiel.objects.administered_by(by).filter(seal__isnull=False)
        self.fields["based_on"].queryset = sealed.order_by("title", "version")

    def save(self) -> Referentiel | None:
        based_on = Referentiel.objects.with_content().get(pk=self.cleaned_data["based_on"].pk)
        return save_or_show(
            self,
            lambda: create_draft(
                branch=based_on.branch,
                code=based_on.code,
                version=self.cleaned_data["version"],
                title=based_on.title,
                by=self.by,
                based_on=based_on,
            ),
        )


class CriteriaForm(SpreadsheetForm, NamesForm):
    field_order = ("branch", "title", "code", "version", "file")

    def save(self) -> CriteriaSpreadsheet | None:  # type: ignore[override]
        data = self.cleaned_data
        names = {name: data[name] for name in ("title", "code", "version")}
        file = data["file"]
        return save_or_show(
            self,
            lambda: keep_spreadsheet(branch=self.branch, name=file.name, content=file.read(), by=self.by, **names),
        )


class FicheForm(_BranchForm):
    file = forms.FileField(
        label="Fichier XML du RNCP",
        help_text="L'export de France compétences, ou une fiche qui en est extraite ; 50 Mo au plus.",
        widget=forms.FileInput(attrs={"accept": ".xml"}),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide : choisissez-en un autre."},
    )
    number = forms.CharField(
        label="Numéro de la fiche",
        max_length=20,
        required=False,
        help_text="RNCP35663. Vide si le fichier n'en a qu'une.",
    )
    version = forms.CharField(label="Version", max_length=20, initial="1")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file and file.size > MAX_FICHE:
            self.add_error("file", "Ce fichier dépasse 50 Mo : extrayez la fiche qu'il faut, et envoyez-la seule.")
        elif file:
            try:
                data["fiche"] = read_fiche(file, data.get("number", ""))
            except FicheRefused as bad:
                self.add_error("number" if "numéro" in bad.message else "file", bad.message)
        return data

    def save(self) -> Referentiel | None:
        fiche = self.cleaned_data["fiche"]
        more = {"rncp_code": fiche.number, "level": fiche.level, "nsf": fiche.nsf}
        based_on = latest_sealed(self.branch, fiche.number)
        return save_or_show(
            self,
            lambda: create_draft(
                branch=self.branch,
                code=fiche.number,
                version=self.cleaned_data["version"],
                title=fiche.title,
                by=self.by,
                based_on=based_on,
                blocs=fiche.blocs,
                **more,
            ),
        )
