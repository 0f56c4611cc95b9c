"""The rooms of interviews that were kept as texts become the session's rooms, and can go back."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from candidates.models import Interview, Room
from cqp.evidence import triggers
from tests import factories as make

TEXTS, KEYS = [("candidates", "0015_jury")], [("candidates", "0018_interview_room_required")]
SPELLINGS = ["salle VEIL", " Salle  Veil ", "Bureau 3", "BUREAU 3", "", "   ", "Salle Émeraude"]


def migrate(target):
    """Migrate to `target`, and return its models. The command drops the triggers before, and installs them after."""
    triggers.drop_all(connection)
    MigrationExecutor(connection).migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.mark.database
def test_texts_become_rooms_of_their_session_and_come_back(committed_referentiel):
    session, other = make.make_session(committed_referentiel), make.make_session(committed_referentiel, title="Autre")
    veil, emerald = (make.make_room(session, name).pk for name in ("Salle Veil", "Salle Emeraude"))
    interviews = []
    for here in (*[session] * len(SPELLINGS), other):
        row = make.make_enrolment(here, blocs=[1]).enrolment_blocs.get()
        interviews.append(make.make_interview(row, [], room="Salle 1").pk)
    try:
        old = migrate(TEXTS).get_model("candidates", "Interview").objects
        assert set(old.values_list("room", flat=True)) == {"Salle 1"}
        for pk, text in zip(interviews, [*SPELLINGS, "SALLE VEIL"], strict=True):
            old.filter(pk=pk).update(room=text)
    finally:
        migrate(KEYS)
        triggers.install_all(connection)
    rooms = [Interview.objects.select_related("room").get(pk=pk).room for pk in interviews]
    names = ["Salle Veil", "Salle Veil", "Bureau 3", "Bureau 3", "Salle à préciser", "Salle à préciser"]
    assert [room.name for room in rooms] == [*names, "Salle Émeraude", "SALLE VEIL"]
    assert {room.session_id for room in rooms[:-1]} == {session.pk}
    assert rooms[0].pk == rooms[1].pk == veil
    # An accent was a difference, and stays one.
    assert rooms[6].pk != emerald
    assert rooms[-1].session_id == other.pk
    assert Room.objects.filter(session=session).count() == 6
