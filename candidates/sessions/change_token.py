"""The board follows what happens: a token that changes when something of the session does."""

import hashlib

from django.db.models import Count, Max, Sum
from django.utils import timezone

from candidates.models import Convocation, Dossier, DossierFile, Incident, Interview, Invitation, Session
from candidates.sessions.hooks import change_marks
from cqp.models import JournalStream, Mail


def change_token(session: Session) -> str:
    """Return what stands for the session as the board shows it. It changes each minute while an interview runs."""
    enrolments = session.enrolments.all()
    streams = [session.stream, *(f"enrolment:{pk}" for pk in enrolments.values_list("pk", flat=True))]
    interviews = Interview.objects.filter(enrolment_bloc__enrolment__session=session)
    by_state = dict(interviews.order_by().values_list("state").annotate(Count("pk")))
    planned = interviews.filter(state=Interview.State.PLANNED, start__lte=timezone.now()).count()
    parts = [
        session.state,
        JournalStream.objects.filter(name__in=streams).aggregate(sum=Sum("seq")),
        Dossier.objects.filter(enrolment_bloc__enrolment__session=session).aggregate(Sum("seq"), Max("submitted_at")),
        DossierFile.objects.filter(dossier__enrolment_bloc__enrolment__session=session).aggregate(
            Count("pk"), Max("pk")
        ),
        Invitation.objects.filter(enrolment__session=session).aggregate(Count("sent_at"), Count("used_at"), Max("pk")),
        Incident.objects.filter(session=session).aggregate(Count("pk"), Count("closed_at"), Count("notes")),
        Convocation.objects.filter(session=session).aggregate(Count("mail__sent_at"), Max("pk")),
        Mail.objects.filter(about=session.mail_scope["about"], state=Mail.State.FAILED).count(),
        enrolments.aggregate(Count("pk"), Max("candidate__user__last_login")),
        sorted(by_state.items()),
        planned,
        timezone.now().strftime("%H:%M") if by_state.get(Interview.State.RUNNING) else "",
        *(part(session) for part in change_marks),
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
