"""The one door to pixels: who may see which Media, and at which tier.

There is one rule, ``_seen``, and it is SQL. ``visible_media`` applies it to a viewer,
``access_media`` is that query plus a filter, and ``see_as`` applies it to the person
(or the tier) whom the owner asks about. No decision is kept between requests.

Whatever shows pictures accepts a ``Grant``, and Grants are made only here.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import (
    Case,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import Http404

from accounts.models import Closeness, User
from accounts.relations import (
    Viewer,
    blocked_either_way,
    closeness_of,
    present,
    viewer_pk,
)
from gallery.grants import Grant, PostGrant, grant_of, post_grant_of
from gallery.models import Audience, Media, Post
from gallery.states import State
from privacy.core.types import Tier
from privacy.core.version import RENDERER_VERSION

__all__ = ["Grant", "PostGrant"]  # beside all that is defined below

TIER_OF = {
    Closeness.DISTANT: Tier.FULL,
    Closeness.REGULAR: Tier.SEMI,
    Closeness.CLOSE: Tier.NONE,
}
"""Where the words Relation and Tier meet. Whoever holds no closeness is ``FULL``."""


# --- the rule ------------------------------------------------------------------------


def _seen(
    closeness: Combinable,
    allowed: Q,
    *,
    me: int | None = None,
    drafts: bool = False,
) -> QuerySet[Media]:
    """The visibility rule.

    A Media is seen by its owner, and by others when all of this holds: it is READY,
    its post is published, the owner takes part and neither blocked the other and the
    audience permits (``allowed``), and the renditions of the viewer's tier are ready
    and of the current renderer.

    Args:
        closeness: of the accepted follow from the viewer to the owner, else NULL.
        allowed: the part that depends on who asks; may refer to ``held``.
        me: primary key of the viewer, None for those without an account.
        drafts: take unpublished posts as if they were published (see-as only).

    Annotates ``held``, ``seen_tier``, ``seen_plan``, ``seen_masked`` and
    ``seen_placeholder``; all but ``held`` are NULL or empty for the owner.
    """
    mine = Q(owner_id=me) if me is not None else Q(pk__in=())
    tier = Case(
        *([When(mine, then=Value(None))] if me is not None else []),
        *(When(held=held, then=Value(int(tier))) for held, tier in TIER_OF.items()),
        default=Value(int(Tier.FULL)),
        output_field=IntegerField(null=True),
    )
    published = Q() if drafts else Q(post__published_at__isnull=False)
    return (
        Media.objects.annotate(held=closeness)
        .annotate(seen_tier=tier)
        .annotate(
            # A join, not a subquery: one row at most, as a tier is there once.
            seen=FilteredRelation(
                "views",
                condition=Q(
                    views__tier=F("seen_tier"),
                    views__ready=True,
                    views__renderer=RENDERER_VERSION,
                ),
            ),
        )
        .annotate(
            seen_plan=F("seen__plan"),
            seen_masked=Coalesce(F("seen__masked"), 0),
            seen_placeholder=Coalesce(F("seen__placeholder"), Value("")),
        )
        .filter(
            mine
            | published
            & Q(state=State.READY, seen_plan__isnull=False)
            & present("owner")
            & allowed
        )
    )


_AUDIENCE = (
    Q(post__audience=Audience.EVERYONE)
    | Q(post__audience=Audience.FOLLOWERS, held__isnull=False)
    | Q(post__audience=Audience.CLOSE, held=Closeness.CLOSE)
)
"""Whom an audience lets in; ``only_me`` and unknown words let in nobody."""


def _seen_by(viewer: Viewer, *, drafts: bool = False) -> QuerySet[Media]:
    return _seen(
        closeness_of(viewer, "owner"),
        _AUDIENCE & ~Q(blocked_either_way(viewer, "owner")),
        me=viewer_pk(viewer),
        drafts=drafts,
    )


# --- reading through it --------------------------------------------------------------


def visible_media(viewer: Viewer) -> QuerySet[Media]:
    """What ``viewer`` may see now, the owner's own in every state included."""
    return _seen_by(viewer)


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


def access_own_media(owner: Viewer, public_id: uuid.UUID) -> Media:
    """The row behind one of the owner's own Media, to be changed.

    Raises:
        Http404: it does not exist or belongs to someone else.
    """
    media = own_media(owner).filter(public_id=public_id).first()
    if media is None:
        raise Http404
    return media


def access_own_post(owner: Viewer, public_id: uuid.UUID) -> Post:
    """The row behind one of the owner's own posts or drafts, to be changed.

    Raises:
        Http404: it does not exist or belongs to someone else.
    """
    post = own_posts(owner).filter(public_id=public_id).first()
    if post is None:
        raise Http404
    return post


def own_media(owner: Viewer) -> QuerySet[Media]:
    """The owner's own media in every state, with their post."""
    media = Media.objects.filter(owner_id=viewer_pk(owner))
    return media.select_related("post", "owner")


def own_posts(owner: Viewer) -> QuerySet[Post]:
    """The owner's own posts and drafts."""
    posts = Post.objects.filter(owner_id=viewer_pk(owner))
    return posts.select_related("owner")


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
        held = next(held for held, tier in TIER_OF.items() if tier == person)
        closeness = Value(int(held), output_field=IntegerField(null=True))
        return _seen(closeness, Q(), drafts=True)
    return _seen_by(person, drafts=True)


# --- from rows to Grants --------------------------------------------------------------


def _with_facts(media: QuerySet[Media]) -> QuerySet[Media]:
    return media.select_related("owner", "post").order_by("position", "pk")


def _post_grants(media: QuerySet[Media], posts: Iterable[Post]) -> list[PostGrant]:
    ordered = list(posts)
    found: defaultdict[int, list[Media]] = defaultdict(list)
    for row in _with_facts(media).filter(post__in=[post.pk for post in ordered]):
        found[row.post_id].append(row)
    return [
        post_grant_of(found[post.pk][0].post, found[post.pk])
        for post in ordered
        if post.pk in found
    ]
