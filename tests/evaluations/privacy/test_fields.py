"""Field by field, an erasure does what is declared; and what is not declared is found."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.db.models import Q
from django.db.models.expressions import Combinable

from candidates.models import Dossier
from candidates.privacy.erasure import erase_when_due
from cqp.privacy import fields as personal_data
from cqp.privacy.fields import MARK
from cqp.privacy.hooks import fields as registry
from tests.evaluations.privacy.story import ADDRESS, age, make_story

pytestmark = pytest.mark.database

DOSSIER = "dossier__enrolment_bloc__enrolment"
INTERVIEW = "interview__enrolment_bloc__enrolment"
SHEET = f"sheet__{INTERVIEW}"
ASSIGNMENT = f"assignment__{INTERVIEW}"
# How the rows of each model reach the enrolment. Every model that is emptied or deleted is here, or in `other_rows`.
TO_ENROLMENT = {
    "candidates.Enrolment": "pk",
    "candidates.EnrolmentBloc": "enrolment",
    "candidates.HeldBloc": "candidate__enrolments",
    "candidates.Candidate": "enrolments",
    "candidates.Conflict": "candidate__enrolments",
    "candidates.AccommodationWish": "enrolment",
    "candidates.Invitation": "enrolment",
    "candidates.Convocation": "session__enrolments",
    "candidates.Import": "session__enrolments",
    "candidates.PlanRun": "session__enrolments",
    "candidates.Reminder": "enrolment",
    "candidates.Dossier": "enrolment_bloc__enrolment",
    "candidates.Answer": DOSSIER,
    "candidates.CompletenessCheck": DOSSIER,
    "candidates.DossierFile": DOSSIER,
    "candidates.Upload": DOSSIER,
    "candidates.UploadChunk": f"upload__{DOSSIER}",
    "candidates.WithdrawnPage": DOSSIER,
    "candidates.HeadingComment": f"check_made__{DOSSIER}",
    "candidates.Interview": "enrolment_bloc__enrolment",
    "candidates.Reception": INTERVIEW,
    "candidates.Incident": INTERVIEW,
    "candidates.IncidentNote": f"incident__{INTERVIEW}",
    "candidates.Pause": INTERVIEW,
    "evaluations.ScoringSheet": INTERVIEW,
    "evaluations.Revision": SHEET,
    "evaluations.Score": SHEET,
    "evaluations.CompetenceVerdict": SHEET,
    "evaluations.Reopening": SHEET,
    "evaluations.Divergence": SHEET,
    "evaluations.PreparationNote": ASSIGNMENT,
    "evaluations.CriterionNote": ASSIGNMENT,
    "evaluations.Decision": "enrolment_bloc__enrolment",
    "evaluations.AccrochageFlow": "passages__enrolment",
    "evaluations.AccrochagePassage": "enrolment",
    "evaluations.Appeal": "decision__enrolment_bloc__enrolment",
    "evaluations.SignedMinutes": "minutes__session__enrolments",
}
# Hers to have, and not in the story: there is nothing to look at.
NOT_IN_THE_STORY = {
    "account.EmailConfirmation",
    "candidates.Pause",
    "candidates.DataExport",
    "evaluations.AccrochageFlow",
    "evaluations.AccrochagePassage",
    "evaluations.Appeal",
    "evaluations.SignedMinutes",
    "sessions.Session",
}


def other_rows(story) -> dict[str, Q]:
    streams = [f"dossier:{pk}" for pk in Dossier.objects.filter(enrolment_bloc=story.row).values_list("pk", flat=True)]
    streams += [f"sheet:{sheet.pk}" for sheet in story.interview.sheets.all()]
    streams += [f"preparation:{one.pk}" for one in story.interview.assignments.all()]
    own = Q(session_document__enrolment=story.enrolment) | Q(received_dossier__enrolment_bloc=story.row)
    return {
        "cqp.User": Q(pk=story.user.pk),
        "cqp.Document": own | Q(session_document__session=story.session, kind="minutes"),
        "cqp.Operation": Q(stream__in=streams),
        "cqp.JournalEntry": Q(stream=story.enrolment.stream),
        "cqp.StoredFile": Q(uploaded_by=story.user),
        "cqp.Mail": Q(to=ADDRESS),
        "cqp.LocalKey": Q(user=story.user),
        "cqp.LoginSession": Q(user=story.user),
        "account.EmailAddress": Q(user=story.user),
        "mfa.Authenticator": Q(user=story.user),
        "admin.LogEntry": Q(),
        "django_tasks_database.DBTaskResult": Q(status="FAILED"),
    }


@pytest.fixture
def story(referentiel):
    story = make_story(referentiel)
    age(story)
    return story


def pks_of(story) -> dict[str, list]:
    wanted = {label: Q(**{path: story.enrolment.pk}) for label, path in TO_ENROLMENT.items()} | other_rows(story)
    return {
        label: list(apps.get_model(label)._base_manager.filter(which).values_list("pk", flat=True).distinct())
        for label, which in wanted.items()
    }


def is_empty(value, declared) -> bool:
    """Tell whether a field holds what its declaration leaves there."""
    if isinstance(declared, Combinable):
        return "effac" in value
    return value in ("", MARK) if declared == MARK else value == declared


@pytest.mark.django_db
def test_every_field_of_the_person_is_as_declared(story):
    """A model that nobody thought of, or that the erasure forgets, fails here."""
    pks, told = pks_of(story), {entry.key for entry in registry.entries if not entry.item.why}
    assert told - pks.keys() - NOT_IN_THE_STORY == set()
    assert {label for label, found in pks.items() if not found} - NOT_IN_THE_STORY == set()
    assert erase_when_due(story.candidate, today=story.session.jury_on)
    wrong = []
    for label, found in pks.items():
        rows = list(apps.get_model(label)._base_manager.filter(pk__in=found))
        if registry.for_key(label).is_deleted:
            wrong += [f"{label} {row.pk} is still there" for row in rows]
            continue
        assert len(rows) == len(found), label
        for name, declared in registry.for_key(label).emptied.items():
            column = apps.get_model(label)._meta.get_field(name).attname
            wrong += [
                f"{label}.{name}: {value!r}" for row in rows if not is_empty(value := getattr(row, column), declared)
            ]
    assert wrong == []


def test_every_field_is_declared_kept_or_erased():
    assert personal_data.undeclared() == []


def test_a_new_field_that_nobody_thought_of_is_found(monkeypatch):
    less = frozenset({"version", "outcome", "proposal"})
    left = [entry for entry in registry.entries if entry.key != "candidates.EnrolmentBloc"]
    left = [replace(e, item=replace(e.item, retained=less)) if e.key == "evaluations.Decision" else e for e in left]
    monkeypatch.setattr(registry, "entries", left)
    assert personal_data.undeclared() == [
        "candidates.EnrolmentBloc.declared",
        "evaluations.Decision.bench",
        "evaluations.Decision.decided_at",
        "evaluations.Decision.sheet_seq",
        "evaluations.Decision.vote",
    ]
