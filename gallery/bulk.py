"""What is done to several of one's own photos at once: all of it or nothing.

A change that shows more of published posts asks first, once for all of them. What is
still in the works has no masks to change yet; it is left as it is and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from gallery import albums, editing, services
from gallery.access import own_media
from gallery.audience import Gains, NeedsConfirmation, together
from gallery.editing import Change
from gallery.erasure import Receipt
from gallery.models import Album, Media, Post
from gallery.states import REVIEWABLE
from privacy import review
from privacy.core.types import ZERO_BIT, Style, Tier

T = TypeVar("T")
MOST = 100
"""Photos at once."""


class Strictness(StrEnum):
    """What becomes of everything that was found in a photo."""

    HIDE = "hide"  # from everybody
    CLOSE = "close"  # close friends see it
    RULES = "rules"  # as the rules say


STYLES = tuple(style for style in Style if style in ZERO_BIT)
"""Looks for several photos at once: those that give nothing away."""

_CHOICES = {
    Strictness.HIDE: ("hide", 0),
    Strictness.CLOSE: ("show", int(Tier.NONE)),
    Strictness.RULES: ("auto", 0),
}


@dataclass(frozen=True, slots=True)
class Done:
    """How many photos (or posts) were changed, and how many had to stay as they are."""

    changed: int
    left: int = 0


def chosen(owner: User, wanted: Iterable[UUID]) -> list[Media]:
    """The owner's own media among ``wanted``, at most ``MOST``, oldest first.

    Raises:
        services.Refused: too many, or none of them is there.
    """
    keys = set(wanted)
    if len(keys) > MOST:
        raise services.Refused(
            "too_many", _("At most %(n)d photos at once.") % {"n": MOST}
        )
    found = list(own_media(owner).filter(public_id__in=keys).order_by("pk"))
    if not found:
        raise services.Refused("nothing", _("Choose at least one photo."))
    return found


def posts_of(media: Iterable[Media]) -> list[Post]:
    """The posts that they are in, each once: an audience is a post's, not a photo's."""
    return list({one.post_id: one.post for one in media}.values())


def set_audience(
    media: Sequence[Media], audience: str, *, confirmed: bool = False
) -> Done:
    """Who may see the posts of these photos.

    Raises:
        NeedsConfirmation: with whom all the posts together would reach in addition.
    """

    def change(post: Post) -> None:
        services.set_audience(post, audience, confirmed=confirmed)

    return _all(media[0].owner, posts_of(media), change)


def set_strictness(
    media: Sequence[Media], how: Strictness, *, confirmed: bool = False
) -> Done:
    """What becomes of everything that was found; what was drawn by hand stays hidden.

    Raises:
        NeedsConfirmation: some published post would show more.
    """
    choice, show_from = _CHOICES[how]

    def change(one: Media) -> None:
        regions = review.findings(one.public_id).filter(manual=False)
        changes = [
            Change(region, choice=choice, show_from=show_from)
            for region in regions.values_list("region", flat=True).distinct()
        ]
        editing.change_all(one, changes, confirmed=confirmed, learn=False)

    return _all(media[0].owner, media, change)


def set_style(
    media: Sequence[Media], style: Style | None, *, confirmed: bool = False
) -> Done:
    """How everything looks that is masked in them; None leaves it to the rules.

    Raises:
        NeedsConfirmation: a weaker style would let more be guessed.
    """
    word = style.value if style else ""

    def change(one: Media) -> None:
        regions = review.findings(one.public_id).values_list("region", flat=True)
        changes = [Change(region, style=word) for region in regions.distinct()]
        editing.change_all(one, changes, confirmed=confirmed, learn=False)

    return _all(media[0].owner, media, change)


def mark_reviewed(media: Sequence[Media]) -> Done:
    """The owner has looked at them."""
    rows = Media.objects.filter(pk__in=[one.pk for one in media])
    done = rows.filter(state__in=[state.value for state in REVIEWABLE]).update(
        reviewed_at=timezone.now()
    )
    return Done(done, len(media) - done)


@transaction.atomic
def put_into(media: Sequence[Media], album: Album) -> Done:
    added = albums.add(album, media)
    return Done(added, len(media) - added)


@transaction.atomic
def delete(media: Sequence[Media]) -> list[Receipt]:
    """All of them, for good; a post that loses its last photo goes with it."""
    return [services.delete_media(one) for one in media]


def _all(owner: User, things: Sequence[T], change: Callable[[T], object]) -> Done:
    """Change each in one transaction; undo everything where a yes is missing."""
    gains: list[Gains] = []
    left = 0
    with transaction.atomic():
        for one in things:
            try:
                with transaction.atomic():
                    change(one)
            except NeedsConfirmation as question:
                gains.append(question.gains)
            except services.Refused:
                left += 1
        if gains:
            raise NeedsConfirmation(together(owner, gains))
    return Done(len(things) - left, left)
