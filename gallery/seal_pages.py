"""Opening what is sealed for who is let closer, and one's own photo as a sealed file."""

from __future__ import annotations

import threading
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from gallery import delivery, downloads, seals, stickers, vault
from gallery.access import Grant, access_media, access_own_media
from gallery.forms import SealedFileForm
from gallery.models import Media, SealedObject
from gallery.views import me
from privacy import decisions
from privacy.core.types import Grid, Tier

if TYPE_CHECKING:
    from privacy.core.types import Plan

PATIENCE = 20.0
"""Seconds that a sealed file waits for its turn."""
_TURN = threading.BoundedSemaphore(1)


@require_safe
def sealed(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The encrypted packet that this viewer may open. Whoever may not gets the one 404."""
    try:
        _grant, row = _openable(request, public_id)
        data = seals.packet(row)
    except Http404:
        return delivery.nothing()
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return _unkept(response)


@require_POST
def unlock(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The packet's key, wrapped for the public key in ``page`` (base16, 65 bytes).

    400 where that is none; whoever may not open anything here gets the one 404 first.
    """
    try:
        _grant, row = _openable(request, public_id)
        page = bytes.fromhex(request.POST.get("page", ""))
        return _unkept(JsonResponse(asdict(seals.hand(row, page))))
    except Http404:
        return delivery.nothing()
    except ValueError:
        return _unkept(JsonResponse({"code": "page"}, status=400))


def _openable(request: HttpRequest, public_id: uuid.UUID) -> tuple[Grant, SealedObject]:
    grant = access_media(request.user, public_id)
    return grant, seals.find(grant)


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response


# --- a file that a passphrase opens ---------------------------------------------------


@sensitive_post_parameters("passphrase", "again")
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def sealed_file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One's own photo, masked for a tier, with what is under the masks in it, sealed.

    Made while one waits, so that the passphrase is written nowhere. The original is in
    it at its full size, hence the question who one is, as for an export.
    """
    media = access_own_media(me(request), public_id)
    form = SealedFileForm(request.POST if request.method == "POST" else None)
    scan = decisions.current_scan(media.public_id)
    if scan is None or not vault.has(media, "master"):
        raise Http404
    plans = decisions.plans_for(scan)
    if request.method == "POST" and form.is_valid():
        plan = plans[Tier.parse(form.cleaned_data["tier"])]
        if not plan.regions:
            form.add_error("tier", _("Nothing is hidden there, so nothing is sealed."))
        elif not _TURN.acquire(timeout=PATIENCE):
            form.add_error(None, _("Others are being made. Try again in a moment."))
        else:
            try:
                return _file(media, plan, form.cleaned_data["passphrase"])
            finally:
                _TURN.release()
    status = 400 if form.errors else 200
    context = {"media": media, "post": media.post, "form": form}
    return render(request, "gallery/sealed_file.html", context, status=status)


def _file(media: Media, plan: Plan, passphrase: str) -> HttpResponse:
    from privacy.core.sanitise import decode_master
    from privacy.core.seal import seal

    try:
        picture = decode_master(vault.open_sealed(media, "master"), Grid(**media.grid))
    except vault.VaultError as error:
        raise Http404 from error
    art = stickers.art_of(media.owner_id, (region.art for region in plan.regions))
    data = seal(picture, plan, bytes(media.mask_secret), passphrase, art)
    response = HttpResponse(data, content_type="image/png")
    name = downloads.name_of(media.public_id)
    response["Content-Disposition"] = f'attachment; filename="{name}-sealed.png"'
    response["X-Content-Type-Options"] = "nosniff"
    return _unkept(response)
