"""The site's own settings, with two more pages to compare it with."""

from cqp.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
TEMPLATES[0]["DIRS"] += [BASE_DIR / "tests" / "bench" / "templates"]  # noqa: F405
# A hundred people are made; none of them types a password here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
