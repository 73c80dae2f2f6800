"""Tests: a directory of their own, quick hashing, no rate limits, in-memory sockets."""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("NOPEEK_VAR", tempfile.mkdtemp(prefix="nopeek-test-"))
LANE = os.environ.get("PYTEST_XDIST_WORKER", "")
"""Tests run beside each other, each lane with databases and storages of its own."""
if LANE and "pytest" in sys.modules and Path(os.environ["NOPEEK_VAR"]).name != LANE:
    os.environ["NOPEEK_VAR"] += f"/{LANE}"  # the first lane's choice is inherited

from nopeek_site.env import VAR, env  # noqa: E402
from nopeek_site.settings.base import *  # noqa: E402, F403
from nopeek_site.settings.base import (  # noqa: E402
    CACHES,
    CHANNEL_LAYERS,
    DATABASES,
    REDIS_URL,
    REST_FRAMEWORK,
    STORAGES,
)

DATABASES.pop("channels", None)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, so that threads and processes of one test can race for it.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
for _storage in STORAGES.values():
    if LANE and "bucket_name" in _storage.get("OPTIONS", {}):
        _storage["OPTIONS"]["location"] += f"-{LANE}"
if REDIS_URL:
    CACHES["default"]["KEY_PREFIX"] = LANE
    CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = f"nopeek-test{LANE}"
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = False
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(
    REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
)
ACCOUNT_RATE_LIMITS = False
NOPEEK_KILL_POINTS = True
NOPEEK_KILL_AT = env.str("NOPEEK_KILL_AT", default="")
