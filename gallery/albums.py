"""What owners do with albums. Each verb is atomic and safe to repeat.

An album is a list and no grant: whatever its audience, a viewer finds in it what they
may see anyway (``access.album_media``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from gallery.models import Album, AlbumItem, Audience, Media
from gallery.services import Refused

MOST = 200
"""Albums of one person."""
MOST_ITEMS = 2000


@transaction.atomic
def make(owner: User, name: str, audience: str = Audience.ONLY_ME) -> Album:
    """A new album with nothing in it.

    Raises:
        Refused: there are too many.
    """
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if Album.objects.filter(owner=owner).count() >= MOST:
        raise Refused("too_many", _("That is enough albums: delete one first."))
    return Album.objects.create(owner=owner, name=name, audience=audience)


@transaction.atomic
def change(
    album: Album, *, name: str | None = None, audience: str | None = None
) -> Album:
    """Set name or audience; what is None stays."""
    row = _locked(album)
    if name is not None:
        row.name = name
    if audience is not None:
        row.audience = Audience(audience).value
    row.save(update_fields=["name", "audience"])
    return row


@transaction.atomic
def add(album: Album, media: Iterable[Media]) -> int:
    """Put the owner's own media at its end; returns how many were not in it yet.

    Raises:
        Refused: one of them is not the owner's, or there are too many.
    """
    row = _locked(album)
    there = set(row.items.values_list("media_id", flat=True))
    fresh = [one for one in media if one.pk not in there]
    if any(one.owner_id != row.owner_id for one in fresh):
        raise Refused("not_yours", _("An album holds one's own photos."))
    if len(there) + len(fresh) > MOST_ITEMS:
        raise Refused("too_many", _("This album is full: start another one."))
    last = row.items.aggregate(last=Max("position"))["last"]
    start = 0 if last is None else last + 1
    AlbumItem.objects.bulk_create(
        AlbumItem(album=row, media=one, position=start + n)
        for n, one in enumerate(fresh)
    )
    _settle(fresh)
    return len(fresh)


@transaction.atomic
def remove(album: Album, media: Iterable[Media]) -> int:
    """Take media out of it; they stay where they are otherwise."""
    row = _locked(album)
    keys = [one.pk for one in media]
    gone, _by_kind = row.items.filter(media__in=keys).delete()
    if row.cover_id in keys:
        row.cover = None
        row.save(update_fields=["cover"])
    _settle(Media.objects.filter(pk__in=keys))
    return gone


@transaction.atomic
def order(album: Album, wanted: Sequence[UUID]) -> None:
    """Put what is in it into this order; others keep theirs, behind."""
    row = _locked(album)
    items = {
        item.media.public_id: item
        for item in row.items.select_related("media").order_by("position", "pk")
    }
    ordered = [items.pop(key) for key in wanted if key in items]
    for position, item in enumerate([*ordered, *items.values()]):
        item.position = position
    AlbumItem.objects.bulk_update([*ordered, *items.values()], ["position"])


@transaction.atomic
def set_cover(album: Album, media: Media | None) -> None:
    """Which of them stands for the album; None: the first. Viewers who may not see it
    are shown the first that they see.

    Raises:
        Refused: it is not in the album.
    """
    row = _locked(album)
    if media is not None and not row.items.filter(media=media).exists():
        raise Refused("not_in_it", _("Put the photo into the album first."))
    row.cover = media
    row.save(update_fields=["cover"])


@transaction.atomic
def delete(album: Album) -> None:
    """The album is gone; its photos stay, without what it masked in them."""
    media = list(Media.objects.filter(album_items__album=album.pk).order_by("pk"))
    Album.objects.filter(pk=album.pk).delete()
    _settle(media)


def _settle(media: Iterable[Media]) -> None:
    """What holds for photos that came in or went out: an album's rules, and faces."""
    from gallery.people import verbs

    verbs.rescope(media)


def _locked(album: Album) -> Album:
    rows: QuerySet[Album] = Album.objects.select_for_update(of=("self",))
    return rows.get(pk=album.pk)
