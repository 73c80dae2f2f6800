"""Grants in order: home, explore, profiles, and what is said below a post.

Everything here starts from ``gallery.access`` and filters further, never wider. Counts
are of what the viewer may see, so nobody can count the ones who blocked them.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Follow, User
from accounts.relations import (
    Viewer,
    apart,
    blocked_either_way,
    following,
    muted_by,
    present,
    viewer_pk,
    visible_people,
)
from feeds.models import Comment, Like
from gallery.access import PostGrant, access_post, grants_for, visible_posts

if TYPE_CHECKING:
    # ``gallery.models`` is the gallery's own; posts are only passed through here.
    _Post = Any

SIZE = 10
"""Posts on one page."""


class BadCursor(ValueError):
    """The cursor was not made by this site."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A post as its viewer sees it, with what others say that the viewer may see."""

    grant: PostGrant
    likes: int = 0
    liked: bool = False
    comments: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a feed. ``next`` is the cursor of the page after, or empty."""

    entries: tuple[Entry, ...]
    next: str = ""


# --- feeds ---------------------------------------------------------------------------


def home(viewer: Viewer, cursor: str = "", size: int = SIZE) -> Page:
    """Posts of oneself and of whom one follows, newest first; none of the muted."""
    posts = visible_posts(viewer).filter(
        Q(owner__in=following(viewer)) | Q(owner=viewer_pk(viewer)),
        ~Q(muted_by(viewer)),
    )
    return _page(viewer, posts, cursor, size)


def explore(viewer: Viewer, cursor: str = "", size: int = SIZE) -> Page:
    """Posts that are for everyone, newest first; none of the muted."""
    posts = visible_posts(viewer).filter(~Q(muted_by(viewer)), audience="everyone")
    return _page(viewer, posts, cursor, size)


def profile(viewer: Viewer, person: User, cursor: str = "", size: int = SIZE) -> Page:
    """What ``viewer`` may see of one person's posts, newest first."""
    return _page(viewer, visible_posts(viewer).filter(owner=person), cursor, size)


def to_meet(viewer: Viewer, limit: int = 5) -> list[User]:
    """People with posts for everyone whom ``viewer`` does not follow or mute yet.

    Says nothing of who follows whom: it depends on public posts and own ties alone.
    """
    public = visible_posts(viewer).filter(owner=OuterRef("pk"), audience="everyone")
    asked = Follow.objects.filter(follower=viewer_pk(viewer)).values("followee")
    people = visible_people(viewer).filter(
        Exists(public),
        ~Q(pk__in=asked),
        ~Q(pk=viewer_pk(viewer)),
        ~muted_by(viewer, "pk"),
    )
    return list(people.order_by("-date_joined", "pk")[:limit])


def entry(viewer: Viewer, public_id: uuid.UUID) -> Entry:
    """One post.

    Raises:
        Http404: it does not exist, is a draft or may not be seen.
    """
    return entries(viewer, [access_post(viewer, public_id)])[0]


def entries(viewer: Viewer, grants: Iterable[PostGrant]) -> list[Entry]:
    """Grants with their counts, in three queries whatever their number."""
    shown = list(grants)
    keys = [grant.post_id for grant in shown]
    likes = _counted(visible_likes(viewer).filter(post__in=keys))
    comments = _counted(visible_comments(viewer).filter(post__in=keys))
    mine = set(
        Like.objects.filter(user=viewer_pk(viewer), post__in=keys).values_list(
            "post", flat=True
        )
    )
    return [
        Entry(
            grant,
            likes.get(grant.post_id, 0),
            grant.post_id in mine,
            comments.get(grant.post_id, 0),
        )
        for grant in shown
    ]


def _page(viewer: Viewer, posts: QuerySet[_Post], cursor: str, size: int) -> Page:
    if cursor:
        at, last = _read(cursor)
        posts = posts.filter(published_at__lte=at).exclude(
            published_at=at, public_id__gte=last
        )
    rows = list(posts.order_by("-published_at", "-public_id")[: size + 1])
    shown = entries(viewer, grants_for(viewer, rows[:size]))
    more = _written(rows[size - 1]) if len(rows) > size else ""
    return Page(tuple(shown), more)


def _written(post: _Post) -> str:
    at = post.published_at.isoformat()
    return base64.urlsafe_b64encode(f"{at} {post.public_id.hex}".encode()).decode()


def _read(cursor: str) -> tuple[datetime, uuid.UUID]:
    try:
        at, last = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        when = datetime.fromisoformat(at)
        if when.tzinfo is None:
            raise BadCursor
        return when, uuid.UUID(hex=last)
    except (ValueError, OverflowError) as error:
        raise BadCursor from error


def _counted(rows: QuerySet[Like] | QuerySet[Comment]) -> dict[int, int]:
    grouped = rows.order_by().values("post").annotate(count=Count("pk"))
    return {row["post"]: row["count"] for row in grouped}


# --- what others say -----------------------------------------------------------------


def visible_likes(viewer: Viewer) -> QuerySet[Like]:
    """Likes of people who are there for ``viewer`` and for the post's owner."""
    return Like.objects.filter(
        present("user"),
        ~Q(blocked_either_way(viewer, "user")),
        ~Q(apart("user", "post__owner")),
    )


def visible_comments(viewer: Viewer) -> QuerySet[Comment]:
    """Comments of people who are there for ``viewer`` and for the post's owner.

    A reply goes with the comment above it. Whether the post may be seen is not asked
    here: start from a Grant.
    """
    there = Comment.objects.filter(
        present("author"),
        ~Q(blocked_either_way(viewer, "author")),
        ~Q(apart("author", "post__owner")),
    )
    orphaned = Q(parent__isnull=False) & ~Q(parent__in=there.values("pk"))
    return there.exclude(orphaned)


def comments_on(viewer: Viewer, grant: PostGrant) -> QuerySet[Comment]:
    """The visible comments on a post, oldest first."""
    return (
        visible_comments(viewer)
        .filter(post=grant.post_id)
        .select_related("author", "parent")
        .order_by("created_at", "pk")
    )
