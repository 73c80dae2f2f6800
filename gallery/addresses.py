"""Where the pixels of a Grant are fetched."""

from __future__ import annotations

from django.urls import reverse

from gallery.grants import Grant


def address_of(grant: Grant, size: str, ext: str) -> str:
    """The address of a size (thumb, feed, full) with an ending (jpg, webp, avif)."""
    if grant.via:
        return reverse("link-bytes", args=[grant.via, grant.public_id, size, ext])
    return reverse("media_bytes", args=[grant.public_id, size, ext])
