"""The sink of events: rows for what people are told of, and nudges to open pages.

Called after the commit (``settings.NOPEEK_EVENT_SINKS``). A nudge carries an id and a
version; whether it may go out is asked for each recipient when it is (see
``feeds.consumers``). A row is written only for who may see what it is about, and is
asked again whenever it is read.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.events import Event
from accounts.models import Follow, User
from accounts.relations import (
    Viewer,
    blocked_either_way,
    muted_by,
    present,
    viewer_pk,
    visible_people,
)
from feeds.groups import group_of
from feeds.models import Comment, Notification
from feeds.services import mentioned
from feeds.wishes import mail_is_set_up, wanted
from gallery.access import access_own_media, access_post, own_posts, visible_posts

DIRECTLY = 50
"""So many recipients are nudged at once; a worker nudges more."""

PEOPLE = frozenset({"follow.requested", "follow.started", "follow.accepted"})
MOVES = frozenset(
    {
        "media.stage",
        "media.ready",
        "export.ready",
        "post.published",
        "post.changed",
        "relation.changed",
        "session.ended",
    }
)
"""Events that open pages hear of, whether or not anybody is told in words."""
FROM_THE_SITE = frozenset(
    {"rules.asked", "original.viewed", "report.decided", "mask.asked"}
)
"""What those who run the site do that concerns a person."""
COMMENTS = frozenset({"comment.added", "comment.replied", "comment.mentioned"})


def deliver(event: Event) -> None:
    """Write the rows that ``event`` calls for, then nudge whom it may concern."""
    rows = _record(event)
    if event.name in MOVES:
        if len(event.to) > DIRECTLY:
            from feeds.tasks import nudge_many

            nudge_many.delay(event.name, list(event.to), event.subject, event.version)
        else:
            nudge(event.name, event.to, event.subject, event.version)
    nudge("notification", [str(row.to.public_id) for row in rows])
    for row in rows:
        if mail_is_set_up() and wanted(row.to, row.verb).by_mail:
            from feeds.tasks import mail_notification

            mail_notification.delay(str(row.public_id))


def nudge(name: str, to: Iterable[str], subject: str = "", version: int = 0) -> None:
    """Send the event to the sockets of each of ``to``."""
    layer = get_channel_layer()
    if layer is None:
        return
    send = async_to_sync(layer.group_send)
    for public_id in to:
        send(
            group_of(public_id),
            {"type": "nudge", "name": name, "id": subject, "version": version},
        )


def _record(event: Event) -> list[Notification]:
    """Write a row for each who is told of it; returns them."""
    if event.name == "post.published":
        return _record_mentions(event)
    if event.name in PEOPLE | COMMENTS | {"post.liked"}:
        record = _record_one
    elif event.name in ("media.ready", "export.ready", *FROM_THE_SITE):
        record = _record_own
    else:
        return []
    users = User.objects.filter(public_id__in=event.to)
    return [row for user in users if (row := record(event, user))]


def _record_one(event: Event, user: User) -> Notification | None:
    """Somebody did something. No row for who may not see it or does not want it."""
    actor = _actor(user, event.by)
    if actor is None:
        return None
    about: dict[str, Any] = {}
    subject = event.subject
    if event.name in COMMENTS:
        found = Comment.objects.filter(public_id=subject).select_related("post")
        comment = found.first()
        if comment is None:
            return None
        about["comment"] = comment
        subject = str(comment.post.public_id)
    if event.name not in PEOPLE:
        about["post_id"] = _post_for(user, subject)
        if about["post_id"] is None:
            return None
    return _once(to=user, verb=event.name, actor=actor, **about)


def _record_mentions(event: Event) -> list[Notification]:
    """Who is named in a caption, if the post is for their eyes."""
    owner = User.objects.filter(public_id=event.by).first()
    post = own_posts(owner).filter(public_id=event.subject).first()
    if owner is None or post is None:
        return []
    told = []
    for person in mentioned(owner, post.caption):
        if person == owner or _actor(person, event.by) is None:
            continue
        key = _post_for(person, event.subject)
        if key is None:
            continue
        row = _once(to=person, verb="post.mentioned", actor=owner, post_id=key)
        if row is not None:
            told.append(row)
    return told


def _record_own(event: Event, user: User) -> Notification | None:
    """One's own photo came to rest before it was posted, or the export is made."""
    if event.name == "export.ready" or event.name in FROM_THE_SITE:
        return _once(to=user, verb=event.name)
    try:
        media = access_own_media(user, uuid.UUID(event.subject))
    except Http404:
        return None
    if media.post.published_at is not None:
        return None
    verb = "media.ready" if media.state == "ready" else "media.stopped"
    return _once(to=user, verb=verb, post_id=media.post_id)


def _once(*, to: User, verb: str, **facts: Any) -> Notification | None:
    """A row, unless it is not wished for or the same one stands there unread.

    (An event may come twice.)
    """
    if not wanted(to, verb).in_app:
        return None
    facts |= {"to": to, "verb": verb}
    if Notification.objects.filter(read_at__isnull=True, **facts).exists():
        return None
    return Notification.objects.create(**facts)


def _actor(user: User, by: str) -> User | None:
    """Who did it, unless ``user`` is not to hear of them."""
    there = visible_people(user).filter(~Q(muted_by(user, "pk")))
    return there.filter(public_id=by).first()


def _post_for(user: User, public_id: str) -> int | None:
    try:
        return access_post(user, uuid.UUID(public_id)).post_id
    except Http404:
        return None


# --- reading -------------------------------------------------------------------------


def visible_notifications(user: Viewer) -> QuerySet[Notification]:
    """What ``user`` was told of and may still hear, newest first.

    Of those who asked to follow, only who is still waiting.
    """
    actor = (
        Q(present("actor"))
        & ~Q(blocked_either_way(user, "actor"))
        & ~Q(muted_by(user, "actor"))
    )
    about = Q(post__owner=viewer_pk(user)) | Q(
        post__in=visible_posts(user).values("pk")
    )
    waiting = Follow.objects.filter(
        follower=OuterRef("actor"), followee=viewer_pk(user), accepted_at__isnull=True
    )
    return (
        Notification.objects.filter(
            Q(actor__isnull=True) | actor,
            Q(post__isnull=True) | about,
            ~Q(verb="follow.requested") | Exists(waiting),
            to=viewer_pk(user),
        )
        .select_related("actor", "post", "comment")
        .order_by("-created_at", "-pk")
    )


def unread(user: Viewer) -> int:
    """How many of them are new."""
    if viewer_pk(user) is None:
        return 0
    return visible_notifications(user).filter(read_at__isnull=True).count()
