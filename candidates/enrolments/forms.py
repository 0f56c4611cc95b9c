"""The form of an enrolment: who, from where, on what, with which measures; what a candidate declared, corrected."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Fieldset, Layout, Row, Submit
from django import forms
from django.urls import reverse

from candidates.enrolments.experience import declare_experience
from candidates.enrolments.services import DETAILS, AlreadyEnrolledError, EnrolmentDetails, enrol, update_enrolment
from candidates.models import Candidate, Enrolment, EnrolmentBloc, Session
from candidates.people.birthplace_fields import complete_birthplace, offer_birthplaces
from candidates.people.identity import IDENTITY, CivilStatus
from cqp.models import User
from cqp.web.forms import minutes_field, number_field, save_or_show
from referentiel.models import Bloc

ORGANISATIONS = ("employer", "training_centre")


class BlocsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"Bloc {obj.number} : {obj.title}"


class EnrolmentForm(forms.Form):
    email = forms.EmailField(
        label="Adresse électronique",
        help_text="Une adresse propre au candidat : elle ouvre son espace.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    birth_name = forms.CharField(label="Nom de naissance", max_length=100)
    used_name = forms.CharField(label="Nom d'usage", max_length=100, required=False)
    first_names = forms.CharField(
        label="Prénoms", max_length=150, help_text="Tous, dans l'ordre de l'état civil, séparés par des virgules."
    )
    sex = forms.ChoiceField(label="Sexe", choices=[("", "Choisissez…"), *Candidate.Sex.choices])
    birth_day = number_field("Jour de naissance", 1, 31, required=False, help_text="Vide si inconnu.")
    birth_month = number_field("Mois", 1, 12, required=False, help_text="Vide si inconnu.")
    birth_year = number_field("Année", 1900, 2100)
    birth_place = forms.CharField(label="Commune de naissance", max_length=100, required=False)
    birth_insee = forms.CharField(label="Code INSEE", max_length=5, required=False)
    birth_country = forms.CharField(label="Pays de naissance", max_length=60, initial="France")
    employer = forms.CharField(label="Entreprise", max_length=200, required=False)
    training_centre = forms.CharField(label="Organisme de formation", max_length=200, required=False)
    referent_trainer_name = forms.CharField(label="Formateur référent", max_length=150, required=False)
    referent_trainer_email = forms.EmailField(label="Adresse du formateur référent", required=False)
    access_route = forms.ChoiceField(label="Voie d'accès")
    blocs = BlocsField(
        Bloc.objects.none(),
        label="Blocs présentés",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un bloc."},
    )
    extra_minutes = minutes_field("Temps supplémentaire, en minutes")
    break_minutes = minutes_field("Pause prévue, en minutes")
    other_measures = forms.CharField(
        label="Autres mesures",
        max_length=200,
        required=False,
        help_text="La mesure (assistant, salle…), jamais sa raison.",
    )

    at_distance = forms.BooleanField(
        label="Entretiens à distance", required=False, help_text="Le planning n'utilise alors que les visioconférences."
    )

    def __init__(
        self, *args: Any, by: User, session: Session, enrolment: Enrolment | None = None, **kwargs: Any
    ) -> None:
        self.by, self.session, self.enrolment = by, session, enrolment
        self.already: Enrolment | None = None
        super().__init__(*args, initial=_initial(session, enrolment), **kwargs)
        self.fields["blocs"].queryset = session.referentiel.blocs.all()
        routes = session.referentiel.access_routes
        self.fields["access_route"].choices = [("", "Choisissez…"), *((r["code"], r["label"]) for r in routes)]
        if enrolment:
            self.fields["email"].disabled = True
            self.fields["email"].required = False
            self.fields[
                "email"
            ].help_text = "C'est l'adresse avec laquelle le candidat se connecte : elle se change depuis sa page."
        for name in ORGANISATIONS:
            self.fields[name].widget.attrs["list"] = f"connus-{name}"
        offer_birthplaces(self)
        self.helper = FormHelper()
        self.helper.layout = _layout("Enregistrer" if enrolment else "Inscrire")

    def clean(self) -> dict[str, Any]:
        known = self.enrolment.candidate.birth_country if self.enrolment else ""
        return complete_birthplace(self, super().clean() or {}, known=known)

    def save(self) -> Enrolment | None:
        """Return the enrolment; None when the service refused: the reasons are in the errors, `already` may be set."""
        data = dict(self.cleaned_data)
        if enrolment := self.enrolment:
            data.pop("email")
            return save_or_show(self, lambda: update_enrolment(enrolment=enrolment, by=self.by, **data))
        return save_or_show(self, lambda: self._enrol(data))

    def _enrol(self, data: dict[str, Any]) -> Enrolment:
        try:
            return enrol(
                session=self.session,
                email=data["email"],
                identity=CivilStatus(**{name: data[name] for name in IDENTITY}),
                details=EnrolmentDetails(**{name: data[name] for name in DETAILS}),
                blocs=data["blocs"],
                by=self.by,
            )
        except AlreadyEnrolledError as known:
            self.already = known.enrolment
            raise


def _initial(session: Session, enrolment: Enrolment | None) -> dict[str, Any]:
    if enrolment is None:
        return {"blocs": [bloc.pk for bloc in session.referentiel.blocs.all()]}
    candidate = enrolment.candidate
    return {
        "email": candidate.user.email if candidate.user else "",
        **{name: getattr(candidate, name) for name in IDENTITY},
        **{name: getattr(enrolment, name) for name in DETAILS if name not in ORGANISATIONS},
        "employer": enrolment.employer.name if enrolment.employer else "",
        "training_centre": enrolment.training_centre.name if enrolment.training_centre else "",
        "blocs": [row.bloc_id for row in enrolment.enrolment_blocs.all()],
    }


def _columns(*names: str, width: str) -> Row:
    return Row(*(Column(name, css_class=width) for name in names))


def _layout(button: str) -> Layout:
    return Layout(
        Fieldset(
            "Identité",
            "email",
            _columns("birth_name", "used_name", width="col-md-6"),
            Row(Column("first_names", css_class="col-md-8"), Column("sex", css_class="col-md-4")),
            _columns("birth_day", "birth_month", "birth_year", width="col-sm-4"),
            Row(
                Column("birth_place", css_class="col-md-5"),
                Column("birth_insee", css_class="col-md-3"),
                Column("birth_country", css_class="col-md-4"),
            ),
        ),
        Fieldset(
            "Parcours",
            _columns("employer", "training_centre", width="col-md-6"),
            _columns("referent_trainer_name", "referent_trainer_email", width="col-md-6"),
            "access_route",
            "blocs",
        ),
        Fieldset(
            "Aménagement des entretiens",
            _columns("extra_minutes", "break_minutes", width="col-sm-6"),
            "other_measures",
            "at_distance",
        ),
        Submit("save", button, css_class="btn btn-primary", css_id=""),
    )


CHOICES = (("yes", "Oui"), ("no", "Non : les questions de remplacement seront posées"))


class RecruitmentForm(forms.Form):
    recruited = forms.ChoiceField(
        label="Le candidat a-t-il contribué à au moins un recrutement ?",
        choices=CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez oui ou non."},
    )

    def __init__(self, *args: Any, by: User, enrolment_bloc: EnrolmentBloc, **kwargs: Any) -> None:
        self.by, self.enrolment_bloc = by, enrolment_bloc
        initial = {"recruited": "no" if enrolment_bloc.declared else "yes"}
        super().__init__(*args, initial=initial, auto_id=f"recrutement-{enrolment_bloc.pk}-%s", **kwargs)
        self.helper = FormHelper()
        self.helper.form_action = reverse("branch:recruitment", args=[enrolment_bloc.pk])
        self.helper.layout = Layout(
            "recruited",
            HTML('<button type="submit" class="btn btn-outline-primary">Enregistrer la déclaration</button>'),
        )

    def save(self) -> EnrolmentBloc | None:
        """Return the bloc; None when the service refused: the reasons are in the errors."""
        recruited = self.cleaned_data["recruited"] == "yes"
        return save_or_show(
            self, lambda: declare_experience(enrolment_bloc=self.enrolment_bloc, recruited=recruited, by=self.by)
        )
