"""The style picker: previews of a region, and stickers of one's own."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from rest_framework.throttling import UserRateThrottle

from gallery import looks, stickers, vault
from gallery.access import access_own_media
from gallery.models import Sticker
from gallery.views import me
from privacy import review
from privacy.core.errors import RefusedInput
from privacy.core.types import Style


class _Looks(UserRateThrottle):
    """Enough for a picture full of faces; who asks for more is told to wait."""

    scope, rate = "looks", "300/min"


class _Stickers(UserRateThrottle):
    scope, rate = "stickers", "20/min"


@login_required
@require_safe
def look(request: HttpRequest, public_id: uuid.UUID, region: str) -> HttpResponse:
    """A region of one's own picture in ``?style=``, made by the site's renderer.

    429 to who asks too often, 503 while others are being made.
    """
    media = access_own_media(me(request), public_id)
    word, _colon, art = request.GET.get("style", "").partition(":")
    row = review.findings(public_id).filter(region=region).first()
    if row is None or word not in tuple(Style):
        raise Http404
    if not _allowed(request, _Looks):
        return _small(_("Wait a moment."), 429)
    try:
        stickers.check(media.owner_id, art)
        data = looks.preview(media, row, Style(word), art)
    except looks.Busy:
        return _small(_("Wait a moment."), 503)
    except (review.BadRegion, vault.VaultError) as error:
        raise Http404 from error
    return _picture(data, "image/webp")


@login_required
@require_POST
def sticker_add(request: HttpRequest) -> HttpResponse:
    """Keep an uploaded sticker. Scripts get JSON, forms come back to the page."""
    file = request.FILES.get("file")
    problem, row = "", None
    if not isinstance(file, UploadedFile):
        problem = _("There was no file in it.")
    elif not _allowed(request, _Stickers):
        problem = _("That was a lot at once. Wait a moment.")
    else:
        try:
            row = stickers.keep(me(request), file, request.POST.get("name", ""))
        except RefusedInput as error:
            problem = str(error)
    if request.headers.get("X-Requested-With") != "fetch":
        if problem:
            messages.error(request, problem)
        return _back(request)
    if row is None:
        return JsonResponse({"detail": problem, "code": "sticker"}, status=422)
    return JsonResponse({"id": str(row.public_id), "name": row.name}, status=201)


@login_required
@require_safe
def sticker(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One of one's own stickers, as a picture."""
    row: Sticker = stickers.access(me(request), public_id)
    try:
        return _picture(stickers.read(row), "image/png")
    except vault.VaultError as error:
        raise Http404 from error


@login_required
@require_POST
def sticker_delete(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Forget a sticker; what wears it gets one of the site's."""
    stickers.delete(stickers.access(me(request), public_id))
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"id": str(public_id)})
    return _back(request)


def _allowed(request: HttpRequest, pace: type[UserRateThrottle]) -> bool:
    asked: Any = request  # it asks for the user and the address, which both have
    return bool(pace().allow_request(asked, cast("Any", None)))


def _small(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain")
    response["Retry-After"] = "5"
    return response


def _picture(data: bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _back(request: HttpRequest) -> HttpResponse:
    back = request.POST.get("next", "")
    inside = url_has_allowed_host_and_scheme(back, {request.get_host()})
    return redirect(back if inside else reverse("share"))
