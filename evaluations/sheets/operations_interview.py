"""The acts of the half hour, on the stream of the sheet of the evaluator who does them.

identity `{paper}` (a `Reception.Paper`), attendance `{strokes}` (`[[[x, y], …], …]`, whole numbers, in a frame 1000 wide
and 400 high; [] takes it back), start `{}`, finish `{}`, absent `{excused, reason}`, interrupt `{reason}`, incident
`{category, text}`, pause `{category, text}` or `{planned: true}`, resume `{}`.

What the other evaluator has done already is done: doing it again is applied, and changes nothing.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from candidates.interviews import services as interviews
from candidates.models import Assignment, Incident, Interview, Reception
from cqp.models import User
from cqp.operations.hooks import Incoming, MalformedError, Refused, parse_int, parse_text
from cqp.workflow import TransitionRefused
from evaluations.preparation.operations import NOTE_LIMIT
from evaluations.sheets.services import start_interview

I = Interview.State  # noqa: E741  the states of an interview
WIDTH, HEIGHT, POINTS = 1000, 400, 4000

type Payload = Mapping[str, Any]


def _check_nothing(payload: Payload) -> None:
    pass


def _check_identity(payload: Payload) -> None:
    if payload.get("paper") not in Reception.Paper.values:
        raise MalformedError("Choisissez la pièce d'identité dans la liste.")


def _check_attendance(payload: Payload) -> None:
    strokes = payload.get("strokes")
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) and stroke for stroke in strokes):
        raise MalformedError("« strokes » doit être une liste de traits.")
    points = [point for stroke in strokes for point in stroke]
    if len(points) > POINTS or not all(isinstance(point, list) and len(point) == 2 for point in points):
        raise MalformedError(f"Un émargement porte au plus {POINTS} points [x, y].")
    if any(parse_int(x, "x") > WIDTH or parse_int(y, "y") > HEIGHT for x, y in points):
        raise MalformedError("Un point de l'émargement est hors du cadre.")


def _check_reason(payload: Payload) -> None:
    if not parse_text(payload.get("reason"), NOTE_LIMIT, "reason").strip():
        raise MalformedError("Écrivez le motif : il sera conservé.")


def _check_absence(payload: Payload) -> None:
    if not isinstance(payload.get("excused"), bool):
        raise MalformedError("Dites si l'absence est excusée.")
    _check_reason(payload)


def _check_incident(payload: Payload) -> None:
    if payload.get("category") not in Incident.Category.values:
        raise MalformedError("Choisissez la nature de l'incident dans la liste.")
    if not parse_text(payload.get("text"), NOTE_LIMIT, "text").strip():
        raise MalformedError("Écrivez ce qui s'est passé.")


def _check_pause(payload: Payload) -> None:
    if payload.get("planned") is not True:
        _check_incident(payload)


ACTS: dict[str, Callable[[Payload], None]] = {
    "identity": _check_identity,
    "attendance": _check_attendance,
    "start": _check_nothing,
    "finish": _check_nothing,
    "absent": _check_absence,
    "interrupt": _check_reason,
    "incident": _check_incident,
    "pause": _check_pause,
    "resume": _check_nothing,
}


def refusal_text(refused: TransitionRefused) -> str:
    return " ".join([refused.message, *(missing.text for missing in refused.missing)])


class Course:
    """An interview, locked with its session, under the hand of one of its evaluators."""

    def __init__(self, assignment: int, user: User) -> None:
        interview = Assignment.objects.values_list("interview", flat=True).get(pk=assignment)
        interviews.lock_session(interview)
        self.interview = interviews.lock_interview(interview)
        self.assignment = Assignment.objects.get(pk=assignment)
        self.user = user

    def apply(self, incoming: Incoming) -> Refused | None:
        """Do what the operation says, at once. Return why not, if not."""
        try:
            getattr(self, f"_{incoming.kind}")(incoming.payload, incoming.at)
        except TransitionRefused as refused:
            return Refused(refusal_text(refused))
        return None

    def _identity(self, payload: Payload, at: dt.datetime) -> None:
        interviews.check_identity(
            interview=self.interview, assignment=self.assignment, by=self.user, paper=payload["paper"], at=at
        )

    def _attendance(self, payload: Payload, at: dt.datetime) -> None:
        interviews.sign_attendance(interview=self.interview, by=self.user, strokes=payload["strokes"], at=at)

    def _start(self, payload: Payload, at: dt.datetime) -> None:
        if self.interview.state not in (I.RUNNING, I.FINISHED, I.INTERRUPTED):
            self.interview = start_interview(self.interview, by=self.user, at=at)

    def _finish(self, payload: Payload, at: dt.datetime) -> None:
        if self.interview.state != I.FINISHED:
            self.interview = interviews.finish(interview=self.interview, by=self.user, at=at)

    def _interrupt(self, payload: Payload, at: dt.datetime) -> None:
        if self.interview.state != I.INTERRUPTED:
            self.interview = interviews.interrupt(
                interview=self.interview, by=self.user, at=at, reason=payload["reason"]
            )

    def _absent(self, payload: Payload, at: dt.datetime) -> None:
        if self.interview.state != I.ABSENT:
            self.interview = interviews.note_absence(
                interview=self.interview, by=self.user, excused=payload["excused"], reason=payload["reason"]
            )

    def _incident(self, payload: Payload, at: dt.datetime) -> None:
        self._note(payload, at)

    def _pause(self, payload: Payload, at: dt.datetime) -> None:
        incident = None if payload.get("planned") else self._note(payload, at)
        if incident is None or self.interview.state == I.RUNNING:
            interviews.pause(interview=self.interview, by=self.user, at=at, incident=incident)

    def _note(self, payload: Payload, at: dt.datetime) -> Incident:
        return interviews.note_incident(
            interview=self.interview, by=self.user, category=payload["category"], text=payload["text"], at=at
        )

    def _resume(self, payload: Payload, at: dt.datetime) -> None:
        interviews.resume(interview=self.interview, by=self.user, at=at)
