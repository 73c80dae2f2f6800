"""Embedded, on one's own machine, without TLS."""

from nopeek_site.env import env
from nopeek_site.settings.base import *  # noqa: F403

DEBUG = env.bool("DEBUG", default=False)
WHITENOISE_USE_FINDERS = True
