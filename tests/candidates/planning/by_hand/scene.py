"""Planning one interview."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from candidates.models import Affiliation, Interview, Organisation
from candidates.planning.services import plan_interview
from candidates.sessions.services import local_time
from tests.factories import make_branch, make_candidate, make_enrolment, make_session


def at(session, hour, minute=0, day=0) -> dt.datetime:
    naive = dt.datetime.combine(session.interviews_from, dt.time(hour, minute)) + dt.timedelta(days=day)
    return local_time(naive, session.time_zone)


def row_of(session, number=1, **fields):
    return make_enrolment(session, blocs=[number], **fields).enrolment_blocs.get()


def plan(row, by, pair, start=None, room="Salle 1", **more) -> Interview:
    start = start or at(row.enrolment.session, 9)
    return plan_interview(enrolment_bloc=row, by=by, start=start, room=room, appointments=pair, **more)


def refusal(*args, **kwargs) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        plan(*args, **kwargs)
    return refused.value.message_dict


def employ(appointment, organisation):
    Affiliation.objects.create(user=appointment.user, organisation=organisation)


def organisation(branch, kind="training_centre", name="CFA de Lyon"):
    return Organisation.objects.create(branch=branch, kind=kind, name=name)


def make_session_of_another_branch():
    from referentiel.models import Referentiel

    referentiel = Referentiel.objects.create(branch=make_branch(), code="AUTRE", version="1", title="Autre")
    referentiel.blocs.create(number=1, code="B1", title="Ailleurs", evaluator_count=1)
    return make_session(referentiel)


def make_row_of_another_branch(session):
    return make_enrolment(session, candidate=make_candidate(session.branch)).enrolment_blocs.get()
