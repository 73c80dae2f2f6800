"""Deleting for good: keys first, then rows, then the stored objects, with a receipt.

Everything that is named in the database goes in one transaction. What lies in the
storages is listed in a Tombstone and removed after the commit; what cannot be removed
then stays listed until the sweep succeeds. A Tombstone outlives what it stands for, so
that a restored backup can be cleaned again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.events import Event, publish
from accounts.models import User
from gallery import events, exports, storage, vault
from gallery.audience import reached
from gallery.models import Media, Post, Rendition, SealedObject, Tombstone
from gallery.seals import KINDS
from privacy.models import Scan, ScanEvent
from privacy.personal import learning

AT_ONCE = 400
"""How many objects are removed while a person waits; more are left to the sweep."""
_SALT = "gallery.receipt"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was deleted and when.

    ``gone`` counts what was removed, by its name in words; ``left`` says how many
    stored objects, unreadable since their keys are destroyed, are still to be removed.
    """

    kind: str
    public_id: uuid.UUID
    deleted_at: datetime
    gone: dict[str, int]

    @property
    def left(self) -> int:
        stone = Tombstone.objects.filter(public_id=self.public_id).first()
        return len(stone.keys) if stone else 0

    def signed(self) -> str:
        """The receipt as text that can be kept and shown again, with no account."""
        return signing.dumps(
            [
                self.kind,
                str(self.public_id),
                self.deleted_at.isoformat(timespec="seconds"),
                self.gone,
            ],
            salt=_SALT,
        )

    @classmethod
    def read(cls, text: str) -> Receipt:
        """A receipt that this site has given.

        Raises:
            ValueError: it is not one.
        """
        try:
            kind, public_id, at, gone = signing.loads(text, salt=_SALT)
        except signing.BadSignature as error:
            raise ValueError("not a receipt of this site") from error
        return cls(kind, uuid.UUID(public_id), datetime.fromisoformat(at), gone)


@transaction.atomic
def delete_post(post: Post) -> Receipt:
    """Delete a post or draft with its media, likes and comments."""
    told = reached(post.owner) if post.published_at else []
    # The locks keep workers from storing anything more (see vault.record).
    Post.objects.select_for_update().filter(pk=post.pk).first()
    media = Media.objects.select_for_update().filter(post=post)
    gone, addresses = _forget(media)
    addresses += exports.withdraw(post.owner_id)
    public_id = post.public_id
    gone |= {"likes": post.likes.count(), "comments": post.comments.count()}
    events.post_deleted(post, told)
    Post.objects.filter(pk=post.pk).delete()
    return receipt_of("post", public_id, {"posts": 1, **gone}, addresses)


@transaction.atomic
def delete_media(media: Media) -> Receipt:
    """Delete one picture; a published post that loses its last one goes with it."""
    post = (
        Post.objects.select_for_update().select_related("owner").get(pk=media.post_id)
    )
    if post.published_at and post.media.count() == 1:
        return delete_post(post)
    gone, addresses = _forget(Media.objects.select_for_update().filter(pk=media.pk))
    addresses += exports.withdraw(media.owner_id)
    if post.published_at:
        events.post_changed(post, reached(post.owner))
    return receipt_of("media", media.public_id, gone, addresses)


@transaction.atomic
def erase_account(user: User) -> Receipt:
    """Delete a person: what they posted, said and liked, their ties, logins and keys."""
    User.objects.select_for_update().get(pk=user.pk)
    seals = _seals().filter(media__owner=user).count()
    addresses = vault.shred(user.pk)
    public_id = user.public_id
    counts = {
        "posts": user.posts.count(),
        "likes": user.likes.count(),
        "comments": user.comments.count(),
        "follows": user.follows_in.count() + user.follows_out.count(),
    }
    gone, more = _forget(Media.objects.select_for_update().filter(owner=user))
    addresses += more + exports.withdraw(user.pk, all_of_them=True)
    _end_logins(user)
    user.delete()
    return receipt_of(
        "account",
        public_id,
        {"accounts": 1, **gone, **counts, "seals": seals},
        addresses,
    )


def _seals() -> QuerySet[SealedObject]:
    return SealedObject.objects.filter(kind__in=KINDS.values())


def _forget(media: QuerySet[Media]) -> tuple[dict[str, int], list[str]]:
    """Destroy the keys and rows of media; returns counts and the addresses left over."""
    rows = list(media)
    addresses: list[str] = []
    seals = _seals().filter(media__in=rows).count()
    for row in rows:
        addresses += vault.shred_media(row)
    keys = [row.pk for row in rows]
    renditions = Rendition.objects.filter(media__in=keys)
    addresses += [
        storage.address("renditions", key)
        for key in renditions.values_list("key", flat=True)
    ]
    subjects = [row.public_id for row in rows]
    scans = Scan.objects.filter(subject__in=subjects)
    findings = sum(scan.findings.count() for scan in scans)
    gone = {
        "pictures": len(rows),
        "versions": renditions.count(),
        "findings": findings,
        "seals": seals,
    }
    scans.delete()
    learning.forget(subjects)
    ScanEvent.objects.filter(subject__in=subjects).delete()
    Media.objects.filter(pk__in=keys).delete()
    Tombstone.objects.bulk_create(
        (Tombstone(public_id=subject, kind="media") for subject in subjects),
        ignore_conflicts=True,
    )
    return gone, addresses


def _end_logins(user: User) -> None:
    keys = UserSession.objects.filter(user=user).values_list("session_key", flat=True)
    Session.objects.filter(session_key__in=list(keys)).delete()
    AccessAttempt.objects.filter(username__in=[user.username, user.email]).delete()
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(
        Q(user=user) | Q(content_type=kind, object_id=str(user.pk))
    ).delete()
    publish(Event("session.ended", to=(str(user.public_id),)))


def receipt_of(
    kind: str,
    public_id: uuid.UUID,
    gone: dict[str, int],
    addresses: Iterable[str] = (),
) -> Receipt:
    """A receipt for what is gone, and a Tombstone that has the ``addresses`` removed."""
    keys = list(addresses)
    stone, _created = Tombstone.objects.update_or_create(
        public_id=public_id, defaults={"kind": kind, "keys": keys}
    )
    if len(keys) <= AT_ONCE:
        transaction.on_commit(lambda: _remove(stone), robust=True)
    return Receipt(kind, public_id, timezone.now(), {**gone, "objects": len(keys)})


def _remove(stone: Tombstone) -> None:
    left = storage.remove_all(stone.keys)
    Tombstone.objects.filter(pk=stone.pk).update(keys=left)
