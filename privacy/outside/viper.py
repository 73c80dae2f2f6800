"""``POST /api/viper``: VIPER's own interface, without its faults; off unless enabled.

As VIPER does, it takes ``image`` (an address, or a file), ``modifier`` and
``relationship`` and answers with a picture. Unlike VIPER it shares no file and no
detection between requests, refuses what it does not know, and fetches nothing from
within the own network. Anyone may ask, so it is bounded by address.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from privacy.outside import jobs, wishes
from privacy.outside.fetch import Fetcher, Limits
from privacy.outside.problems import Problem
from privacy.outside.views import fields, told, uploaded


class ViperView(APIView):
    """VIPER's keys in, a picture out."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    parser_classes = [MultiPartParser, FormParser, JSONParser]
    throttle_scope = "viper"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """As if it were not there, unless it is enabled."""
        if not settings.NOPEEK_API["viper"]:
            raise Http404
        super().initial(request, *args, **kwargs)

    @extend_schema(exclude=True)
    def post(self, request: Request) -> HttpResponse:
        wanted = wishes.viper(fields(request))
        data = picture_of(request)
        started = jobs.start(data, wanted, secrets.token_urlsafe(32))
        try:
            found = jobs.wait(started, float(settings.NOPEEK_API["viper_wait"]))
        finally:
            jobs.forget([started.job])
        if found is None:
            raise Problem(503, "busy", "Too much is waiting. Try again.", 10)
        image = told(found)["image"]
        pixels = base64.b64decode(image["base64"])
        response = HttpResponse(pixels, content_type=image["type"])
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


def picture_of(request: Request) -> bytes:
    """The file, or what lies at the address.

    Raises:
        Problem: neither is there, or it may not be fetched.
    """
    if request.FILES.get("image") is not None:
        return uploaded(request)
    address = fields(request).get("image")
    if not isinstance(address, str) or not address:
        said = "Send a file, or the http(s) address of a picture, as image."
        raise Problem(400, "image", said)
    return fetcher().get(address)


def fetcher() -> Fetcher:
    """With the site's limit of bytes."""
    return Fetcher(Limits(bytes=settings.NOPEEK_LIMITS["bytes"]))
