"""Facts about two people, for one pair and as pieces of SQL for whole sets.

The closeness that an owner gave a follower is known to the owner alone. The pieces
below put it into the WHERE clause of a query; what a page may say to a viewer about
another person stands in ``accounts.ties``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Exists,
    OuterRef,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Lower
from django.http import Http404

from accounts.models import Block, Closeness, Follow, Mute, User

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

Viewer = User | AnonymousUser | None
"""Whoever looks; ``None`` and ``AnonymousUser`` are a stranger without a name."""


class Absent(Http404):
    """There is no such person for this viewer: never was, is gone, or is blocked.

    It is a 404 of its own accord, so that no view can answer anything else.
    """


class Kind(StrEnum):
    OWNER = "owner"
    BLOCKED = "blocked"  # one of the two has blocked the other; who is not said
    STRANGER = "stranger"
    FOLLOWER = "follower"
    MUTUAL = "mutual"


@dataclass(frozen=True, slots=True)
class RelationFact:
    """How ``viewer`` stands to ``owner``. Not for the viewer's eyes.

    Attributes:
        kind: the fact itself.
        closeness: what the owner gave the follower; ``None`` without an accepted
            follow, and for the owner.
    """

    kind: Kind
    closeness: Closeness | None = None


def viewer_pk(viewer: Viewer) -> int | None:
    """The primary key of a viewer who takes part, else ``None``.

    A suspended or deactivated person with a session left over is a stranger.
    """
    if isinstance(viewer, User) and viewer.is_present:
        return viewer.pk
    return None


def relation(viewer: Viewer, owner: User) -> RelationFact:
    """The fact about one pair, read now. Two people without any tie are strangers."""
    pk = viewer_pk(viewer)
    if pk is None:
        return RelationFact(Kind.STRANGER)
    if pk == owner.pk:
        return RelationFact(Kind.OWNER)
    if Block.objects.filter(
        Q(blocker=pk, blocked=owner) | Q(blocker=owner, blocked=pk)
    ).exists():
        return RelationFact(Kind.BLOCKED)
    follows = {
        follow.follower_id: follow
        for follow in Follow.objects.filter(
            Q(follower=pk, followee=owner) | Q(follower=owner, followee=pk),
            accepted_at__isnull=False,
        )
    }
    if pk not in follows:
        return RelationFact(Kind.STRANGER)
    kind = Kind.MUTUAL if owner.pk in follows else Kind.FOLLOWER
    return RelationFact(kind, Closeness(follows[pk].closeness))


def closeness_of(viewer: Viewer, owner_ref: str = "owner") -> Combinable:
    """SQL: the closeness of an accepted follow from ``viewer`` to the row's owner.

    NULL where there is none. ``owner_ref`` is the path from the row to its owner.
    """
    pk = viewer_pk(viewer)
    if pk is None:
        return Value(None, output_field=PositiveSmallIntegerField(null=True))
    return Subquery(
        Follow.objects.filter(
            follower=pk, followee=OuterRef(owner_ref), accepted_at__isnull=False
        ).values("closeness")[:1]
    )


def blocked_either_way(viewer: Viewer, owner_ref: str = "owner") -> Combinable:
    """SQL: whether one of viewer and the row's owner has blocked the other."""
    pk = viewer_pk(viewer)
    if pk is None:
        return Exists(Block.objects.none())
    return Exists(
        Block.objects.filter(
            Q(blocker=pk, blocked=OuterRef(owner_ref))
            | Q(blocker=OuterRef(owner_ref), blocked=pk)
        )
    )


def apart(one_ref: str, other_ref: str) -> Combinable:
    """SQL: whether one of two people that the row names has blocked the other."""
    one, other = OuterRef(one_ref), OuterRef(other_ref)
    return Exists(
        Block.objects.filter(
            Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)
        )
    )


def muted_by(viewer: Viewer, owner_ref: str = "owner") -> Combinable:
    """SQL: whether the viewer has muted the row's owner."""
    pk = viewer_pk(viewer)
    if pk is None:
        return Exists(Mute.objects.none())
    return Exists(Mute.objects.filter(muter=pk, muted=OuterRef(owner_ref)))


def present(owner_ref: str = "owner") -> Q:
    """SQL: the row's owner takes part (active and not suspended).

    ``owner_ref=""`` is for rows that are people themselves.
    """
    prefix = f"{owner_ref}__" if owner_ref else ""
    return Q(
        **{f"{prefix}is_active": True, f"{prefix}suspended_at__isnull": True},
    )


def following(viewer: Viewer) -> QuerySet[Follow, int]:
    """Primary keys of those whom the viewer follows and who accepted it."""
    pk = viewer_pk(viewer)
    found = Follow.objects.filter(accepted_at__isnull=False)
    found = found.none() if pk is None else found.filter(follower=pk)
    return found.values_list("followee", flat=True)


def visible_people(viewer: Viewer) -> QuerySet[User]:
    """Everyone who exists for ``viewer``: present, and no block in either direction."""
    return User.objects.filter(present(""), ~Q(blocked_either_way(viewer, "pk")))


def access_person(viewer: Viewer, username: str) -> User:
    """The person of that name, case aside.

    Raises:
        Absent: there is none for this viewer. Blocked and never existed look alike.
    """
    person = (
        visible_people(viewer)
        .alias(folded=Lower("username"))
        .filter(folded=username.lower())
        .first()
    )
    if person is None:
        raise Absent
    return person
