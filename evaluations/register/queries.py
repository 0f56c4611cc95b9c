"""The register of a branch: who holds a CQP, who is one bloc away from it, whose blocs expire."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from candidates.enrolments.held_blocs import earlier
from candidates.models import Candidate, HeldBloc
from cqp.documents.services import with_reference
from cqp.models import User
from evaluations.documents.kinds import CERTIFICATE
from evaluations.models import SessionDocument
from referentiel.models import Bloc, Branch, Referentiel

SOON = dt.timedelta(days=365)
IN_FORCE = Q(document__voided_at=None, document__superseded_by=None)


def certificates(user: User, *, search: str = "", in_force: bool = True) -> QuerySet[SessionDocument]:
    """Return the certificates of the branches that a person administers: those in force, or those that no longer are."""
    rows = SessionDocument.objects.administered_by(user).filter(document__kind=CERTIFICATE.name)
    rows = rows.filter(IN_FORCE) if in_force else rows.exclude(IN_FORCE)
    for word in search.split():
        rows = rows.filter(
            Q(enrolment__candidate__birth_name__icontains=word)
            | Q(enrolment__candidate__used_name__icontains=word)
            | Q(enrolment__candidate__first_names__icontains=word)
            | Q(session__referentiel__title__icontains=word)
            | Q(session__title__icontains=word)
            | with_reference(word, path="document__")
        )
    return (
        rows.select_related("document__superseded_by", "enrolment__candidate", "session__referentiel")
        .defer("document__bytes", "document__context", "document__superseded_by__bytes")
        .order_by("enrolment__candidate__birth_name", "enrolment__candidate__first_names", "-document__issued_at", "pk")
    )


@dataclass(frozen=True)
class Nearly:
    """Somebody who holds every bloc of a référentiel but one, and no certificate of it."""

    candidate: Candidate
    referentiel: Referentiel
    missing: Bloc


def nearly_there(branches: Collection[Branch], today: dt.date) -> list[Nearly]:
    """Return those who are one bloc away from a CQP, of its last sealed version. Five queries, and two a référentiel."""
    held: defaultdict[int, set[int]] = defaultdict(set)
    valid = HeldBloc.objects.filter(Q(valid_until=None) | Q(valid_until__gte=today), candidate__branch__in=branches)
    for candidate, bloc in valid.values_list("candidate", "bloc"):
        held[candidate].add(bloc)
    certified = set(
        SessionDocument.objects.filter(
            IN_FORCE, document__kind=CERTIFICATE.name, session__branch__in=branches
        ).values_list("enrolment__candidate", "session__referentiel__code")
    )
    people = {person.pk: person for person in Candidate.objects.filter(pk__in=held, erased_at=None)}
    rows = []
    for referentiel in _last_versions(branches):
        counts, blocs = earlier(referentiel), {bloc.pk: bloc for bloc in referentiel.blocs.all()}
        for candidate, person in people.items():
            if (candidate, referentiel.code) in certified or person.branch_id != referentiel.branch_id:
                continue
            missing = blocs.keys() - {counts[bloc] for bloc in held[candidate] if bloc in counts}
            if len(missing) == 1 and len(blocs) > 1:
                rows.append(Nearly(person, referentiel, blocs[missing.pop()]))
    return sorted(rows, key=lambda row: (row.candidate.birth_name, row.candidate.first_names))


def _last_versions(branches: Collection[Branch]) -> list[Referentiel]:
    sealed = Referentiel.objects.filter(branch__in=branches, seal__isnull=False).order_by("seal__sealed_at", "pk")
    return list(
        {
            (referentiel.branch_id, referentiel.code): referentiel for referentiel in sealed.prefetch_related("blocs")
        }.values()
    )


def expiring(branches: Collection[Branch], today: dt.date) -> QuerySet[HeldBloc]:
    """Return the blocs held that stop counting within a year, the nearest first."""
    return (
        HeldBloc.objects.filter(
            candidate__branch__in=branches,
            candidate__erased_at=None,
            valid_until__gte=today,
            valid_until__lte=today + SOON,
        )
        .select_related("candidate", "bloc__referentiel")
        .order_by("valid_until", "candidate__birth_name", "pk")
    )
