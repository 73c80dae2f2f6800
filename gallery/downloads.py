"""A picture as a file: new pixels, no metadata, and a name that says nothing."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_safe

from gallery import delivery
from gallery.access import Grant


@require_safe
def media_save(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The viewer's own version where its owner permits; the owner's own in any tier.

    ``?as=full|semi|none|@name`` is for the owner. Whatever may not be had is one 404.
    """
    try:
        grant = delivery.granted(request, public_id)
        if not grant.savable and "as" not in request.GET:  # which is for owners alone
            raise Http404
        response = delivery.respond(
            request, delivery.find(grant, "full", "jpg"), accelerated=False
        )
    except Http404:
        return delivery.nothing()
    response["Content-Disposition"] = f'attachment; filename="{file_name(grant)}"'
    response["Cache-Control"] = "private, no-store"
    return response


def file_name(grant: Grant) -> str:
    """``nopeek-1a2b3c4d.jpg``: the same each time, and not a part of any address."""
    return f"{name_of(grant.public_id)}.jpg"


def name_of(public_id: uuid.UUID) -> str:
    """A file's name without its ending."""
    digest = salted_hmac("gallery.downloads", str(public_id), algorithm="sha256")
    return f"nopeek-{digest.hexdigest()[:8]}"
