"""The visibility rule, in SQL and in one place. Asked by ``gallery.access`` alone.

Here, and nowhere else, the audience that an owner chose meets the closeness that the
owner gave, and the word Relation the word Tier.
"""

from __future__ import annotations

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

from accounts.models import Closeness
from accounts.relations import (
    Viewer,
    blocked_either_way,
    closeness_of,
    present,
    viewer_pk,
)
from gallery.models import Album, Audience, Media
from gallery.states import State
from privacy.core.types import Tier
from privacy.core.version import RENDERER_VERSION
from privacy.policy_room.models import Hold

TIER_OF = {
    Closeness.DISTANT: Tier.FULL,
    Closeness.REGULAR: Tier.SEMI,
    Closeness.CLOSE: Tier.NONE,
}
"""Where the words Relation and Tier meet. Whoever holds no closeness is ``FULL``."""


def seen(
    closeness: Combinable,
    allowed: Q,
    *,
    me: int | None = None,
    drafts: bool = False,
) -> QuerySet[Media]:
    """The visibility rule.

    A Media is seen by its owner, and by others when all of this holds: it is READY,
    its post is published, the owner takes part and neither blocked the other and the
    audience permits (``allowed``), no moderator holds it back, and the renditions of
    the viewer's tier are ready and of the current renderer.

    Args:
        closeness: of the accepted follow from the viewer to the owner, else NULL.
        allowed: the part that depends on who asks; may refer to ``held``.
        me: primary key of the viewer, None for those without an account.
        drafts: take unpublished posts as if they were published (see-as only).

    Annotates ``held``, ``seen_tier``, ``seen_plan``, ``seen_masked``, ``seen_sealed``
    and ``seen_placeholder``; all but ``held`` are NULL or empty for the owner.
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
            seen_sealed=Coalesce(F("seen__sealed"), 0),
            seen_placeholder=Coalesce(F("seen__placeholder"), Value("")),
        )
        .filter(
            mine
            | published
            & Q(state=State.READY, seen_plan__isnull=False)
            & present("owner")
            & ~Q(Exists(Hold.objects.filter(subject=OuterRef("public_id"))))
            & allowed
        )
    )


def lets_in(of: str) -> Q:
    """Whom an audience lets in; ``only_me`` and unknown words let in nobody."""
    return (
        Q(**{of: Audience.EVERYONE})
        | Q(**{of: Audience.FOLLOWERS}, held__isnull=False)
        | Q(**{of: Audience.CLOSE}, held=Closeness.CLOSE)
    )


def seen_by(viewer: Viewer, *, drafts: bool = False) -> QuerySet[Media]:
    return seen(
        closeness_of(viewer, "owner"),
        lets_in("post__audience") & ~Q(blocked_either_way(viewer, "owner")),
        me=viewer_pk(viewer),
        drafts=drafts,
    )


def held_for(tier: Tier) -> Combinable:
    """The closeness that stands for a tier, as ``seen`` takes it."""
    held = next(held for held, its in TIER_OF.items() if its == tier)
    return Value(int(held), output_field=IntegerField(null=True))


def not_only_me(of: str = "post__audience") -> Q:
    """A link is an audience of its own, but for "only me" (docs/adr/0008-links.md)."""
    return ~Q(**{of: Audience.ONLY_ME})


def open_albums(viewer: Viewer) -> QuerySet[Album]:
    """Own albums, and those whose audience lets the viewer in.

    Whether there is anything in them for the viewer is asked by ``gallery.access``.
    """
    me = viewer_pk(viewer)
    mine = Q(owner_id=me) if me is not None else Q(pk__in=())
    return Album.objects.annotate(held=closeness_of(viewer, "owner")).filter(
        mine
        | present("owner")
        & lets_in("audience")
        & ~Q(blocked_either_way(viewer, "owner"))
    )
