"""The forms of an import: the file, then which of its columns is which."""

from typing import Any

from django import forms

from candidates.forms import save_or_show
from candidates.models import Import, Session
from candidates.services.imports import DryRun, set_columns, start_import
from cqp.models import User
from cqp.spreadsheets import MAX_BYTES, TOO_HEAVY

ACCEPTED = ".xlsx,.ods,.csv,.txt"


class ImportFileForm(forms.Form):
    file = forms.FileField(
        label="Fichier",
        help_text="XLSX, ODS ou CSV, 5 000 lignes et 10 Mo au plus.",
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide : choisissez-en un autre."},
    )

    def clean_file(self) -> Any:
        if self.cleaned_data["file"].size > MAX_BYTES:
            raise forms.ValidationError(TOO_HEAVY)
        return self.cleaned_data["file"]

    def save(self, session: Session, kind: str, by: User) -> Import | None:
        file = self.cleaned_data["file"]
        return save_or_show(
            self, lambda: start_import(session=session, kind=kind, name=file.name, content=file.read(), by=by)
        )


class ColumnsForm(forms.Form):
    """Sheet, header row, then a choice of the file's columns for each that is understood. The same column is used once."""

    header = forms.IntegerField(label="Ligne des titres", min_value=1, max_value=5000)

    def __init__(self, *args: Any, run: DryRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        if len(run.book.sheets) > 1:
            names = [(sheet.name, sheet.name) for sheet in run.book.sheets]
            self.fields["sheet"] = forms.ChoiceField(label="Feuille", choices=names, initial=run.sheet.name)
        self.fields["header"].initial = run.table.header
        choices = [("", "Pas dans ce fichier"), *((str(one.rank), one.name) for one in run.table.headings)]
        for column in run.columns:
            self.fields[f"column_{column.key}"] = forms.ChoiceField(
                label=column.label,
                required=False,
                choices=choices,
                initial=str(run.mapping.get(column.key, "")),
                help_text=column.help,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        taken: dict[str, str] = {}
        for column in self.run.columns:
            rank = data.get(f"column_{column.key}")
            if rank and rank in taken:
                self.add_error(f"column_{column.key}", f"Cette colonne est déjà celle de « {taken[rank]} ».")
            elif rank:
                taken[rank] = column.label
        return data

    def save(self, found: Import, by: User) -> None:
        data = self.cleaned_data
        keys = [column.key for column in self.run.columns if data.get(f"column_{column.key}")]
        mapping = {key: int(data[f"column_{key}"]) for key in keys}
        sheet, header = data.get("sheet", self.run.sheet.name), data["header"]
        moved = (sheet, header) != (self.run.sheet.name, self.run.table.header)
        if sheet != self.run.sheet.name:
            header = 0
        chosen = None if moved else mapping
        save_or_show(self, lambda: set_columns(found=found, mapping=chosen, sheet=sheet, header=header, by=by))
