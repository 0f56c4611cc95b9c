"""The forms of an incident."""

from typing import Any

from django import forms

from candidates.interviews.incidents import follow_up, open_incident
from candidates.models import Incident, Interview, Session
from cqp.models import User
from cqp.web.forms import save_or_show


class InterviewField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.enrolment_bloc}, {obj.start.astimezone(obj.enrolment_bloc.enrolment.session.zone):%d/%m %H:%M}"


class IncidentForm(forms.Form):
    interview = InterviewField(
        Interview.objects.none(), label="Entretien", required=False, empty_label="Toute la session"
    )
    category = forms.ChoiceField(label="Nature", choices=[("", "Choisissez…"), *Incident.Category.choices])
    severity = forms.ChoiceField(label="Gravité", choices=Incident.Severity.choices)
    text = forms.CharField(label="Ce qui s'est passé", widget=forms.Textarea(attrs={"rows": 4}), max_length=4_000)

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        self.fields["interview"].queryset = (
            Interview.objects.filter(enrolment_bloc__enrolment__session=session)
            .select_related("enrolment_bloc__bloc", "enrolment_bloc__enrolment__candidate")
            .select_related("enrolment_bloc__enrolment__session")
            .order_by("start", "room__name", "pk")
        )

    def save(self, by: User) -> Incident | None:
        return save_or_show(self, lambda: open_incident(session=self.session, by=by, **self.cleaned_data))


class FollowUpForm(forms.Form):
    text = forms.CharField(label="Suite", widget=forms.Textarea(attrs={"rows": 3}), max_length=4_000)
    severity = forms.ChoiceField(label="Gravité", choices=Incident.Severity.choices)

    def save(self, incident: Incident, by: User) -> bool:
        save_or_show(self, lambda: follow_up(incident=incident, by=by, **self.cleaned_data))
        return not self.errors
