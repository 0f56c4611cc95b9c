"""The holders of a branch as the accrochage sees them: what is missing, ready, sent, accepted, rejected; until when."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.utils import timezone

from candidates.models import Session
from candidates.sessions.dates import months_later
from cqp.models import User
from evaluations.accrochage.flow import Holder, missing
from evaluations.documents.days import get_certificate_day
from evaluations.documents.kinds import CERTIFICATE
from evaluations.models import AccrochageFlow, AccrochagePassage, SessionDocument
from evaluations.register.queries import IN_FORCE
from referentiel.models import Branch

# Article R6113-17-2 of the code du travail: from the delivery on.
MONTHS_TO_SEND = 3


class Standing(StrEnum):
    MISSING = "missing"
    READY = "ready"
    SENT = "sent"
    REJECTED = "rejected"
    ACCEPTED = "accepted"


LABELS = {
    Standing.MISSING: "Données manquantes",
    Standing.READY: "Prêts à transmettre",
    Standing.SENT: "En attente du rapport",
    Standing.REJECTED: "Rejetés",
    Standing.ACCEPTED: "Acceptés",
}


@dataclass(frozen=True)
class HolderRow:
    """One holder. `lacks` says what must be corrected before it can be sent; `message` why it was rejected."""

    certificate: SessionDocument
    holder: Holder
    lacks: list[str]
    passage: AccrochagePassage | None

    @property
    def standing(self) -> Standing:
        if self.passage and self.passage.state != AccrochagePassage.State.REJECTED:
            return Standing(self.passage.state)
        if self.lacks:
            return Standing.MISSING
        return Standing.REJECTED if self.passage else Standing.READY

    @property
    def label(self) -> str:
        return LABELS[self.standing]

    @property
    def message(self) -> str:
        return self.passage.message if self.passage else ""

    @property
    def due(self) -> dt.date:
        """The last day on which the holder may be sent."""
        day = self.certificate.document.issued_at.astimezone(self.certificate.session.zone).date()
        due = months_later(day, MONTHS_TO_SEND)
        assert due is not None
        return due

    @property
    def is_late(self) -> bool:
        return self.standing != Standing.ACCEPTED and self.due < timezone.localdate()

    @property
    def may_be_sent(self) -> bool:
        return self.standing in (Standing.READY, Standing.REJECTED)


def holder_rows(branches: Collection[Branch], *, session: Session | None = None) -> list[HolderRow]:
    """Return the holders of certificates in force, by code then name. Two queries, whatever their number."""
    rows = SessionDocument.objects.filter(
        IN_FORCE, document__kind=CERTIFICATE.name, session__branch__in=branches, enrolment__candidate__erased_at=None
    )
    if session:
        rows = rows.filter(session=session)
    certificates = list(
        rows.select_related(
            "document", "enrolment__candidate", "session__branch", "session__referentiel__registration"
        ).defer("document__bytes")
    )
    passages = AccrochagePassage.objects.filter(
        Q(flow__given_up_at=None) | Q(state=AccrochagePassage.State.ACCEPTED),
        enrolment__in=[certificate.enrolment_id for certificate in certificates],
    )
    last: dict[int, AccrochagePassage] = {}
    for passage in passages.select_related("flow").defer("flow__content").order_by("flow__number", "pk"):
        if (known := last.get(passage.enrolment_id)) is None or known.state != AccrochagePassage.State.ACCEPTED:
            last[passage.enrolment_id] = passage
    holders = []
    for certificate in certificates:
        holder = holder_of(certificate)
        holders.append(HolderRow(certificate, holder, missing(holder), last.get(certificate.enrolment_id or 0)))
    return sorted(
        holders, key=lambda row: (row.holder.code, row.holder.birth_name, row.holder.first_names, row.certificate.pk)
    )


def holder_of(certificate: SessionDocument) -> Holder:
    """Return what is sent of a holder: civil status as it is now, the decision as the certificate says."""
    enrolment, session = certificate.enrolment, certificate.session
    assert enrolment is not None
    candidate, referentiel = enrolment.candidate, session.referentiel
    registration = getattr(referentiel, "registration", None)
    return Holder(
        id_technique=f"{session.branch.code}-{enrolment.pk}",
        code=(registration.rncp_code if registration else referentiel.rncp_code).strip().upper(),
        decided_on=get_certificate_day(certificate.document.context, session.jury_on),
        exam_from=session.interviews_from,
        exam_to=session.interviews_to,
        at_distance=enrolment.at_distance,
        access_route=enrolment.access_route,
        enrolled_on=enrolment.created_at.astimezone(session.zone).date(),
        birth_name=candidate.birth_name,
        used_name=candidate.used_name,
        first_names=candidate.first_names,
        sex=candidate.sex,
        birth_year=candidate.birth_year,
        birth_month=candidate.birth_month,
        birth_day=candidate.birth_day,
        birth_place=candidate.birth_place,
        birth_insee=candidate.birth_insee,
        birth_country=candidate.birth_country,
    )


def waiting_flows(branches: Collection[Branch]) -> Any:
    """Return the branch's flows, the last first, without their files."""
    return AccrochageFlow.objects.filter(branch__in=branches).select_related("made_by", "branch").defer("content")


def accrochage_panel(session: Session, user: User) -> tuple[str, dict[str, Any]]:
    """What the board of a published session says of its holders: how many are not accepted yet, until when."""
    waiting: list[HolderRow] = []
    if session.is_published:
        waiting = [row for row in holder_rows([session.branch], session=session) if row.standing != Standing.ACCEPTED]
    due = min((row.due for row in waiting), default=None)
    context = {"count": len(waiting), "due": due, "late": due is not None and due < timezone.localdate()}
    return "branch/accrochage/_accrochage_panel.html", context
