"""Sessions, decisions, appeals, certificates and erasures of a few people, in any order, by the services that people use."""

import datetime as dt
import random
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from candidates.models import Candidate, Enrolment, EnrolmentBloc, HeldBloc, Session
from candidates.privacy.erasure import erase_when_due
from cqp.workflow import TransitionRefused
from evaluations.jury.decisions import DecisionInput, write_decision
from evaluations.jury.queries import list_bloc_cases
from evaluations.models import Decision, SessionDocument
from evaluations.publication.issuing import issue_minutes, reissue, void_certificate
from evaluations.publication.services import publish
from evaluations.register.queries import IN_FORCE
from tests import factories as make
from tests.evaluations.jury.scene import make_scene, sitting

OUTCOMES = ("acquired", "acquired", "not_acquired", "adjourned", "absent", "fraud")


def decide_on(row: EnrolmentBloc, outcome: str, by: Any) -> Decision:
    """A decision of the jury, with nothing proposed."""
    [case] = list_bloc_cases(EnrolmentBloc.objects.filter(pk=row.pk))
    return write_decision(case, DecisionInput(outcome, "Le jury en décide ainsi."), {}, by=by)


def open_session(referentiel) -> SimpleNamespace:
    return sitting(make_scene(referentiel, candidates=0))


def enrol_again(scene: SimpleNamespace, candidate: Candidate, blocs: list[int]) -> Enrolment:
    return make.make_enrolment(scene.session, blocs=blocs, candidate=candidate)


def decide_all(scene: SimpleNamespace, outcomes: dict[int, str]) -> None:
    """Decide on the blocs of the scene's candidates, by their number."""
    for row in EnrolmentBloc.objects.filter(enrolment__session=scene.session).select_related("bloc"):
        decide_on(row, outcomes[row.bloc.number], scene.admin)


def publish_all(scene: SimpleNamespace) -> None:
    issue_minutes(scene.session, scene.admin)
    scene.session = publish(scene.session, by=scene.admin)


def win_appeal(row: EnrolmentBloc, scene: SimpleNamespace) -> None:
    decide_on(row, "acquired", scene.admin)
    reissue(row.enrolment, by=scene.admin)


def certificates_in_force() -> list[SessionDocument]:
    rows = SessionDocument.objects.filter(IN_FORCE, document__kind="certificate")
    return list(rows.select_related("document", "enrolment__candidate", "session__branch"))


class Lives:
    """Two people over some sessions; `step` does one thing that somebody may do."""

    def __init__(self, referentiel, seed: int) -> None:
        self.dice, self.referentiel = random.Random(seed), referentiel
        self.open: list[SimpleNamespace] = []
        self.published: list[SimpleNamespace] = []
        self.people = [make.make_candidate(referentiel.branch) for _ in range(2)]
        self.log: list[str] = []

    def step(self) -> set[int]:
        """Do something; return the keys of the enrolments whose documents were issued just now."""
        acts = [self.enrol, self.enrol, self.publish, self.publish, self.appeal, self.appeal, self.void, self.hold]
        act = self.dice.choice([*acts, self.erase])
        done = act()
        self.log.append(f"{act.__name__}: {done}")
        return done

    def _living(self) -> list[Candidate]:
        return [person for person in self.people if not Candidate.objects.get(pk=person.pk).erased_at]

    def enrol(self) -> set[int]:
        if not self.open or len(self.open) < self.dice.randint(0, 2):
            self.open.append(open_session(self.referentiel))
        scene, blocs = self.dice.choice(self.open), sorted(self.dice.sample([1, 2, 3], self.dice.randint(1, 3)))
        for person in self._living():
            if not scene.session.enrolments.filter(candidate=person).exists() and self.dice.random() < 0.8:
                enrol_again(scene, person, blocs)
        return set()

    def publish(self) -> set[int]:
        ready = [scene for scene in self.open if scene.session.enrolments.exists()]
        if not ready:
            return set()
        scene = self.dice.choice(ready)
        for row in EnrolmentBloc.objects.filter(enrolment__session=scene.session):
            decide_on(row, self.dice.choice(OUTCOMES), scene.admin)
        publish_all(scene)
        self.open.remove(scene)
        self.published.append(scene)
        return set(scene.session.enrolments.filter(candidate__erased_at=None).values_list("pk", flat=True))

    def appeal(self) -> set[int]:
        rows = EnrolmentBloc.objects.filter(
            enrolment__session__state="decided", enrolment__candidate__erased_at=None
        ).exclude(decisions__outcome="acquired")
        if not rows:
            return set()
        row = self.dice.choice(list(rows.order_by("pk")))
        win_appeal(row, next(scene for scene in self.published if scene.session.pk == row.enrolment.session_id))
        return {row.enrolment_id}

    def void(self) -> set[int]:
        certificates = [one for one in certificates_in_force() if one.enrolment.candidate.erased_at is None]
        if certificates:
            certificate = self.dice.choice(certificates)
            scene = next(scene for scene in self.published if scene.session.pk == certificate.session_id)
            try:
                void_certificate(certificate, reason="Perdu", again=self.dice.random() < 0.5, by=scene.admin)
            except TransitionRefused as refused:
                self.log.append(refused.message)
        return set()

    def hold(self) -> set[int]:
        for person in self._living()[:1]:
            HeldBloc.objects.get_or_create(
                candidate=person,
                bloc=make.bloc(self.referentiel, self.dice.randint(1, 3)),
                obtained_on=timezone.localdate() - dt.timedelta(days=self.dice.randint(0, 3)),
                defaults={"source": "external"},
            )
        return set()

    def erase(self) -> set[int]:
        if self.dice.random() < 0.7:
            return set()
        for person in self._living()[:1]:
            in_jury = Session.objects.filter(enrolments__candidate=person, state="jury").exists()
            if person.enrolments.exists() and not in_jury:
                assert erase_when_due(person, today=timezone.localdate() + dt.timedelta(days=365 * 12))
        return set()
