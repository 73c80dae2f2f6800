"""The lists of a person's own people: lanes of followers, requests, blocks, mutes."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import Closeness, Follow, User
from accounts.relations import visible_people

FOLLOWER_LANES = {
    "distant": Closeness.DISTANT,
    "regular": Closeness.REGULAR,
    "close": Closeness.CLOSE,
}
LANES = (*FOLLOWER_LANES, "requests", "following", "asked", "blocked", "muted")


def lane(me: User, name: str) -> QuerySet[User]:
    """The named list of ``me``, newest tie first; ``since`` is the tie's time.

    Only whom ``me`` can see, but for the blocked: that list is the way back.

    Raises:
        KeyError: there is no list of that name.
    """
    there = visible_people(me)
    if name in FOLLOWER_LANES:
        held = FOLLOWER_LANES[name]
        found = there.filter(
            follows_out__followee=me,
            follows_out__accepted_at__isnull=False,
            follows_out__closeness=held,
        )
        return _newest(found, "follows_out")
    match name:
        case "requests":
            found = there.filter(
                follows_out__followee=me, follows_out__accepted_at__isnull=True
            )
            return _newest(found, "follows_out")
        case "following" | "asked":
            found = there.filter(
                follows_in__follower=me,
                follows_in__accepted_at__isnull=name == "asked",
            )
            return _newest(found, "follows_in")
        case "blocked":
            blocked = User.objects.filter(is_active=True, blocks_in__blocker=me)
            return _newest(blocked, "blocks_in")
        case "muted":
            return _newest(there.filter(mutes_in__muter=me), "mutes_in")
    raise KeyError(name)


def _newest(people: QuerySet[User], tie: str) -> QuerySet[User]:
    # The join is the one of the filter before, so a person is there once.
    return people.annotate(since=F(f"{tie}__created_at")).order_by("-since", "-pk")


def suggestions(me: User, limit: int = 5) -> QuerySet[User]:
    """Followers whom ``me`` follows back and has not called close: perhaps friends."""
    accepted = Follow.objects.filter(accepted_at__isnull=False)
    return (
        visible_people(me)
        .filter(
            Exists(
                accepted.filter(
                    follower=OuterRef("pk"),
                    followee=me,
                    closeness__lt=Closeness.CLOSE,
                )
            ),
            Exists(accepted.filter(follower=me, followee=OuterRef("pk"))),
        )
        .order_by("username")[:limit]
    )


def follow_back(me: User, limit: int = 5) -> QuerySet[User]:
    """Followers whom ``me`` neither follows nor has asked, newest first.

    Both suggestions come from ties of ``me`` alone. Friends of friends are never
    suggested: that would tell whom one's friends follow.
    """
    mine = Follow.objects.filter(follower=me, followee=OuterRef("pk"))
    found = visible_people(me).filter(
        ~Exists(mine),
        follows_out__followee=me,
        follows_out__accepted_at__isnull=False,
    )
    return _newest(found, "follows_out")[:limit]
