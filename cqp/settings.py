"""All settings, read once from the environment.

MODE says what the process is for: `production` (the default), `demonstration`, `development` or `test`.
Production refuses to start without SECRET_KEY or with DEBUG.
"""

import sys
from pathlib import Path
from shutil import which

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.csp import CSP
from environs import Env
from marshmallow.validate import OneOf

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
if "pytest" not in sys.modules:
    env.read_env(str(BASE_DIR / ".env"))

MODE = env.str("MODE", "test" if "pytest" in sys.modules else "production")
if MODE not in ("production", "demonstration", "development", "test"):
    raise ImproperlyConfigured(f"MODE must be production, demonstration, development or test, not {MODE!r}.")
PRODUCTION = MODE == "production"
DEMO = MODE == "demonstration"
TEST = MODE == "test"

DEBUG = env.bool("DEBUG", MODE == "development")
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off in production. Set MODE=development to develop.")

VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var" / "test" if TEST else BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def local_secret_key() -> str:
    """Return the key of this folder, made at the first start. For every mode but production."""
    file = VAR_DIR / "secret-key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(get_random_secret_key())
    return file.read_text()


SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY:
    if PRODUCTION:
        raise ImproperlyConfigured("SECRET_KEY is missing. Production does not start without one.")
    SECRET_KEY = "only-for-the-tests" * 3 if TEST else local_secret_key()

SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
# The keys of the evidence, the one in use first: see cqp.evidence.keys.
EVIDENCE_KEYS: list[str] = env.list("EVIDENCE_KEYS", [])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "cqp.accounts.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "cqp",
    "referentiel",
    "candidates",
    "evaluations",
    # After cqp, whose db_worker is the one that runs.
    "django_tasks_db",
]
if TEST:
    INSTALLED_APPS.append("zeal")

MIDDLEWARE = [
    "cqp.web.middleware.HeadersMiddleware",
    "cqp.web.received.ReceivedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "cqp.web.middleware.FrenchMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cqp.web.middleware.LoginRequiredMiddleware",
    "cqp.web.middleware.OverflowMiddleware",
    "cqp.web.middleware.BusyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cqp.accounts.middleware.LoginSessionMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

if TEST:
    # Around whoever asks first who is there: a person who was read alone is nobody's list.
    MIDDLEWARE.insert(MIDDLEWARE.index("cqp.accounts.middleware.LoginSessionMiddleware"), "tests.zeal.pages")

ROOT_URLCONF = "cqp.urls"
WSGI_APPLICATION = "cqp.wsgi.application"
FORM_RENDERER = "cqp.web.received.FormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cqp.home.context_processors.site",
            ],
            "builtins": ["cqp.templatetags.cqp", "django.templatetags.static", "django.templatetags.tz"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Data ---------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR}/db.sqlite3")}
DATABASE = DATABASES["default"]
# Django's engines, which bind the evident rows of a transaction before it ends (see cqp.evidence.engines).
DATABASE["ENGINE"] = DATABASE["ENGINE"].replace("django.db.backends", "cqp.evidence.engines")
if DATABASE["ENGINE"] == "cqp.evidence.engines.sqlite3":
    DATABASE["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # What was acknowledged survives a power cut: each commit is on the disk. The tests cut none.
        "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={'NORMAL' if TEST else 'FULL'};",
    }
elif not TEST:
    DATABASE["OPTIONS"] = {"pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", 10)}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# Shared by all processes: never the memory of one. The limits have a table of their own (`cqp.web.rate_limits`).
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cqp_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
# `cqp.core.queues` says what each is for.
TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "mails", "documents", "files"],
    }
}

FILES_DIR = VAR_DIR / "files"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": FILES_DIR, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TEST or DEBUG
        else "cqp.web.staticfiles.StaticStorage"
    },
}
# The keys with which branches seal their documents: never in the repository, best on a volume of their own.
SEALS_DIR = Path(env.str("SEALS_DIR", str(VAR_DIR / "seals")))
SEAL_PASSPHRASE = env.str("SEAL_PASSPHRASE", "")
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "cqp.web.staticfiles.BootstrapFinder",
]
WHITENOISE_USE_FINDERS = TEST or DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
# One part of a request body beyond this goes to disk; a whole body of plain data beyond it is refused.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "cqp.files.received.ReceivedFileHandler",
]

# ClamAV: the path of its socket, or host:port; "" where there is none. Without it, files wait ("block"), or are taken and
# marked as not scanned ("warn").
CLAMD_SOCKET = env.str("CLAMD_SOCKET", "")
SCANNER_ABSENT = env.str("SCANNER_ABSENT", "block" if PRODUCTION else "warn", validate=OneOf(["block", "warn"]))
# LibreOffice turns office documents into PDF; where it is not installed they are not accepted.
SOFFICE = env.str("SOFFICE", which("soffice") or "")
# Received files are worked on behind bubblewrap's walls; true where it cannot work and something else confines the site.
BOX_WITHOUT_WALLS = env.bool("BOX_WITHOUT_WALLS", False)

# --- Language and time: stored in UTC, a session shows its own zone --------------------------------------------------

LANGUAGE_CODE = "fr"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

# --- People ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "cqp.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "cqp.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# Seconds and tries: what the pages and the mails say. Mail servers that see an address for the first time take ten minutes.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_TIMEOUT = 60 * 60
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
# The others are allauth's. All are counted by `cqp.web.rate_limits`.
ACCOUNT_RATE_LIMITS = {"change_password": "5/m/user,20/h/user", "reauthenticate": "10/m/user"}
ACCOUNT_FORMS = {"confirm_login_code": "cqp.accounts.forms.LoginCodeForm"}
# How long a proof of who one is stays fresh (`cqp.accounts.proof`).
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
# Passkeys, instead of the mailed code. A whole training centre may share one address.
MFA_ADAPTER = "cqp.accounts.passkeys.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}
if TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# --- Mail -----------------------------------------------------------------------------------------------------------

EMAIL_CONFIG = env.dj_email_url("EMAIL_URL", "" if PRODUCTION else f"file:///{VAR_DIR}/mails")
vars().update(EMAIL_CONFIG)
# Seconds that a mail server has to answer, at each step.
EMAIL_TIMEOUT = EMAIL_CONFIG.get("EMAIL_TIMEOUT") or 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "CQP <ne-pas-repondre@localhost>")
# Where the demonstration listens (gunicorn too, unless told otherwise): the addresses that the site writes follow it.
PORT = int(env.str("PORT", "") or 8000)
SITE_URL = env.str("SITE_URL", f"http://localhost:{PORT}").rstrip("/")

# --- Security -------------------------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "object-src": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Staff's sessions are shorter: `cqp.accounts.logins`.
SESSION_ENGINE = "cqp.accounts.session_store"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
