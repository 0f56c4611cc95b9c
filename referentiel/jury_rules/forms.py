"""The fields of a jury's rules, in a référentiel's draft and on a session."""

from dataclasses import asdict
from typing import Any

from crispy_forms.layout import Column, Fieldset, Row
from django import forms

from referentiel.jury_rules.rules import PRESIDENCIES, TIES, JuryRules


def _number(label: str, least: int, most: int, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text)


class JuryRulesFields(forms.Form):
    minimum_members = _number("Membres du jury, au moins", 1, 20)
    minimum_per_college = _number("De chaque collège, au moins", 0, 10)
    proxies_per_member = _number("Pouvoirs par membre présent", 0, 5, "0 : majorité des présents, sans pouvoir.")
    presidency = forms.ChoiceField(label="Préside", choices=PRESIDENCIES)
    tie = forms.ChoiceField(label="En cas de partage des voix", choices=TIES, help_text="VAE : toujours le président.")
    final_approval = forms.BooleanField(label="La CPNEFP approuve les décisions avant la publication", required=False)
    signed_minutes = forms.BooleanField(label="Le procès-verbal signé est déposé avant la publication", required=False)
    appeal_days = _number("Recours : jours après la publication", 0, 365)
    vae_jury_days = _number("VAE : jours du dépôt au jury", 1, 365, "Délai annoncé au candidat.")
    vae_answer_days = _number("VAE : jours du jury à la réponse", 1, 365, "Délai annoncé au candidat.")

    def rules(self) -> dict[str, Any]:
        """Return the rules as they are kept."""
        return {name: self.cleaned_data[name] for name in asdict(JuryRules())}


def jury_fieldset(legend: str = "Le jury") -> Fieldset:
    def row(*names: str) -> Row:
        return Row(*(Column(name, css_class="col-md-4" if len(names) == 3 else "col-md-6") for name in names))

    return Fieldset(
        legend,
        row("minimum_members", "minimum_per_college", "proxies_per_member"),
        row("presidency", "tie"),
        "final_approval",
        "signed_minutes",
        row("appeal_days", "vae_jury_days", "vae_answer_days"),
    )
