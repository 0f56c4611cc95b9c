"""What the forms of every app share: a service's refusal shown beside the fields; a spreadsheet and its columns."""

from collections.abc import Callable
from typing import Any

from django import forms

from cqp.spreadsheets.columns import Reading
from cqp.spreadsheets.formats import MAX_BYTES, TOO_HEAVY
from cqp.web.forms import save_or_show


class SpreadsheetForm(forms.Form):
    file = forms.FileField(
        label="Fichier",
        help_text="XLSX, ODS ou CSV, 5 000 lignes et 10 Mo au plus.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods,.csv,.txt"}),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide : choisissez-en un autre."},
    )

    def clean_file(self) -> Any:
        if self.cleaned_data["file"].size > MAX_BYTES:
            raise forms.ValidationError(TOO_HEAVY)
        return self.cleaned_data["file"]


class ColumnsForm(forms.Form):
    """Sheet, header row, then a choice of the file's columns for each that is understood. The same column is used once."""

    header = forms.IntegerField(label="Ligne des titres", min_value=1, max_value=5000)

    def __init__(self, *args: Any, reading: Reading, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reading = reading
        if len(reading.book.sheets) > 1:
            names = [(sheet.name, sheet.name) for sheet in reading.book.sheets]
            self.fields["sheet"] = forms.ChoiceField(label="Feuille", choices=names, initial=reading.sheet.name)
        self.fields["header"].initial = reading.table.header
        choices = [
            ("", "Pas dans ce fichier"),
            *((str(heading.rank), heading.name) for heading in reading.table.headings),
        ]
        for column in reading.columns:
            self.fields[f"column_{column.key}"] = forms.ChoiceField(
                label=column.label,
                required=False,
                choices=choices,
                initial=str(reading.mapping.get(column.key, "")),
                help_text=column.help,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        taken: dict[str, str] = {}
        for column in self.reading.columns:
            rank = data.get(f"column_{column.key}")
            if rank and rank in taken:
                self.add_error(f"column_{column.key}", f"Cette colonne est déjà celle de « {taken[rank]} ».")
            elif rank:
                taken[rank] = column.label
        return data

    def save(self, set_columns: Callable[..., None]) -> None:
        """Give `set_columns` the sheet, the header's row (0: as it is found) and the mapping (None: as proposed)."""
        data = self.cleaned_data
        keys = [column.key for column in self.reading.columns if data.get(f"column_{column.key}")]
        mapping = {key: int(data[f"column_{key}"]) for key in keys}
        sheet, header = data.get("sheet", self.reading.sheet.name), data["header"]
        moved = (sheet, header) != (self.reading.sheet.name, self.reading.table.header)
        if sheet != self.reading.sheet.name:
            header = 0
        chosen = None if moved else mapping
        save_or_show(self, lambda: set_columns(mapping=chosen, sheet=sheet, header=header))
