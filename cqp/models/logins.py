"""Where somebody is logged in."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone


class LoginSession(AbstractBaseSession):
    """A session of Django, with whose it is and what its owner recognises it by. `cqp.accounts.session_store` writes it.

    Anonymous visitors have some too: `user` is null. No address is kept.
    """

    branch_path = None

    # Without a constraint: a session saved while its owner is deleted is no error.
    user = models.ForeignKey(
        "cqp.User", models.CASCADE, null=True, blank=True, related_name="login_sessions", db_constraint=False
    )
    entered_at = models.DateTimeField("entrée le", null=True, blank=True)
    seen_at = models.DateTimeField("vue le", default=timezone.now)
    user_agent = models.CharField("navigateur", max_length=200, blank=True)

    class Meta:
        verbose_name = "connexion"
        verbose_name_plural = "connexions"

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore
