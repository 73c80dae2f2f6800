"""Production: TLS, secrets from the environment, and no insecure default."""

from django.core.exceptions import ImproperlyConfigured

from nopeek_site.env import env
from nopeek_site.settings.base import *  # noqa: F403
from nopeek_site.settings.base import LOGGING, STORAGES

for _variable in (
    "DJANGO_SECRET_KEY",
    "NOPEEK_MASTER_KEY",
    "NOPEEK_HOSTS",
    "NOPEEK_URL",
):
    if not env.str(_variable, default=""):
        raise ImproperlyConfigured(
            f"{_variable} is not set; docs/deploy.md says how to make one"
        )

STORAGES["staticfiles"] = {
    "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
}
SECURE_SSL_REDIRECT = env.bool("NOPEEK_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LOGGING["json"] = True
