"""LIGHT: an album's own rules: what its photos mask beyond the site's, whoever looks.

Reached by name from ``privacy`` (``settings.NOPEEK_ALBUM_RULES``), which knows no
albums. Nothing is copied: what holds for a photo follows from the albums it is in now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from gallery.models import Album, AlbumItem, Media
from gallery.people.models import AlbumRules
from gallery.replan import replan
from privacy.core.policy import RuleSet


def of_albums(
    owner_id: int, subject: UUID | None = None
) -> Mapping[UUID, list[dict[str, Any]]]:
    """Bodies of the rules of the albums that photos are in, by public id of the photo."""
    items = AlbumItem.objects.filter(
        album__owner=owner_id, album__own_rules__isnull=False
    )
    if subject is not None:
        items = items.filter(media__public_id=subject)
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = items.order_by("album_id").values_list(
        "media__public_id", "album__own_rules__body"
    )
    for public_id, body in rows:
        found[public_id].append(body)
    return found


@transaction.atomic
def keep(album: Album, rules: RuleSet) -> int:
    """Make these the album's own; returns how many photos were looked at anew.

    They only close. Taking one away opens as far as all else allows.
    """
    rows = AlbumRules.objects.filter(album=album)
    if rules.rules:
        AlbumRules.objects.update_or_create(
            album=album, defaults={"body": rules.as_json()}
        )
    elif not rows.delete()[0]:
        return 0
    media = Media.objects.filter(album_items__album=album).order_by("pk")
    for one in media:
        replan(one)
    return len(media)


def body_of(album_id: int) -> dict[str, Any]:
    """What is stored for an album; empty where nothing is."""
    found = AlbumRules.objects.filter(album=album_id).values_list("body", flat=True)
    return found.first() or {}
