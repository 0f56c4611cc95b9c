"""SESSION_ENGINE: Django's sessions in the database, which say whose they are, on which device, and when last seen.

The name of the class is part of the signature of what a session holds: it stays Django's.
"""

import datetime as dt
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

# In the session itself, so that they outlive a change of its key: seconds since 1970, and a text.
ENTERED_AT, USER_AGENT = "entered_at", "user_agent"


class SessionStore(db.SessionStore):
    # When the row was last seen before this request; None for a session that is new.
    seen_at: dt.datetime | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        from cqp.models import LoginSession

        return LoginSession

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()  # type: ignore[misc]
        self.seen_at = row.seen_at if row else None
        return row

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        entered = data.get(ENTERED_AT)
        row.user_id = data.get(SESSION_KEY)
        row.entered_at = dt.datetime.fromtimestamp(entered, dt.UTC) if entered else None
        row.user_agent = data.get(USER_AGENT, "")
        row.seen_at = timezone.now()
        return row
