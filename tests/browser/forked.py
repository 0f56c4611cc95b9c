"""What the processes of `launch` have in common: the code of the site, read once, no database and no file open."""

import os

os.environ["MODE"] = "test"
os.environ["DJANGO_SETTINGS_MODULE"] = "cqp.settings"

import django

django.setup()

import weasyprint  # noqa: E402, F401
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.urls import get_resolver  # noqa: E402

get_resolver().url_patterns  # noqa: B018
WSGIHandler()
