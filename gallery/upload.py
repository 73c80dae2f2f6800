"""STAGE 0: accept bytes. Size, content, quota; then sealed, and a row that says so.

Nothing is decoded here: what the bytes are is told from their first ones, and the
picture itself is opened by a worker, in a sandbox. The user's file name is not used for
anything. Everything is quick, since a person waits: a photo of 12 megapixels takes
some tens of milliseconds.
"""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.files.base import File
from django.db import transaction

from gallery import faults, storage, vault
from gallery.models import KeyRing, Media, Post
from gallery.states import State
from gallery.tasks import enqueue_advance
from privacy.core.errors import LimitExceeded, RefusedInput
from privacy.core.formats import sniff


def accept(
    owner: AbstractBaseUser | AnonymousUser, post: Post, file: File[bytes]
) -> Media:
    """Take one file into a post of the owner's; a worker looks at it later.

    The same file sent again into the same post gives the Media that it already is, so
    a repeated request is harmless. Equal files of different people never meet.

    Returns:
        A Media in state ``uploaded`` whose bytes are stored, sealed.

    Raises:
        RefusedInput: ``unsupported``, ``empty``, ``too_many`` or, as LimitExceeded,
            ``too_large``; nothing has been kept.
        OSError: the storage is full or away; nothing has been kept.
    """
    if owner.pk is None or post.owner_id != owner.pk:
        raise RefusedInput("not_yours", "this post is not yours")
    data = _read(file)
    sniff(data)
    _check_room(owner.pk, post)
    kek = vault.ensure_key(owner.pk)
    digest = vault.fingerprint(kek, data)
    if twin := Media.objects.filter(post=post, upload_digest=digest).first():
        return twin
    public_id = uuid.uuid4()
    sealed = vault.write(kek, public_id, "raw", 1, data)
    faults.point("upload.stored", public_id)
    try:
        with transaction.atomic():
            # One upload of a person at a time from here on: the quota is exact.
            KeyRing.objects.select_for_update().get(owner_id=owner.pk)
            _check_room(owner.pk, post)
            media = Media.objects.create(
                public_id=public_id,
                owner_id=owner.pk,
                post=post,
                position=_next_position(post),
                state=State.UPLOADED.value,
                mask_secret=_mask_secret(owner.pk, digest),
                upload_digest=digest,
            )
            vault.record(media, sealed)
            enqueue_advance(media.public_id)
    except BaseException:
        storage.remove(storage.originals(), sealed.key)
        raise
    return media


def _read(file: File[bytes]) -> bytes:
    """The bytes, at most as many as are allowed, whatever length was declared."""
    most = settings.NOPEEK_LIMITS["bytes"]
    if (file.size or 0) > most:
        raise _too_large(most)
    file.seek(0)
    data: bytes = file.read(most + 1)
    if len(data) > most:
        raise _too_large(most)
    if not data:
        raise RefusedInput("empty", "this file is empty: choose another one")
    return data


def _too_large(most: int) -> LimitExceeded:
    return LimitExceeded(
        f"this file is larger than {most // (1 << 20)} MB: export it smaller and retry"
    )


def _check_room(owner_id: int, post: Post) -> None:
    limits = settings.NOPEEK_LIMITS
    if Media.objects.filter(post=post).count() >= limits["files_per_post"]:
        raise RefusedInput(
            "too_many", f"a post holds at most {limits['files_per_post']} pictures"
        )
    if Media.objects.filter(owner_id=owner_id).count() >= limits["files_per_user"]:
        raise RefusedInput(
            "too_many",
            f"you have {limits['files_per_user']} pictures, which is as many as there "
            "is room for: delete some first",
        )


def _next_position(post: Post) -> int:
    last = Media.objects.filter(post=post).order_by("-position").first()
    return last.position + 1 if last else 0


def _mask_secret(owner_id: int, digest: str) -> bytes:
    """Random, but the same for the same photo of the same person.

    Otherwise uploading a photo twice would show its masked regions under two noises,
    and averaging many of them would tell more than one.
    """
    older = Media.objects.filter(owner_id=owner_id, upload_digest=digest)
    known = older.values_list("mask_secret", flat=True).first()
    return bytes(known) if known else secrets.token_bytes(32)
