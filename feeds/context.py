"""What the frame of every page shows of the feeds."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from feeds.notify import unread


def bell(request: HttpRequest) -> dict[str, Any]:
    """``unread``: how many notifications are new; counted when a template asks."""
    user = request.user if hasattr(request, "user") else None

    @cache
    def count() -> int:
        return unread(user) if isinstance(user, User) else 0

    return {"unread": count}
