"""What a branch says in a mail, zone by zone."""

from typing import Any

from django import forms

from cqp.mail_texts import EDITABLE, unknown_names, zones_of
from cqp.models import User
from referentiel.models import Branch
from referentiel.services.texts import write_texts
from referentiel.texts import branch_texts


class TextsForm(forms.Form):
    """One field per zone; an empty one stands for our words."""

    def __init__(self, data: Any = None, *, branch: Branch, template: str, by: User) -> None:
        self.branch, self.template, self.by = branch, template, by
        super().__init__(data, initial=branch_texts(branch.pk, template))
        for zone in zones_of(template):
            if zone.key == "subject":
                self.fields[zone.key] = forms.CharField(label=zone.label, max_length=150, required=False)
            else:
                self.fields[zone.key] = forms.CharField(
                    label=zone.label,
                    max_length=3000,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 5}),
                    help_text="Vide : le texte d'origine, que montre l'aperçu."
                    if zone.key != "closing"
                    else "Vide : rien.",
                )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for zone, words in list(data.items()):
            if unknown := unknown_names(words or "", self.template):
                names = ", ".join(f"{{{name}}}" for name in EDITABLE[self.template].names)
                self.add_error(zone, f"{{{unknown[0]}}} n'existe pas dans ce courriel. Vous pouvez écrire {names}.")
        return data

    @property
    def words(self) -> dict[str, str]:
        """What is written now, valid or not."""
        source = self.data if self.is_bound else self.initial
        return {zone: str(source.get(zone) or "").replace("\r\n", "\n").strip() for zone in self.fields}

    def save(self) -> None:
        write_texts(branch=self.branch, template=self.template, words=self.words, by=self.by)
