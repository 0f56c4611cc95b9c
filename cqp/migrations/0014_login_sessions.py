import time

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def move_sessions(apps, schema_editor):
    """Whoever is logged in stays so: their session moves, as if they had entered now."""
    from django.contrib.sessions.backends.db import SessionStore

    old, new = apps.get_model("sessions", "Session"), apps.get_model("cqp", "LoginSession")
    people, store, now = (
        set(apps.get_model("cqp", "User").objects.values_list("pk", flat=True)),
        SessionStore(),
        time.time(),
    )
    moved = []
    for row in old.objects.filter(expire_date__gt=django.utils.timezone.now()).iterator():
        data = store.decode(row.session_data)
        user = int(data.get("_auth_user_id", 0))
        if user in people:
            content = store.encode(data | {"entered_at": now})
            moved.append(
                new(
                    session_key=row.session_key,
                    session_data=content,
                    expire_date=row.expire_date,
                    user_id=user,
                    entered_at=django.utils.timezone.now(),
                )
            )
    new.objects.bulk_create(moved)
    old.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("cqp", "0013_rate_limits"), ("sessions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="LoginSession",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("entered_at", models.DateTimeField(blank=True, null=True, verbose_name="entrée le")),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="vue le")),
                ("user_agent", models.CharField(blank=True, max_length=200, verbose_name="navigateur")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="login_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "connexion", "verbose_name_plural": "connexions"},
        ),
        migrations.RunPython(move_sessions, migrations.RunPython.noop),
    ]
