"""What people do to each other. Each verb is atomic, idempotent and safe in a race.

Two verbs on the same pair exclude each other: both first lock the pair's user rows in
the order of their keys (SQLite's immediate transactions do the same for the file).
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.events import Event, publish
from accounts.models import Block, Closeness, Follow, Mute, User
from accounts.relations import Absent, visible_people


def _id(user: User) -> str:
    return str(user.public_id)


def _locked(by: User, other: User) -> tuple[User, User]:
    """Both rows as they are now, held until the transaction ends.

    Raises:
        Absent: one of the two is gone, or ``by`` does not take part.
    """
    rows = {
        user.pk: user
        for user in User.objects.select_for_update(no_key=True)
        .filter(pk__in=(by.pk, other.pk))
        .order_by("pk")
    }
    if len(rows) != 2 or not rows[by.pk].is_present:
        raise Absent
    return rows[by.pk], rows[other.pk]


def _relation_changed(of: User, by: User) -> None:
    """Tell sockets of ``of`` to ask anew. Says neither what changed nor which way."""
    publish(Event("relation.changed", to=(_id(of),), by=_id(by)))


@transaction.atomic
def follow(by: User, target: User) -> Follow:
    """``by`` follows ``target``, or asks to where followers are approved.

    Raises:
        Absent: oneself, gone, suspended, or a block stands between the two.
    """
    by, target = _locked(by, target)
    if not visible_people(by).filter(pk=target.pk).exists():
        raise Absent
    now = None if target.approves_followers else timezone.now()
    row, created = Follow.objects.get_or_create(
        follower=by, followee=target, defaults={"accepted_at": now}
    )
    if created:
        name = "follow.started" if now else "follow.requested"
        publish(Event(name, to=(_id(target),), by=_id(by)))
        if now:
            _relation_changed(by, target)
    return row


@transaction.atomic
def withdraw(by: User, target: User) -> None:
    """``by`` no longer follows ``target``, nor asks to."""
    by, target = _locked(by, target)
    if Follow.objects.filter(follower=by, followee=target).delete()[0]:
        _relation_changed(by, by)


@transaction.atomic
def accept(owner: User, follower: User) -> Follow:
    """``owner`` lets ``follower`` in, at arm's length (distant).

    Raises:
        Absent: there is no such request (any more).
    """
    owner, follower = _locked(owner, follower)
    waiting = Follow.objects.filter(follower=follower, followee=owner)
    changed = waiting.filter(accepted_at__isnull=True).update(
        accepted_at=timezone.now(), closeness=Closeness.DISTANT
    )
    row = waiting.first()
    if row is None:
        raise Absent
    if changed:
        publish(Event("follow.accepted", to=(_id(follower),), by=_id(owner)))
        _relation_changed(follower, owner)
    return row


@transaction.atomic
def decline(owner: User, follower: User) -> None:
    """The request is gone; the one who asked is not told."""
    owner, follower = _locked(owner, follower)
    Follow.objects.filter(
        follower=follower, followee=owner, accepted_at__isnull=True
    ).delete()


@transaction.atomic
def remove_follower(owner: User, follower: User) -> None:
    """``follower`` follows no longer; not told, and free to ask again."""
    owner, follower = _locked(owner, follower)
    if Follow.objects.filter(follower=follower, followee=owner).delete()[0]:
        _relation_changed(follower, owner)


@transaction.atomic
def set_closeness(owner: User, follower: User, closeness: Closeness) -> Follow:
    """How close ``owner`` holds ``follower``; from the commit on, everywhere.

    Raises:
        Absent: ``follower`` is no accepted follower of ``owner``.
    """
    owner, follower = _locked(owner, follower)
    rows = Follow.objects.filter(
        follower=follower, followee=owner, accepted_at__isnull=False
    )
    changed = rows.exclude(closeness=closeness).update(closeness=closeness)
    row = rows.first()
    if row is None:
        raise Absent
    if changed:
        _relation_changed(follower, owner)
    return row


@transaction.atomic
def block(by: User, target: User) -> None:
    """Neither sees the other from the commit on, and no follow is left between them.

    Raises:
        Absent: oneself.
    """
    if by.pk == target.pk:
        raise Absent
    by, target = _locked(by, target)
    _row, created = Block.objects.get_or_create(blocker=by, blocked=target)
    Follow.objects.filter(
        Q(follower=by, followee=target) | Q(follower=target, followee=by)
    ).delete()
    if created:
        _relation_changed(target, by)
        _relation_changed(by, by)


@transaction.atomic
def unblock(by: User, target: User) -> None:
    """Lifts the block of ``by``; the follows it ended do not come back."""
    by, target = _locked(by, target)
    if Block.objects.filter(blocker=by, blocked=target).delete()[0]:
        _relation_changed(by, by)


@transaction.atomic
def mute(by: User, target: User) -> None:
    """Posts and notifications of ``target`` no longer reach ``by``; nobody is told.

    Raises:
        Absent: oneself, or not there for ``by``.
    """
    by, target = _locked(by, target)
    if by == target or not visible_people(by).filter(pk=target.pk).exists():
        raise Absent
    Mute.objects.get_or_create(muter=by, muted=target)


@transaction.atomic
def unmute(by: User, target: User) -> None:
    by, target = _locked(by, target)
    Mute.objects.filter(muter=by, muted=target).delete()


@transaction.atomic
def update_profile(user: User, **values: str | bool | int) -> User:
    """Set the named fields of one's own profile; others are refused by TypeError.

    Another caution makes the plans of one's photos anew, in the same transaction.
    """
    allowed = {
        "display_name",
        "bio",
        "approves_followers",
        "language",
        "time_zone",
        "first_audience",
        "caution",
        "portrait",
    }
    if unknown := values.keys() - allowed:
        raise TypeError(f"not a field of the profile: {', '.join(sorted(unknown))}")
    was = user.caution
    for name, value in values.items():
        setattr(user, name, value)
    names = {field.name for field in User._meta.fields}  # noqa: SLF001 - documented API
    user.clean_fields(exclude=names - values.keys())
    user.save(update_fields=list(values))
    if user.caution != was:
        for path in settings.NOPEEK_ON_CAUTION:
            import_string(path)(user.pk)
    return user


@transaction.atomic
def suspend(user: User) -> None:
    """Take ``user`` out of the site until ``restore``; sockets close at once."""
    if User.objects.filter(pk=user.pk, suspended_at=None).update(
        suspended_at=timezone.now()
    ):
        publish(Event("session.ended", to=(_id(user),)))


def restore(user: User) -> None:
    User.objects.filter(pk=user.pk).update(suspended_at=None)
