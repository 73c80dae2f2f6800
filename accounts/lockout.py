"""After five wrong passwords a name is locked for an address, whatever the door.

The doors are the login page (which is the admin's, too), reauthentication and the
API's token. All of them ask ``django.contrib.auth.authenticate``, where axes counts.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.models import User


def attempted_name(
    request: HttpRequest, credentials: dict[str, Any] | None
) -> str | None:
    """Under which name an attempt counts: the account's, however it was written.

    A name that nobody has is counted all the same, so that a lock says nothing about
    whether the account exists.
    """
    given = credentials or getattr(request, "axes_credentials", None) or {}
    tried = str(given.get("username") or given.get("email") or "").strip().lower()
    if not tried:
        return None
    if "@" in tried:
        found = User.objects.filter(email__iexact=tried).values_list("username")
        if row := found.first():
            return str(row[0]).lower()
    return tried


def response(
    request: HttpRequest,
    _original: HttpResponse | None = None,
    _credentials: dict[str, Any] | None = None,
) -> HttpResponse:
    """429 with the time to wait; the same for every name."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    if request.path.startswith("/api/"):
        answer: HttpResponse = JsonResponse(
            {
                "type": "about:blank",
                "title": "Too many requests",
                "status": 429,
                "detail": "Too many wrong passwords. Wait, then try again.",
                "code": "locked",
            },
            status=429,
            content_type="application/problem+json",
        )
    else:
        answer = render(
            request, "account/locked.html", {"minutes": seconds // 60}, status=429
        )
    answer.headers["Retry-After"] = str(seconds)
    return answer
