"""What the erasure of a person empties: of the candidate, of their account, and where else they are named."""

import json
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from candidates import models as m
from candidates.dossiers.upload_joining import pieces_folder
from candidates.privacy.erasure_context import Erasing, mentions, unnamed
from cqp.evidence import journal
from cqp.models import Document, JournalEntry, LocalKey, LoginSession, Mail, StoredFile, User

# Mails to an account that has another role, written to it in that role. Whatever else was sent to it goes.
OF_OTHER_ROLES = ("appointed", "evaluator_changed", "evaluator_declined", "acquaintance_declared", "cosign_code")


def empty_candidate(work: Erasing) -> None:
    work.empty(m.Enrolment.objects.filter(pk__in=work.enrolments))
    work.empty(m.EnrolmentBloc.objects.filter(enrolment__in=work.enrolments))
    work.drop(m.Invitation.objects.filter(enrolment__in=work.enrolments))
    work.drop(m.AccommodationWish.objects.filter(enrolment__in=work.enrolments))
    work.drop(m.Conflict.objects.filter(candidate=work.candidate))
    work.empty(m.HeldBloc.objects.filter(candidate=work.candidate))
    # They name many people, and are of no use once the session is over.
    sessions = m.Session.objects.filter(enrolments__in=work.enrolments)
    work.drop(m.Import.objects.filter(session__in=sessions))
    work.drop(m.PlanRun.objects.filter(session__in=sessions))
    work.drop(m.Convocation.objects.filter(session__in=sessions))


def empty_dossiers(work: Erasing) -> None:
    dossiers = m.Dossier.objects.filter(enrolment_bloc__enrolment__in=work.enrolments)
    in_dossiers, pks = {"dossier__in": dossiers}, list(dossiers.values_list("pk", flat=True))
    files = m.DossierFile.objects.filter(**in_dossiers)
    stored = list(StoredFile.objects.filter(Q(dossier_files__in=files) | Q(assembled_dossier__in=dossiers)).distinct())
    uploads = m.Upload.objects.filter(**in_dossiers)
    work.paths += [f"{pieces_folder(key)}/" for key in uploads.values_list("key", flat=True)]
    work.drop(uploads)
    work.drop(files)
    work.drop(m.Answer.objects.filter(**in_dossiers))
    work.drop(m.HeadingComment.objects.filter(check_made__dossier__in=dossiers))
    work.drop(m.WithdrawnPage.objects.filter(**in_dossiers))
    work.empty(m.CompletenessCheck.objects.filter(**in_dossiers))
    work.empty(dossiers)
    work.drop_files(StoredFile.objects.filter(pk__in=[file.pk for file in stored]))
    work.empty_documents(Document.objects.filter(received_dossier__in=dossiers))
    work.empty_operations([f"dossier:{pk}" for pk in pks])


def empty_interviews(work: Erasing) -> None:
    in_interviews = {"interview__enrolment_bloc__enrolment__in": work.enrolments}
    work.empty(m.Reception.objects.filter(**in_interviews))
    work.empty(m.Incident.objects.filter(**in_interviews))
    work.drop(m.Reminder.objects.filter(enrolment__in=work.enrolments))
    work.drop(m.IncidentNote.objects.filter(incident__interview__enrolment_bloc__enrolment__in=work.enrolments))


def empty_account(work: Erasing) -> None:
    """The account, unless it has another role; and what was sent to it."""
    user = work.candidate.user
    to_them = Q(to__in=work.names.addresses)
    work.drop(Mail.objects.filter(to_them & ~Q(template__in=OF_OTHER_ROLES) if work.keeps_account else to_them))
    if user is None:
        return
    exports = m.DataExport.objects.filter(user=user)
    work.paths += [path for path in exports.values_list("path", flat=True) if path]
    work.drop(exports)
    if work.keeps_account:
        return
    for model in (EmailAddress, Authenticator, LocalKey, LoginSession):
        work.drop(model.objects.filter(user=user))
    work.drop_files(StoredFile.objects.filter(uploaded_by=user))
    work.empty(User.objects.filter(pk=user.pk))


def empty_journal(work: Erasing) -> None:
    """What the journal says of them in their own streams, and in those of the branch's sessions where they are named."""
    for stream in work.streams:
        work.empty_chain(stream, JournalEntry.objects.filter(stream=stream))
    sessions = [m.Session(pk=pk).stream for pk in work.candidate.branch.sessions.values_list("pk", flat=True)]
    entries = JournalEntry.objects.filter(stream__in=sessions, payload__isnull=False)
    naming = [entry for entry in entries.iterator() if mentions(entry.payload, work.names.certain)]
    for stream in sorted({entry.stream_id for entry in naming}):
        in_stream = [entry.pk for entry in naming if entry.stream_id == stream]
        work.empty_chain(stream, JournalEntry.objects.filter(pk__in=in_stream))
    for stream in sorted({*work.streams, *(entry.stream_id for entry in naming)}):
        work.check(stream, journal.broken(stream))


def empty_elsewhere(work: Erasing) -> None:
    """Mails to others that name them, what the site's own tools noted."""
    certain = work.names.certain
    for mail in _naming(
        Mail.objects.annotate(context_text=Cast("context", TextField())), certain, "subject", "body", "context_text"
    ):
        mail.subject, mail.body = unnamed(mail.subject, work.names)[:200], unnamed(mail.body, work.names)
        mail.context = unnamed(mail.context, work.names)
        mail.save(update_fields=["subject", "body", "context"])
        work.counts["courriels à d'autres, sans son nom"] += 1
    work.empty(_naming(LogEntry.objects.all(), certain, "object_repr", "change_message"))
    work.drop(_naming(DBTaskResult.objects.exclude(finished_at=None), certain, "traceback"))


def _naming(rows: Any, needles: frozenset[str], *fields: str) -> Any:
    """Return the rows of which one of the fields holds one of the texts."""
    naming = Q(pk__in=[])
    for needle in needles:
        for form in {needle, json.dumps(needle)[1:-1], json.dumps(needle, ensure_ascii=False)[1:-1]}:
            for name in fields:
                naming |= Q(**{f"{name}__icontains": form})
    return rows.filter(naming)


def empty_identity(work: Erasing) -> None:
    """The last of all: from here on, the database lets nothing more go."""
    work.empty(m.Candidate.objects.filter(pk=work.candidate.pk), erased_at=timezone.now())
