"""Who attends and presides, what a session asks of its jury; the decision on a bloc, and the act that lowers a result.

A page holds three decisions, and is turned sixty times in half a day: `templates/jury/_decision_form.html` is written by
hand.
"""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row, Submit
from django import forms
from django.urls import reverse

from candidates.models import Appointment, Session
from candidates.sessions.services import set_jury_rules
from cqp.models import User
from cqp.web.forms import save_or_show
from evaluations.jury.attendance import get_jury_rules
from evaluations.jury.decisions import REASON_LIMIT, DecisionInput, MissingReasonError, ShownState, decide
from evaluations.jury.permissions import JURY_ROLES
from evaluations.jury.queries import BlocCase
from evaluations.jury.rules import Vote
from evaluations.jury.sitting import note_attendance
from evaluations.models import Attendance, Decision, Deliberation
from referentiel.jury_rules.forms import JuryRulesFields, jury_fieldset

TOO_LONG = {"max_length": f"Le texte est trop long : {REASON_LIMIT} caractères au plus."}
ACQUIRED, NOT_ACQUIRED = Decision.Outcome.ACQUIRED, Decision.Outcome.NOT_ACQUIRED
VOTE_FIELDS = ("in_favour", "against", "abstained")


class DecisionForm(forms.Form):
    """The decision on one bloc. The hidden fields say what the person has before them.

    A result proposed as acquired is not lowered here: see LoweringForm.
    """

    outcome = forms.ChoiceField(
        label="Décision",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une décision.", "invalid_choice": "Choisissez une décision."},
    )
    reason = forms.CharField(
        label="Motif",
        required=False,
        max_length=REASON_LIMIT,
        widget=forms.Textarea({"rows": 2}),
        help_text="Obligatoire si la décision s'écarte de la proposition. Il figure au procès-verbal et au rapport.",
        error_messages=TOO_LONG,
    )
    recommendation = forms.CharField(
        label="Préconisations",
        required=False,
        max_length=REASON_LIMIT,
        widget=forms.Textarea({"rows": 2}),
        help_text="Ce que le candidat peut travailler : il le lit avec ses résultats.",
        error_messages=TOO_LONG,
    )
    in_favour = forms.IntegerField(label="Pour", required=False, min_value=0, max_value=99)
    against = forms.IntegerField(label="Contre", required=False, min_value=0, max_value=99)
    abstained = forms.IntegerField(label="Abstentions", required=False, min_value=0, max_value=99)
    president_voice = forms.ChoiceField(
        label="Voix du président",
        required=False,
        choices=[("", "Sans objet"), ("for", "Pour"), ("against", "Contre")],
        help_text="En cas de partage.",
    )
    shown_proposal = forms.CharField(required=False, widget=forms.HiddenInput)
    shown_sheet_seq = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    shown_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    is_lowering = False
    suffix = ""

    def __init__(self, *args: Any, case: BlocCase, **kwargs: Any) -> None:
        self.case = case
        kwargs["initial"] = self._initial()
        super().__init__(*args, auto_id=f"bloc-{case.enrolment_bloc.bloc.number}{self.suffix}-%s", **kwargs)
        self.fields["outcome"].choices = self._outcomes()  # type: ignore[attr-defined]

    def _initial(self) -> dict[str, Any]:
        case, current = self.case, self.case.decision
        proposed = case.proposal if case.proposal in Decision.Outcome.values else None
        vote = (current.vote if current else None) or {}
        return {
            "outcome": current.outcome if current else proposed,
            "reason": current.reason if current else "",
            "recommendation": current.recommendation if current else "",
            "in_favour": vote.get("in_favour"),
            "against": vote.get("against"),
            "abstained": vote.get("abstained"),
            "president_voice": {True: "for", False: "against", None: ""}.get(vote.get("president"), ""),
            "shown_proposal": case.proposal,
            "shown_sheet_seq": case.sheet_seq,
            "shown_version": current.version if current else 0,
        }

    def _outcomes(self) -> list[tuple[str, str]]:
        lowered = NOT_ACQUIRED if self.case.proposal == ACQUIRED else None
        return [(value, label) for value, label in Decision.Outcome.choices if value != lowered]

    @property
    def vote_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in VOTE_FIELDS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        in_favour, against, abstained = (data.get(name) for name in VOTE_FIELDS)
        has_vote = any(count is not None for count in (in_favour, against, abstained))
        if has_vote and (in_favour is None or against is None):
            self.add_error("in_favour", "Écrivez les voix pour et les voix contre, 0 s'il n'y en a pas.")
        president = {"for": True, "against": False}.get(data.get("president_voice", ""))
        data["vote"] = Vote(in_favour or 0, against or 0, abstained or 0, president) if has_vote else None
        return data

    def save(self, *, by: User) -> Decision | None:
        """Record the decision; None when a reason is missing, which the form then says. Raises DecisionRefused."""
        data = self.cleaned_data
        decision = DecisionInput(
            data["outcome"], data["reason"], data["recommendation"], data["vote"], is_lowering=self.is_lowering
        )
        shown = ShownState(data["shown_proposal"], data["shown_sheet_seq"], data["shown_version"])
        try:
            return decide(self.case.enrolment_bloc, decision, shown=shown, by=by)
        except MissingReasonError as missing:
            self.add_error("reason", missing.message)
            return None


class LoweringForm(DecisionForm):
    """The jury lowers a result that the evaluators propose as acquired: an act of its own, with its own reason."""

    is_lowering = True
    suffix = "-abaisser"

    def __init__(self, *args: Any, case: BlocCase, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.fields["outcome"].widget = forms.HiddenInput()
        self.fields["reason"].required = True
        self.fields["reason"].error_messages["required"] = "Écrivez pourquoi le jury abaisse ce résultat."
        self.fields["reason"].help_text = "Il figure au procès-verbal et au rapport, et le candidat peut le contester."

    def _initial(self) -> dict[str, Any]:
        current = self.case.decision
        lowered = current is not None and current.outcome == NOT_ACQUIRED
        initial = super()._initial() | {"outcome": NOT_ACQUIRED}
        return initial if lowered else initial | {"reason": ""}

    def _outcomes(self) -> list[tuple[str, str]]:
        return [(NOT_ACQUIRED.value, str(NOT_ACQUIRED.label))]


def _seat(appointment: Appointment) -> str:
    college = f", collège des {appointment.get_college_display()}" if appointment.college else ""
    unsigned = "" if appointment.undertaking_signed_at else " (engagement de confidentialité à signer)"
    return f"{appointment.user}, {appointment.get_role_display()}{college}{unsigned}"


class AttendanceForm(forms.Form):
    """Who is present, among the jury and the observers; who presides; for those away, who holds their proxy."""

    members = forms.MultipleChoiceField(label="Membres présents", required=False, widget=forms.CheckboxSelectMultiple)
    observers = forms.MultipleChoiceField(
        label="Assistent sans voix", required=False, widget=forms.CheckboxSelectMultiple
    )
    president = forms.ChoiceField(label="Préside", required=False)

    def __init__(self, data: Any = None, *, session: Session, deliberation: Deliberation | None) -> None:
        roles = (*JURY_ROLES, Appointment.Role.OBSERVER)
        everyone = session.appointments.filter(role__in=roles).select_related("user")
        self.appointments = {str(appointment.pk): appointment for appointment in everyone}
        present = list(deliberation.attendances.values_list("appointment", flat=True)) if deliberation else []
        holders = dict(deliberation.proxies.values_list("giver", "holder")) if deliberation else {}
        presides = deliberation.president_id if deliberation else None
        initial = {"members": present, "observers": present, "president": presides}
        super().__init__(data, initial=initial | {f"proxy_{giver}": holder for giver, holder in holders.items()})
        jury = {key: appointment for key, appointment in self.appointments.items() if appointment.role in JURY_ROLES}
        self._choices("members", jury)
        self._choices(
            "observers", {key: appointment for key, appointment in self.appointments.items() if key not in jury}
        )
        names = {key: str(appointment.user) for key, appointment in jury.items()}
        self.fields["president"].choices = [("", "Personne encore"), *names.items()]
        self.proxies = []
        if get_jury_rules(session).proxies_per_member:
            self.proxies = [key for key, appointment in jury.items() if appointment.role == Appointment.Role.JUROR]
            for key in self.proxies:
                others = [(other, names[other]) for other in self.proxies if other != key]
                self.fields[f"proxy_{key}"] = forms.ChoiceField(
                    label=f"Absent, {names[key]} donne pouvoir à",
                    choices=[("", "Personne"), *others],
                    required=False,
                )
        self.helper = FormHelper()
        self.helper.form_action = reverse("jury:attendance", args=[session.pk])
        self.helper.form_class = "jury-attendance"
        observers = ["observers"] if len(jury) < len(self.appointments) else []
        pairs = [Column(f"proxy_{key}", css_class="col-md-6") for key in self.proxies]
        self.helper.layout = Layout(
            "members",
            *observers,
            "president",
            *([Row(*pairs)] if pairs else []),
            Submit("save", "Enregistrer les présences", css_id="save-attendance"),
        )

    def _choices(self, name: str, appointments: dict[str, Appointment]) -> None:
        self.fields[name].choices = [(key, _seat(appointment)) for key, appointment in appointments.items()]  # type: ignore[attr-defined]

    def save(self, deliberation: Deliberation, *, by: User) -> list[Attendance]:
        """Raises DecisionRefused."""
        data, known = self.cleaned_data, self.appointments
        proxies = {known[key]: known[data[f"proxy_{key}"]] for key in self.proxies if data[f"proxy_{key}"]}
        return note_attendance(
            deliberation,
            [known[key] for key in (*data["members"], *data["observers"])],
            by=by,
            president=known[data["president"]] if data["president"] else None,
            proxies=proxies,
        )


class RulesForm(JuryRulesFields):
    """What a session asks of its jury instead of the référentiel's rules."""

    def __init__(self, data: Any = None, *, session: Session, by: User, initial: dict[str, Any]) -> None:
        self.session, self.by = session, by
        super().__init__(data, initial=initial)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            jury_fieldset("Règles"), Submit("save", "Enregistrer les règles", css_class="btn btn-primary", css_id="")
        )

    def save(self) -> Session | None:
        return save_or_show(self, lambda: set_jury_rules(session=self.session, by=self.by, rules=self.rules()))
