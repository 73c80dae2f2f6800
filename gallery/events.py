"""What the gallery tells the rest of the site: ids and versions, never content."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.events import Event, publish
from accounts.models import User
from gallery.models import Export, Media, Post


def stage(media: Media) -> None:
    """The media moved on, or a detector did: for its owner's open pages alone."""
    _to_owner("media.stage", media)


def ready(media: Media) -> None:
    """The media came to rest, ready or not: for its owner alone."""
    _to_owner("media.ready", media)


def post_published(post: Post, to: Iterable[str] = ()) -> None:
    """A post is out. Whom it reaches is asked again, of each, when it is delivered."""
    _of_post("post.published", post, to)


def post_changed(post: Post, to: Iterable[str] = ()) -> None:
    """Audience, mask or words of a post changed: open pages ask for it again."""
    _of_post("post.changed", post, to)


def post_deleted(post: Post, to: Iterable[str] = ()) -> None:
    _of_post("post.deleted", post, to)


def export_ready(export: Export) -> None:
    """The zip of everything can be fetched: for its owner alone."""
    person = str(export.owner.public_id)
    publish(Event("export.ready", (person,), person, str(export.public_id)))


def rules_asked(owners: Iterable[User], version: int) -> None:
    """The rules are looser now: each owner is asked before anything of theirs opens."""
    for owner in owners:
        person = str(owner.public_id)
        publish(Event("rules.asked", (person,), person, "", version))


def original_viewed(media: Media) -> None:
    """A member of staff may look at the original: its owner is told."""
    person = str(media.owner.public_id)
    publish(Event("original.viewed", (person,), "", str(media.public_id)))


def report_decided(owner: User) -> None:
    """Something was decided about a picture of theirs; who decided is not said."""
    person = str(owner.public_id)
    publish(Event("report.decided", (person,)))


def mask_asked(owner: User) -> None:
    """Somebody asks to be masked in a picture of theirs; who asks is not said."""
    publish(Event("mask.asked", (str(owner.public_id),)))


def _to_owner(name: str, media: Media) -> None:
    person = str(media.owner.public_id)
    publish(Event(name, (person,), person, str(media.public_id), media.version))


def _of_post(name: str, post: Post, to: Iterable[str]) -> None:
    by = str(post.owner.public_id)
    publish(Event(name, tuple(to) or (by,), by, str(post.public_id), post.version))
