from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery

UNNAMED = "Salle à préciser"


def find_rooms(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give each interview the room of its session that has its text as a name, in whatever case; add those that lack."""
    alias = schema_editor.connection.alias
    interviews = apps.get_model("candidates", "Interview").objects.using(alias)
    rooms = apps.get_model("candidates", "Room").objects.using(alias)
    by_name: dict[tuple[int, str], int] = {}
    for pk, session, name in rooms.order_by("pk").values_list("pk", "session", "name"):
        by_name[session, name] = pk
        by_name.setdefault((session, _folded(name)), pk)
    # The spelling of the first interview is the room's. A dictionary keeps the order, and each text once.
    texts = interviews.order_by("pk").values_list("enrolment_bloc__enrolment__session", "room_name")
    for session, text in dict.fromkeys(texts):
        name = " ".join(text.split()) or UNNAMED
        room = by_name.get((session, name)) or by_name.get((session, _folded(name)))
        if room is None:
            room = by_name[session, _folded(name)] = rooms.create(session_id=session, name=name).pk
        interviews.filter(enrolment_bloc__enrolment__session=session, room_name=text).update(room=room)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def write_names(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give each interview the name of its room as a text. The rooms that were added stay."""
    alias = schema_editor.connection.alias
    names = apps.get_model("candidates", "Room").objects.using(alias).filter(pk=OuterRef("room")).values("name")
    apps.get_model("candidates", "Interview").objects.using(alias).update(room_name=Subquery(names))


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0016_interview_room_key"),
    ]

    operations = [migrations.RunPython(find_rooms, write_names)]
