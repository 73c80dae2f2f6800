"""Addresses of one picture in every size and format that a browser may choose from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django import template
from django.utils.crypto import salted_hmac

from gallery.addresses import address_of
from gallery.grants import Grant

register = template.Library()

WIDTHS = {"thumb": 640, "feed": 1080, "full": 2048}
"""Longer side in pixels, as ``gallery.renditions.SIZES``, which web pages cannot load."""


@dataclass(frozen=True, slots=True)
class Sources:
    """``src`` for browsers of old, and a ``srcset`` for each format.

    ``avif`` and ``webp`` are empty for the owner's clear picture, which is stored in
    one format. AVIF is made of two sizes; the third of its set is WebP, which whoever
    shows AVIF shows too.
    """

    src: str
    jpeg: str
    webp: str = ""
    avif: str = ""


@register.simple_tag
def sources(grant: Grant, see_as: str = "") -> Sources:
    """Of what ``grant`` stands for; ``see_as`` lets its owner have another's."""

    def one(size: str, ext: str) -> str:
        address = address_of(grant, size, ext)
        if see_as:
            return f"{address}?as={quote(see_as, safe='@')}"
        return address if grant.mine else f"{address}?v={edition(grant)}"

    def every(ext: str, **other: str) -> str:
        return ", ".join(
            f"{one(size, other.get(size, ext))} {_width(grant, side)}w"
            for size, side in WIDTHS.items()
        )

    if grant.mine and not see_as:
        return Sources(one("feed", "jpg"), every("jpg"))
    return Sources(
        one("feed", "jpg"),
        every("jpg"),
        every("webp"),
        every("webp", thumb="avif", feed="avif"),
    )


def edition(grant: Grant) -> str:
    """A mark of what this viewer gets, that changes when they get something else.

    Going back in history, browsers show a kept picture without asking again, whatever
    its headers say. Another address is asked for: a demoted follower's page names it.
    The server does not read it, and it tells nothing without the server's key.
    """
    recipe = f"{grant.public_id} {grant.plan} {grant.renderer}"
    return salted_hmac("gallery.edition", recipe).hexdigest()[:10]


def _width(grant: Grant, side: int) -> int:
    """Width in pixels of a size: what ``srcset`` counts, also for upright pictures."""
    longer = max(grant.width, grant.height)
    if not longer:
        return side
    return max(1, round(grant.width * min(1, side / longer)))
