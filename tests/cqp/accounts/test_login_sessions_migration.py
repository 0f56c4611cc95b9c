"""Whoever is logged in when the site is brought up to date stays so."""

import importlib
import time

import pytest
from django.apps import apps
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from cqp.models import LoginSession
from tests.factories import make_user

migration = importlib.import_module("cqp.migrations.0014_login_sessions")


@pytest.mark.database
@pytest.mark.django_db
def test_sessions_move_with_what_they_hold(settings):
    user, old = make_user(), SessionStore()
    old[SESSION_KEY], old[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    old[HASH_SESSION_KEY], old["note"] = user.get_session_auth_hash(), "gardée"
    old.create()
    gone = SessionStore()
    gone[SESSION_KEY] = "999999"
    gone.create()
    migration.move_sessions(apps, None)
    assert not Session.objects.exists()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = old.session_key
    assert client.get("/").status_code == 200
    assert client.session["note"] == "gardée"
    assert time.time() - client.session["entered_at"] < 3600
    assert LoginSession.objects.get().user == user
