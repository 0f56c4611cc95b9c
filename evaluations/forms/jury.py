"""The jury's forms: who attends, the decision on a bloc."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms
from django.urls import reverse

from candidates.models import Appointment, Session
from cqp.models import User
from evaluations.cases import BlocCase
from evaluations.jury_permissions import JURY_ROLES
from evaluations.models import Attendance, Decision, Deliberation
from evaluations.services.jury import REASON_LIMIT, ReasonNeeded, decide, note_attendance


class MembersField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Appointment) -> str:
        college = f", collège des {obj.get_college_display()}" if obj.college else ""
        unsigned = "" if obj.undertaking_signed_at else " (engagement de confidentialité à signer)"
        return f"{obj.user}, {obj.get_role_display()}{college}{unsigned}"


class AttendanceForm(forms.Form):
    """The members present, among the jury's; whoever is not ticked is absent."""

    members = MembersField(
        Appointment.objects.none(), label="Membres présents", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = session.appointments.filter(role__in=JURY_ROLES).select_related("user")
        self.helper = FormHelper()
        self.helper.form_action = reverse("jury:attendance", args=[session.pk])
        self.helper.form_class = "jury-attendance"
        self.helper.layout = Layout("members", Submit("save", "Enregistrer les présences", css_id="save-attendance"))

    def save(self, deliberation: Deliberation, *, by: User) -> list[Attendance]:
        """Raises DecisionRefused."""
        return note_attendance(deliberation, self.cleaned_data["members"], by=by)


class DecisionForm(forms.Form):
    """The decision on one bloc. The hidden fields say what the person has before them."""

    outcome = forms.ChoiceField(
        label="Décision",
        choices=Decision.Outcome,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une décision.", "invalid_choice": "Choisissez une décision."},
    )
    reason = forms.CharField(
        label="Motif",
        required=False,
        max_length=REASON_LIMIT,
        widget=forms.Textarea({"rows": 2}),
        help_text="Obligatoire si la décision s'écarte de la proposition. Il figure au procès-verbal et au rapport.",
        error_messages={"max_length": f"Le motif est trop long : {REASON_LIMIT} caractères au plus."},
    )
    proposal_seen = forms.CharField(required=False, widget=forms.HiddenInput)
    sheet_seq_seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    version_seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: BlocCase, **kwargs: Any) -> None:
        self.case = case
        row, current = case.enrolment_bloc, case.decision
        proposed = case.proposal if case.proposal in Decision.Outcome.values else None
        kwargs["initial"] = {
            "outcome": current.outcome if current else proposed,
            "reason": current.reason if current else "",
            "proposal_seen": case.proposal,
            "sheet_seq_seen": case.sheet_seq,
            "version_seen": current.version if current else 0,
        }
        super().__init__(*args, auto_id=f"bloc-{row.bloc.number}-%s", **kwargs)
        self.helper = FormHelper()
        self.helper.form_action = reverse("jury:decide", args=[row.enrolment.session_id, row.enrolment_id, row.pk])
        label = "Remplacer la décision" if current else "Enregistrer la décision"
        self.helper.layout = Layout(
            Field("outcome", wrapper_class="jury-outcome"),
            "reason",
            "proposal_seen",
            "sheet_seq_seen",
            "version_seen",
            Submit("decide", label, css_id=f"bloc-{row.bloc.number}-decide"),
        )

    def save(self, *, by: User) -> Decision | None:
        """Record the decision; None when a reason is missing, which the form then says. Raises DecisionRefused."""
        data = self.cleaned_data
        try:
            return decide(
                self.case.enrolment_bloc,
                by=by,
                outcome=data["outcome"],
                reason=data["reason"],
                proposal_seen=data["proposal_seen"],
                sheet_seq_seen=data["sheet_seq_seen"],
                version_seen=data["version_seen"],
            )
        except ReasonNeeded as needed:
            self.add_error("reason", needed.message)
            return None
