"""The one door to pixels: who may see which Media, and at which tier.

There is one rule, ``gallery.rule.seen``, and it is SQL. ``visible_media`` applies it to a viewer,
``access_media`` is that query plus a filter, and ``see_as`` applies it to the person
(or the tier) whom the owner asks about. No decision is kept between requests.

Whatever shows pictures accepts a ``Grant``, and Grants are made only here.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import (
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from accounts.relations import (
    Viewer,
    blocked_either_way,
    viewer_pk,
)
from gallery.grants import (
    AlbumGrant,
    Grant,
    PostGrant,
    album_grant_of,
    grant_of,
    post_grant_of,
)
from gallery.models import Album, AlbumItem, Link, Media, Post, Rendition
from gallery.own import (
    access_own_album,
    access_own_link,
    access_own_media,
    access_own_post,
    own_albums,
    own_links,
    own_media,
    own_posts,
)
from gallery.rule import TIER_OF, held_for, not_only_me, open_albums, seen, seen_by
from privacy.core.types import Tier
from privacy.policy_room.models import GlassPass, Report

__all__ = [  # beside all that is defined below
    "TIER_OF",
    "AlbumGrant",
    "Grant",
    "PostGrant",
    "access_own_album",
    "access_own_link",
    "access_own_media",
    "access_own_post",
    "own_albums",
    "own_links",
    "own_media",
    "own_posts",
]

# --- reading through it --------------------------------------------------------------


def visible_media(viewer: Viewer) -> QuerySet[Media]:
    """What ``viewer`` may see now, the owner's own in every state included."""
    return seen_by(viewer)


def access_media(viewer: Viewer, public_id: uuid.UUID) -> Grant:
    """The viewer's Grant for one Media.

    Raises:
        Http404: it does not exist or may not be seen; the two are not told apart.
    """
    media = _with_facts(visible_media(viewer)).filter(public_id=public_id).first()
    if media is None:
        raise Http404
    return grant_of(media)


def visible_posts(viewer: Viewer) -> QuerySet[Post]:
    """Published posts of which ``viewer`` may see at least one Media.

    The owner's own published posts are among them whatever state their media are in.
    """
    return Post.objects.filter(
        Exists(visible_media(viewer).filter(post=OuterRef("pk"))),
        published_at__isnull=False,
    )


def access_post(viewer: Viewer, public_id: uuid.UUID) -> PostGrant:
    """The viewer's Grant for one published post.

    Raises:
        Http404: it does not exist, is a draft or may not be seen.
    """
    grants = grants_for(viewer, visible_posts(viewer).filter(public_id=public_id))
    if not grants:
        raise Http404
    return grants[0]


def grants_for(viewer: Viewer, posts: Iterable[Post]) -> list[PostGrant]:
    """Grants for posts in their order, in one query for all media and one for owners.

    A post of which nothing may be seen (any more) is left out, so posts from a query
    of another rule are safe here too.
    """
    return _post_grants(visible_media(viewer), posts)


# --- albums and links ----------------------------------------------------------------


def visible_albums(viewer: Viewer) -> QuerySet[Album]:
    """Own albums, and those of others whose audience permits and in which there is
    something that ``viewer`` may see anyway.

    Annotates ``shown``, how many that are, and ``front``, the one to show first.
    """
    media = visible_media(viewer).filter(album_items__album=OuterRef("pk"))
    # Two subqueries: SQLite knows no outer column in an inner ORDER BY.
    cover = media.filter(pk=OuterRef("cover_id")).order_by().values("pk")[:1]
    first = media.order_by("album_items__position", "pk").values("pk")[:1]
    front = Coalesce(Subquery(cover), Subquery(first))
    visible = Exists(visible_media(viewer).filter(pk=OuterRef("media")))
    items = AlbumItem.objects.filter(visible, album=OuterRef("pk")).order_by()
    shown = items.values("album").annotate(n=Count("pk")).values("n")
    me = viewer_pk(viewer)
    mine = Q(owner_id=me) if me is not None else Q(pk__in=())
    return (
        open_albums(viewer)
        .annotate(front=front, shown=Coalesce(Subquery(shown), 0))
        .filter(mine | Exists(media))
        .select_related("owner")
    )


def album_grants(viewer: Viewer, albums: Iterable[Album]) -> list[AlbumGrant]:
    """Grants for rows of ``visible_albums``, in their order, in one query."""
    rows = list(albums)
    fronts = [row.front for row in rows]  # type: ignore[attr-defined]
    found = {
        media.pk: grant_of(media)
        for media in _with_facts(visible_media(viewer)).filter(pk__in=fronts)
    }
    me = viewer_pk(viewer)
    return [
        album_grant_of(row, found.get(front), mine=row.owner_id == me)
        for row, front in zip(rows, fronts, strict=True)
    ]


def access_album(viewer: Viewer, public_id: uuid.UUID) -> AlbumGrant:
    """The viewer's Grant for one album; what is in it is asked of ``album_media``.

    Raises:
        Http404: it does not exist, or there is nothing in it for this viewer.
    """
    found = album_grants(viewer, visible_albums(viewer).filter(public_id=public_id))
    if not found:
        raise Http404
    return found[0]


def album_media(viewer: Viewer, album: AlbumGrant) -> QuerySet[Media]:
    """What the viewer sees in an album, in its order: rows for ``media_grants``."""
    media = visible_media(viewer).filter(album_items__album=album.album_id)
    return media.select_related("owner", "post").order_by("album_items__position", "pk")


def media_grants(rows: Iterable[Media]) -> list[Grant]:
    """Grants for rows of ``visible_media`` with their owner and post."""
    return [grant_of(row) for row in rows]


def access_linked(viewer: Viewer, link: Link, token: str) -> PostGrant:
    """What a link shows of its post: its tier's version, to whoever has it.

    Asked for each page and each picture, so what ends a link ends both. A post that
    is for its owner alone is for nobody else by a link either, and whom the owner has
    blocked a link shows nothing while they are logged in.

    Raises:
        Http404: the link is over, or there is nothing (any more) to be seen.
    """
    alive = Exists(Link.objects.live().filter(pk=link.pk, post=OuterRef("post")))
    allowed = Q(alive) & not_only_me() & ~Q(blocked_either_way(viewer, "owner"))
    rows = seen(held_for(Tier(link.tier)), allowed).filter(post=link.post_id)
    grants = _post_grants(rows, [link.post], via=token)
    if not grants:
        raise Http404
    return grants[0]


# --- seeing as another ---------------------------------------------------------------


def see_as(owner: Viewer, public_id: uuid.UUID, person: Tier | User) -> Grant | None:
    """What another gets of the owner's own Media; None: nothing at all.

    A person is asked about with the very rule that serves them, a draft being taken
    as published. A tier stands for anyone who has it, whatever the audience.

    Raises:
        Http404: the Media does not exist or belongs to someone else.
    """
    own = access_own_media(owner, public_id)
    media = _with_facts(_seen_as(person)).filter(pk=own.pk).first()
    return grant_of(media) if media else None


def see_post_as(
    owner: Viewer, public_id: uuid.UUID, person: Tier | User
) -> PostGrant | None:
    """What another gets of the owner's own post or draft; None: nothing at all.

    Raises:
        Http404: the post does not exist or belongs to someone else.
    """
    post = access_own_post(owner, public_id)
    grants = _post_grants(_seen_as(person), [post])
    return grants[0] if grants else None


def own_grants(owner: Viewer, posts: Iterable[Post]) -> list[PostGrant]:
    """The owner's Grants for own posts, drafts included."""
    mine = visible_media(owner).filter(owner_id=viewer_pk(owner))
    return _post_grants(mine, posts)


def own_media_grants(owner: Viewer, media: Iterable[Media]) -> list[Grant]:
    """The owner's Grants for a page of own media, in its order, in one query."""
    wanted = [item.pk for item in media]
    rows = visible_media(owner).filter(owner_id=viewer_pk(owner), pk__in=wanted)
    found = {row.pk: row for row in _with_facts(rows)}
    return [grant_of(found[pk]) for pk in wanted if pk in found]


def _seen_as(person: Tier | User) -> QuerySet[Media]:
    if isinstance(person, Tier):
        return seen(held_for(person), Q(), drafts=True)
    return seen_by(person, drafts=True)


# --- from rows to Grants --------------------------------------------------------------


def _with_facts(media: QuerySet[Media]) -> QuerySet[Media]:
    return media.select_related("owner", "post").order_by("position", "pk")


def _post_grants(
    media: QuerySet[Media], posts: Iterable[Post], via: str = ""
) -> list[PostGrant]:
    ordered = list(posts)
    found: defaultdict[int, list[Media]] = defaultdict(list)
    for row in _with_facts(media).filter(post__in=[post.pk for post in ordered]):
        found[row.post_id].append(row)
    return [
        post_grant_of(found[post.pk][0].post, found[post.pk], via)
        for post in ordered
        if post.pk in found
    ]


# --- behind glass --------------------------------------------------------------------


def access_behind_glass(staff: User, public_id: uuid.UUID) -> Media:
    """The row behind a private original that ``staff`` may look at for a few minutes.

    The only way past the tiers for anybody but the owner. It asks for a pass that was
    opened with a reason and has not ended; see ``gallery.glass``, which logs each look.

    Raises:
        Http404: there is no pass, it has ended, or ``staff`` is staff no longer.
    """
    passes = GlassPass.objects.filter(
        subject=OuterRef("public_id"), staff=staff.pk, ends_at__gt=timezone.now()
    )
    media = Media.objects.filter(Exists(passes), public_id=public_id).first()
    if media is None or not staff.is_present or not staff.is_staff:
        raise Http404
    return media


def access_evidence(staff: User, report: Report) -> Rendition:
    """What the one who reported a picture saw of it, masked as it was for them.

    Raises:
        Http404: ``staff`` is no moderator, or that version is there no longer.
    """
    if not staff.is_present or not staff.has_perm("privacy.change_report"):
        raise Http404
    rows = Rendition.objects.filter(
        media__public_id=report.subject, plan=report.plan, size="feed", format="jpeg"
    )
    found = rows.order_by("-pk").first()
    if found is None:
        raise Http404
    return found
