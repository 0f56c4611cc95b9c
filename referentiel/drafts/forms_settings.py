"""What a draft says outside its blocs: names, scale, rule, access routes, incompatibilities, jury."""

from dataclasses import asdict
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Field, Fieldset, Layout, Row, Submit
from django import forms
from django.utils.text import slugify

from cqp.core.text import normalise
from cqp.models import User
from cqp.web.forms import save_or_show
from referentiel.drafts import defaults
from referentiel.drafts.forms_bloc import LinesField
from referentiel.drafts.services import update_draft
from referentiel.jury_rules.forms import JuryRulesFields, jury_fieldset
from referentiel.jury_rules.rules import JuryRules
from referentiel.models import Referentiel

LEVELS = 8
KINDS = {
    "declared": "Lien déclaré par l'un ou l'autre",
    "same_employer": "Même employeur, présent ou passé",
    "referent_trainer": "Formateur référent ou tuteur",
    "same_training_centre": "Même centre de formation",
}
PLAIN = ("code", "version", "title", "rncp_code", "level", "nsf", "rule", "rule_note", "separate_sheets")


def _percent(label: str, least: int = 1, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=100, required=False, **more)


class DraftForm(JuryRulesFields):
    title = forms.CharField(label="Intitulé de la certification", max_length=255)
    code = forms.CharField(label="Code", max_length=50)
    version = forms.CharField(label="Version", max_length=20)
    rncp_code = forms.CharField(label="Code RNCP", max_length=20, required=False)
    level = forms.IntegerField(label="Niveau", min_value=1, max_value=8, required=False)
    nsf = forms.CharField(label="Code NSF", max_length=20, required=False)
    rule = forms.ChoiceField(label="Un bloc est proposé comme validé selon", choices=Referentiel.Rule)
    competence_percent = _percent("Compétence acquise à partir de (% des points)")
    minimum_addressed_percent = _percent("Part des critères à aborder (%)", 0)
    bloc_percent = _percent("Bloc validé à partir de (% des points)")
    required_criteria = forms.IntegerField(
        label="Critères au plus haut niveau, par compétence",
        min_value=0,
        max_value=999,
        required=False,
        help_text="0 : tous.",
    )
    required_competences = forms.IntegerField(
        label="Compétences acquises, par bloc", min_value=0, max_value=999, required=False, help_text="0 : toutes."
    )
    rule_note = forms.CharField(
        label="Mention sur la règle",
        max_length=500,
        required=False,
        help_text="Affichée avec le barème et sur les rapports.",
    )
    separate_sheets = forms.BooleanField(label="Chaque évaluateur note d'abord seul", required=False)
    bloc_validity_months = forms.IntegerField(
        label="Durée de validité d'un bloc (mois)",
        min_value=1,
        max_value=600,
        required=False,
        help_text="Vide : acquis à vie.",
    )
    routes = LinesField(noun="Une voie d'accès", rows=5, label="Voies d'accès", help_text="Une par ligne.")

    def __init__(self, data: Any = None, *, referentiel: Referentiel, by: User) -> None:
        self.referentiel, self.by = referentiel, by
        super().__init__(data, initial=_initial(referentiel))
        for kind, label in KINDS.items():
            self.fields[f"kind_{kind}"] = forms.ChoiceField(label=label, choices=Referentiel.Policy)
        for rank in range(LEVELS):
            self.fields[f"level{rank}_label"] = forms.CharField(
                label=f"Niveau {rank + 1}", max_length=100, required=False
            )
            self.fields[f"level{rank}_points"] = forms.IntegerField(
                label="Points", min_value=0, max_value=100, required=False
            )
            self.fields[f"level{rank}_note"] = forms.BooleanField(label="Motif obligatoire", required=False)
        self.helper = FormHelper()
        self.helper.layout = _layout()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        limits = Referentiel.RULE_PARAMETERS.get(data.get("rule", ""), {})
        for name in limits:
            if name in data and data[name] is None:
                self.add_error(name, "Cette règle en a besoin : écrivez un nombre entier.")
        if not data.get("routes") and "routes" not in self.errors:
            self.add_error("routes", "Écrivez au moins une voie d'accès.")
        labels = [data.get(f"level{rank}_label") for rank in range(LEVELS)]
        for rank, label in enumerate(labels):
            if not label and (data.get(f"level{rank}_points") is not None or data.get(f"level{rank}_note")):
                self.add_error(f"level{rank}_label", "Nommez ce niveau, ou videz sa ligne.")
            if label and label in labels[:rank]:
                self.add_error(f"level{rank}_label", "Un autre niveau a ce nom.")
        if not any(data.get(f"level{rank}_label") and data.get(f"level{rank}_points") for rank in range(LEVELS)):
            self.add_error("level0_label", "Le barème doit avoir au moins un niveau qui donne des points.")
        return data

    def save(self) -> bool:
        data = self.cleaned_data
        known = {normalise(route["label"]): route["code"] for route in self.referentiel.access_routes}
        known |= {normalise(label): code for code, label in defaults.ACCESS_ROUTES.items()}
        values = {name: data[name] for name in PLAIN} | {
            "bloc_validity_months": data["bloc_validity_months"],
            "rule_parameters": {name: data[name] for name in Referentiel.RULE_PARAMETERS[data["rule"]]},
            "access_routes": [
                {"code": known.get(normalise(label), slugify(label)[:40] or f"voie-{n}"), "label": label}
                for n, label in enumerate(data["routes"], 1)
            ],
            "incompatibility_policy": {kind: data[f"kind_{kind}"] for kind in KINDS},
            "jury_rules": self.referentiel.jury_rules | self.rules(),
        }
        scale = [
            (data[f"level{rank}_label"], data[f"level{rank}_points"], data[f"level{rank}_note"])
            for rank in range(LEVELS)
            if data[f"level{rank}_label"]
        ]

        def write() -> bool:
            update_draft(referentiel=self.referentiel, values=values, scale=scale, by=self.by)
            return True

        return bool(save_or_show(self, write))


def _initial(referentiel: Referentiel) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(referentiel, name) for name in PLAIN}
    values |= dict(defaults.RULE_PARAMETERS) | {"required_criteria": 0, "required_competences": 0}
    values |= referentiel.rule_parameters
    values["bloc_validity_months"] = referentiel.bloc_validity_months
    values["routes"] = "\n".join(route["label"] for route in referentiel.access_routes)
    values |= asdict(JuryRules.of(defaults.JURY_RULES, referentiel.jury_rules))
    policy = dict(defaults.INCOMPATIBILITIES) | referentiel.incompatibility_policy
    values |= {f"kind_{kind}": policy[kind] for kind in KINDS}
    for rank, level in enumerate(referentiel.scale_levels.all()):
        values |= {
            f"level{rank}_label": level.label,
            f"level{rank}_points": level.points,
            f"level{rank}_note": level.needs_note,
        }
    return values


def _row(*columns: tuple[str, int]) -> Row:
    return Row(*(Column(name, css_class=f"col-md-{width}") for name, width in columns))


def _layout() -> Layout:
    scale = [
        Row(
            Column(f"level{rank}_label", css_class="col-md-6"),
            Column(f"level{rank}_points", css_class="col-6 col-md-2"),
            Column(Field(f"level{rank}_note", wrapper_class="pt-md-4"), css_class="col-6 col-md-4"),
        )
        for rank in range(LEVELS)
    ]
    return Layout(
        Fieldset(
            "La certification",
            "title",
            _row(("code", 4), ("version", 2), ("rncp_code", 2), ("level", 2), ("nsf", 2)),
        ),
        Fieldset(
            "Le barème",
            HTML(
                '<p class="form-text">Les niveaux qu\'un évaluateur donne à un critère, du plus bas au plus haut. Points '
                "vides : le critère sort du total. Une ligne vide ne compte pas.</p>"
            ),
            *scale,
        ),
        Fieldset(
            "La règle",
            "rule",
            _row(("competence_percent", 4), ("minimum_addressed_percent", 4), ("bloc_percent", 4)),
            _row(("required_criteria", 6), ("required_competences", 6)),
            "rule_note",
            "separate_sheets",
        ),
        Fieldset("Les conditions", "bloc_validity_months", "routes"),
        jury_fieldset(),
        Fieldset("Qui ne peut pas juger qui", _row(*((f"kind_{kind}", 6) for kind in KINDS))),
        Submit("save", "Enregistrer", css_class="btn btn-primary", css_id=""),
    )
