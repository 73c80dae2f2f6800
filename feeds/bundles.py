"""Notifications that say the same of one thing on one day, told as one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from accounts.models import User
from feeds.models import Notification
from gallery.access import grants_for
from gallery.grants import Grant

TOGETHER = frozenset({"post.liked", "comment.added", "follow.started"})
"""What several people may do alike. The rest is told one by one."""


@dataclass(slots=True)
class Bundle:
    """One line of the page.

    Attributes:
        first: the newest row; what is said is about it.
        people: who did it, newest first, each once.
        ids: public ids of all rows, to be read together.
        photo: the Grant of the post's first picture, if there is one to be seen.
    """

    first: Notification
    day: date
    people: list[User] = field(default_factory=list)
    ids: list[uuid.UUID] = field(default_factory=list)
    new: bool = False
    photo: Grant | None = None

    @property
    def others(self) -> int:
        """How many did it beside the first."""
        return len(self.people) - 1


def bundles(user: User, rows: Iterable[Notification]) -> list[Bundle]:
    """The rows, newest first, bundled in the same order; one query for pictures."""
    made: dict[object, Bundle] = {}
    for row in rows:
        day = timezone.localtime(row.created_at).date()
        alone = row.verb not in TOGETHER
        key = row.pk if alone else (row.verb, row.post_id, day)
        bundle = made.setdefault(key, Bundle(row, day))
        if row.actor and row.actor not in bundle.people:
            bundle.people.append(row.actor)
        bundle.ids.append(row.public_id)
        bundle.new |= row.read_at is None
    found = list(made.values())
    posts = {b.first.post_id: b.first.post for b in found if b.first.post}
    photos = {
        grant.post_id: grant.media[0] for grant in grants_for(user, posts.values())
    }
    for bundle in found:
        bundle.photo = photos.get(bundle.first.post_id or 0)
    return found
