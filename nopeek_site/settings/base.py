"""What holds everywhere. The defaults run embedded: one machine, no server to install."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from csp.constants import NONCE, NONE, SELF

from nopeek_site.env import ROOT, VAR, env, kept_secret

SECRET_KEY = kept_secret("DJANGO_SECRET_KEY", "django.key").hex()
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list(
    "NOPEEK_HOSTS", default=["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("NOPEEK_ORIGINS", default=[])
SITE_URL = env.str("NOPEEK_URL", default="http://localhost:8000")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "channels",
    "channels_lite",
    "corsheaders",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lucide",
    "rest_framework",
    "rest_framework.authtoken",
    "accounts",
    "privacy",
    "privacy.outside.apps.OutsideConfig",
    "privacy.meters.apps.MetersConfig",
    "privacy.listed.apps.ListedConfig",
    "privacy.claims.apps.ClaimsConfig",
    "privacy.personal.apps.PersonalConfig",
    "privacy.samples.apps.SamplesConfig",
    "gallery",
    "gallery.people.apps.PeopleConfig",
    "feeds",
    "nopeek_site.apps.SiteConfig",
]

MIDDLEWARE = [
    "nopeek_site.middleware.RequestLog",
    "nopeek_site.middleware.Compressed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "nopeek_site.middleware.PrivateByDefault",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.sessions.SeenNowAndThen",
    "django_htmx.middleware.HtmxMiddleware",
    "nopeek_site.middleware.PersonalClock",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "nopeek_site.urls"
ASGI_APPLICATION = "nopeek_site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "nopeek_site.context.shell",
                "feeds.context.bell",
            ],
        },
    }
]

# --- where things are kept -----------------------------------------------------------

DATABASES: dict[str, Any] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR / 'nopeek.sqlite3'}")
}
_SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
        "PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000;"
    ),
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = _SQLITE_OPTIONS
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL], "expiry": 20},
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
        }
    }
else:
    # A file of its own: socket traffic must not wait for the site's transactions.
    DATABASES["channels"] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR / "channels.sqlite3",
        "OPTIONS": dict(_SQLITE_OPTIONS),
    }
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_lite.layers.core.SQLiteChannelLayer",
            "CONFIG": {"database": "channels", "expiry": 20},
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(VAR / "cache"),
        }
    }
DATABASE_ROUTERS = ["nopeek_site.routers.ChannelsRouter"]


def _private_storage(name: str) -> dict[str, Any]:
    """One of the three private storages; none of them is ever under MEDIA_URL."""
    if bucket := env.str("NOPEEK_S3_BUCKET", default=""):
        from boto3.s3.transfer import TransferConfig

        options: dict[str, Any] = {
            "bucket_name": bucket,
            "location": name,
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": True,  # names are random: none is ever met twice
            # Objects are small: three threads for each would be all the work there is.
            "transfer_config": TransferConfig(use_threads=False),
            "addressing_style": env.str("NOPEEK_S3_ADDRESSING", default=None),
            "endpoint_url": env.str("NOPEEK_S3_ENDPOINT", default=None),
            "region_name": env.str("NOPEEK_S3_REGION", default=None),
            "access_key": env.str("NOPEEK_S3_ACCESS_KEY", default=None),
            "secret_key": env.str("NOPEEK_S3_SECRET_KEY", default=None),
        }
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": VAR / "private" / name,
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


STORAGES: dict[str, Any] = {
    "default": _private_storage("other"),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "originals": _private_storage("originals"),
    "renditions": _private_storage("renditions"),
    "exports": _private_storage("exports"),
}
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [ROOT / "static"]

NOPEEK_MASTER_KEY = kept_secret("NOPEEK_MASTER_KEY", "master.key")
"""Wraps the key-encryption key of every user. Losing it loses every original."""
NOPEEK_MASTER_KEY_FILE = VAR / "keys" / "master.key"
NOPEEK_ACCEL_PREFIX = env.str("NOPEEK_ACCEL_PREFIX", default="")
"""Internal nginx location of the renditions; empty lets Django send the bytes."""

# --- the line ------------------------------------------------------------------------

NOPEEK_EVENT_SINKS = ["feeds.notify.deliver"]
NOPEEK_ON_RULES = ["gallery.rules.rules_changed"]
NOPEEK_ON_CAUTION = ["gallery.caution.caution_changed"]
NOPEEK_POSTS = "gallery.rules.facts"
NOPEEK_REPLAN = "gallery.rules.replan_subjects"
NOPEEK_FOLLOWERS = "gallery.rules.followers_at"
NOPEEK_REACHES = "gallery.rules.reaches"
NOPEEK_EXAMPLES = "gallery.rules.examples"
NOPEEK_OWN_PLACES = "gallery.people.told.places"
NOPEEK_ALBUM_RULES = "gallery.people.floors.of_albums"
NOPEEK_STANDING = "gallery.standing.standing"
NOPEEK_RETRY = "gallery.standing.retry"
NOPEEK_RELEASE = "gallery.withholding.release"
NOPEEK_LISTS_READABLE = "gallery.withholding.readable_again"
NOPEEK_RECHECK = "gallery.withholding.recheck_all"
NOPEEK_HASHER = env.str("NOPEEK_HASHER", default="privacy.core.pdq.hash_of")
"""Dotted name of what hashes an upload for the lists of known pictures."""
NOPEEK_HASH_NEAR = env.int("NOPEEK_HASH_NEAR", default=31)
"""Bits, of 256, up to which a picture counts as one of a list."""
NOPEEK_HASH_SECONDS = env.float("NOPEEK_HASH_SECONDS", default=20.0)
"""How long the comparison may take; what takes longer has not been compared."""
NOPEEK_METRICS_TOKEN = env.str("NOPEEK_METRICS_TOKEN", default="")
"""With it Prometheus reads /metrics; empty leaves that to logged-in staff."""
NOPEEK_TWO_PEOPLE = env.bool("NOPEEK_TWO_PEOPLE", default=False)
"""Whether a draft of the rules needs the approval of a second person."""
NOPEEK_LIMITS = {
    "bytes": env.int("NOPEEK_MAX_BYTES", default=40 * 1024 * 1024),
    "pixels": env.int("NOPEEK_MAX_PIXELS", default=64_000_000),
    "files_per_post": 10,
    "files_per_user": env.int("NOPEEK_MAX_FILES", default=10_000),
}
NOPEEK_ATTEMPTS = 3
NOPEEK_KILL_POINTS = False
NOPEEK_KILL_AT = ""
"""Only the tests die on purpose (gallery/faults.py)."""
NOPEEK_STALL_SECONDS = env.int("NOPEEK_STALL_SECONDS", default=90)
NOPEEK_DEMO_PASSWORD = env.str("NOPEEK_DEMO_PASSWORD", default="")
"""Of the demo's people; empty lets each site make its own and print it."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = str(VAR / "incoming")
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FILES = 10

CELERY_BROKER_URL = env.str(
    "CELERY_BROKER_URL", default=REDIS_URL or "filesystem://localhost"
)
if CELERY_BROKER_URL.startswith("filesystem"):
    _queue = VAR / "queue"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.25,
    }
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # it would litter the folder
else:
    # A person waits for the answer to an upload: one more try at a broker that is away,
    # not a hundred. What could not be sent, reconcile sends.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 1, "interval_start": 0.1}
    if CELERY_BROKER_URL.startswith("redis"):
        CELERY_BROKER_TRANSPORT_OPTIONS |= {
            "visibility_timeout": 900,
            "socket_connect_timeout": 1,
        }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_LOST_WAIT = 2.0  # seconds until the work of a killed child is given on
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 3_000_000  # KiB
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "gallery.tasks.advance_media": {"queue": "ml"},
    "gallery.tasks.render_media": {"queue": "ml"},
    "gallery.tasks.explain_region": {"queue": "ml"},
    "gallery.tasks.compare_faces": {"queue": "ml"},
    "gallery.tasks.recheck_media": {"queue": "ml"},
    "gallery.tasks.*": {"queue": "media"},
    "privacy.outside.tasks.carry_out": {"queue": "ml"},
    "privacy.outside.tasks.*": {"queue": "media"},
    "privacy.tasks.look_at_samples": {"queue": "ml"},
    "privacy.tasks.*": {"queue": "media"},
}
CELERY_BEAT_SCHEDULE = {
    "reconcile": {"task": "gallery.tasks.reconcile", "schedule": timedelta(seconds=20)},
    "sweep": {"task": "gallery.tasks.sweep", "schedule": timedelta(minutes=15)},
    "forget_jobs": {
        "task": "privacy.outside.tasks.forget_jobs",
        "schedule": timedelta(minutes=1),
    },
    "carry_on": {"task": "privacy.tasks.carry_on", "schedule": timedelta(seconds=30)},
    "forget_events": {
        "task": "privacy.tasks.forget_events",
        "schedule": timedelta(days=1),
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")

# --- people --------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.PresentBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATORS = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": _VALIDATORS + "UserAttributeSimilarityValidator"},
    {"NAME": _VALIDATORS + "MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": _VALIDATORS + "CommonPasswordValidator"},
    {"NAME": _VALIDATORS + "NumericPasswordValidator"},
    {"NAME": "accounts.sessions.EndOtherLogins"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
NOPEEK_SENDS_MAIL = bool(env.str("EMAIL_URL", default=""))
"""Whether there is a mail server. Without one no address is asked for, since signing up
would tell whether it has an account; with one each is confirmed (accounts.entrance)."""
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
if not NOPEEK_SENDS_MAIL:
    ACCOUNT_SIGNUP_FIELDS.remove("email*")
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if NOPEEK_SENDS_MAIL else "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_FORMS = {
    "signup": "accounts.entrance.SignUpForm",
    "add_email": "accounts.entrance.AddEmailForm",
}
ACCOUNT_USERNAME_BLACKLIST = ["admin", "api", "me", "settings", "static", "nopeek"]
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    # A name from one address: axes. A name or a second factor from everywhere: key.
    "login_failed": "20/m/ip,100/h/ip,20/h/key",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = not NOPEEK_SENDS_MAIL
MFA_TOTP_ISSUER = "NoPeek"
USERSESSIONS_TRACK_ACTIVITY = True  # by accounts.sessions.SeenNowAndThen
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "accounts.lockout.response"
AXES_USERNAME_CALLABLE = "accounts.lockout.attempted_name"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_HTTP_RESPONSE_CODE = 429
NOPEEK_PROXIES = env.int("NOPEEK_PROXIES", default=0)
"""How many proxies of ours stand in front; only then X-Forwarded-For is read."""
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_ip"
ALLAUTH_TRUSTED_PROXY_COUNT = NOPEEK_PROXIES

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "nopeek_site.views.csrf_failure"

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("NOPEEK_FROM_EMAIL", default="NoPeek <nopeek@localhost>")
if _email := env.str("EMAIL_URL", default=""):
    vars().update(env.email_url_config(_email))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR / "mail")

# --- headers -------------------------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- words and time ------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [ROOT / "locale", ROOT / "locale" / "packages"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- API -----------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.backends.PresentToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "nopeek_site.api.pagination.Cursor",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["nopeek_site.api.throttling.Scoped"],
    "DEFAULT_THROTTLE_RATES": {
        "read": "600/min",
        "write": "120/min",
        "upload": "60/min",
        "follow": "30/min",
        "login": "10/min",
        "export": "4/hour",
        "viper": "10/min",
    },
    "EXCEPTION_HANDLER": "nopeek_site.api.problems.handler",
    "NUM_PROXIES": NOPEEK_PROXIES,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "NoPeek",
    "DESCRIPTION": "Every answer is made for the one who asks.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "MediaState": "gallery.states.NAMES",
        "ExportState": ["queued", "making", "ready", "failed"],
    },
}

NOPEEK_API = {
    "per_minute": env.int("NOPEEK_API_PER_MINUTE", default=30),
    "per_day": env.int("NOPEEK_API_PER_DAY", default=1000),
    "wait": env.float("NOPEEK_API_WAIT", default=20),
    "viper": env.bool("NOPEEK_VIPER", default=False),
    "viper_wait": env.float("NOPEEK_VIPER_WAIT", default=60),
}
"""Other programs: quotas of a new key, seconds to hold a request, VIPER's interface."""
CORS_ALLOWED_ORIGINS: list[str] = env.list("NOPEEK_EMBED_ORIGINS", default=[])
"""Pages of others that may use <nopeek-protect>; none unless they are named."""
CORS_URLS_REGEX = r"^/api/v1/(analyse|protect|jobs/[0-9a-f-]{36})$"
CORS_ALLOW_METHODS = ["GET", "POST", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = ["authorization", "content-type", "prefer"]
CORS_EXPOSE_HEADERS = ["location", "retry-after"]
CORS_ALLOW_CREDENTIALS = False

LOGGING_CONFIG = "nopeek_site.logging.configure"
LOGGING = {"level": env.str("NOPEEK_LOG_LEVEL", default="INFO"), "json": False}
SILENCED_SYSTEM_CHECKS: list[str] = []
