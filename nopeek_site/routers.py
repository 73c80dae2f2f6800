"""Which tables live in which database."""

from __future__ import annotations

from typing import Any

from django.conf import settings


class ChannelsRouter:
    """Keeps the socket layer's tables in a file of their own in embedded mode."""

    def _db(self, app_label: str) -> str | None:
        if app_label == "channels_lite" and "channels" in settings.DATABASES:
            return "channels"
        return None

    def db_for_read(self, model: Any, **_hints: Any) -> str | None:
        return self._db(model._meta.app_label)  # noqa: SLF001

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool | None:
        home = self._db(app_label) or "default"
        return db == home
