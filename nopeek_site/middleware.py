"""What holds for every response."""

from __future__ import annotations

import time
import uuid
import zoneinfo
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

log = structlog.get_logger("nopeek.request")
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """One line a request, with an id that also stands on every line in between.

    The path's pattern is logged, never the path: it may carry a person's name.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex[:12])
        start = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            method=request.method,
            route=match.route if match else "-",
            status=response.status_code,
            ms=round((time.perf_counter() - start) * 1000, 1),
        )
        return response


class PrivateByDefault:
    """No answer may be kept by a shared cache, and pages not by any.

    Byte delivery sets its own ``private, no-cache`` with a strong ETag.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        patch_vary_headers(response, ("Cookie", "Authorization"))
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "geolocation=(), microphone=(), interest-cohort=()"
        )
        match = request.resolver_match
        if match is not None and not match.route.startswith(_OTHERS_PAGES):
            response._csp_update = _TRUSTED_TYPES  # type: ignore[attr-defined]  # noqa: SLF001
        if getattr(request, "leaves", False):
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


_OTHERS_PAGES = ("admin/", "api/")
"""Django's admin and the API's pages bring scripts that know no trusted types."""
_TRUSTED_TYPES = {
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["default"],
}
"""Scripts reach the DOM's dangerous sinks only through the policy in static/js/app.js."""


@receiver(user_logged_out)
def _leaves(request: HttpRequest | None = None, **_: object) -> None:
    """Whoever uses the browser next finds nothing of the one who has logged out."""
    if request is not None:
        request.leaves = True  # type: ignore[attr-defined]


class Compressed(GZipMiddleware):
    """Pages, styles and scripts go out compressed; pictures and the API's JSON do not.

    Against BREACH stand Django's masked form tokens and the random padding that this
    middleware puts into every answer ("Heal the Breach", 100 bytes).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind not in _COMPRESSED or response.status_code != HTTPStatus.OK:
            return response
        return super().process_response(request, response)


_COMPRESSED = frozenset(
    {"text/html", "text/css", "text/javascript", "image/svg+xml"}
    | {"application/javascript", "application/manifest+json"}
)


class PersonalClock:
    """The language and the time zone that a person chose."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        try:
            zone = zoneinfo.ZoneInfo(user.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            zone = zoneinfo.ZoneInfo("UTC")
        request.LANGUAGE_CODE = user.language
        with timezone.override(zone), translation.override(user.language):
            return self.get_response(request)
