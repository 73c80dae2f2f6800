"""What a viewer may know of the ties between them and others.

Closeness stands here in one direction only: as the viewer gave it to a follower. How
close somebody else holds the viewer is not part of it, so no page can show it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Closeness, Follow, Mute, User
from accounts.relations import Viewer, viewer_pk


@dataclass(frozen=True, slots=True)
class Tie:
    """The viewer and one other person, as the viewer may see it.

    Attributes:
        person: the other.
        is_self: the other is the viewer.
        following: the viewer follows, and was accepted.
        requested: the viewer asked to follow and waits.
        follows_me: the other is an accepted follower of the viewer.
        asked_me: the other waits for the viewer to accept.
        closeness: what the viewer gave the follower; None without one.
        muted: the viewer has muted the other.
    """

    person: User
    is_self: bool = False
    following: bool = False
    requested: bool = False
    follows_me: bool = False
    asked_me: bool = False
    closeness: Closeness | None = None
    muted: bool = False

    @property
    def suggests_close(self) -> bool:
        """They follow each other, and the viewer has not called the other close."""
        return self.following and self.follows_me and self.closeness != Closeness.CLOSE


def ties(viewer: Viewer, people: Iterable[User]) -> list[Tie]:
    """One Tie for each of ``people``, in their order, in three queries at most."""
    them = list(people)
    me = viewer_pk(viewer)
    if me is None:
        return [Tie(person) for person in them]
    keys = [person.pk for person in them]
    out = dict(
        Follow.objects.filter(follower=me, followee__in=keys).values_list(
            "followee", "accepted_at"
        )
    )
    into = {
        row.follower_id: row
        for row in Follow.objects.filter(followee=me, follower__in=keys)
    }
    muted = set(
        Mute.objects.filter(muter=me, muted__in=keys).values_list("muted", flat=True)
    )

    def tie(person: User) -> Tie:
        back = into.get(person.pk)
        accepted = back is not None and back.accepted_at is not None
        return Tie(
            person,
            is_self=person.pk == me,
            following=out.get(person.pk) is not None,
            requested=person.pk in out and out[person.pk] is None,
            follows_me=accepted,
            asked_me=back is not None and not accepted,
            closeness=Closeness(back.closeness) if back and accepted else None,
            muted=person.pk in muted,
        )

    return [tie(person) for person in them]


def tie_with(viewer: Viewer, person: User) -> Tie:
    return ties(viewer, [person])[0]
