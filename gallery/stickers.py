"""Stickers that people bring: cleaned in the sandbox, sealed, seen by their owner alone.

What goes out is what lies on a picture of the owner's, inside a rendition. The module
is light: pixels are touched only within the functions that say so.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import User
from gallery import replan, storage, vault
from gallery.models import Media, Sticker
from privacy.core.errors import LimitExceeded, RefusedInput
from privacy.core.formats import Limits, sniff
from privacy.models import Finding
from privacy.shapes import BadRegion

FORMATS = ("png", "webp")
"""Raster with transparency; never SVG, which is a program."""
BYTES = 2 * 1024 * 1024
SIDE = 2048
"""Pixels of the longer side of what may be uploaded."""
KEPT = 512
"""Pixels of the longer side of what is kept."""
MOST = 40
"""Stickers of one person."""
_OURS = re.compile(r"[a-z]{1,20}")


def of(owner_id: int) -> QuerySet[Sticker]:
    """A person's stickers, newest first."""
    return Sticker.objects.filter(owner_id=owner_id).order_by("-pk")


def access(owner: User, public_id: UUID) -> Sticker:
    """One of the owner's own stickers.

    Raises:
        Http404: it does not exist or belongs to somebody else.
    """
    found = of(owner.pk).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def check(owner_id: int, art: str) -> None:
    """Whether ``art`` may be named as the sticker of a region of this owner's.

    Raises:
        BadRegion: it is none of ours and none of theirs.
    """
    if not art or _OURS.fullmatch(art):
        return
    try:
        known = of(owner_id).filter(public_id=UUID(art)).exists()
    except ValueError:
        known = False
    if not known:
        raise BadRegion(_("There is no such sticker: choose another one."))


def keep(owner: User, file: File[bytes], name: str = "") -> Sticker:
    """Clean an uploaded picture and keep it; the same one again gives the same.

    Decoding happens in the sandbox, in a process of its own.

    Raises:
        RefusedInput: ``unsupported``, ``too_large``, ``too_many`` or ``damaged``, with
            what to do.
    """
    data = file.read(BYTES + 1)
    if len(data) > BYTES:
        most = BYTES // (1 << 20)
        raise LimitExceeded(
            _("A sticker has at most %(most)d MB: make it smaller.") % {"most": most}
        )
    try:
        form = sniff(data)
    except RefusedInput:
        form = ""
    if form not in FORMATS:
        raise RefusedInput(
            "unsupported",
            _("A sticker is a PNG or WebP picture: save it as one and try again."),
        )
    if of(owner.pk).count() >= MOST:
        raise RefusedInput(
            "too_many",
            _("You have %(most)d stickers: delete one first.") % {"most": MOST},
        )
    kek = vault.ensure_key(owner.pk)
    digest = vault.fingerprint(kek, data)
    if twin := of(owner.pk).filter(digest=digest).first():
        return twin
    row = Sticker(owner=owner, name=name[:40], digest=digest)
    sealed = vault.write(kek, row.public_id, "sticker", 1, _cleaned(data))
    row.key, row.wrapped, row.bytes = sealed.key, sealed.wrapped, sealed.size
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # the same file, sent twice at once
        storage.remove(storage.originals(), sealed.key)
        return of(owner.pk).get(digest=digest)
    except BaseException:
        storage.remove(storage.originals(), sealed.key)
        raise
    return row


def read(row: Sticker) -> bytes:
    """The PNG that was kept.

    Raises:
        VaultError: its key or its bytes are gone.
    """
    return vault.open_apart(
        row.owner_id, row.public_id, "sticker", row.key, bytes(row.wrapped)
    )


def art_of(owner_id: int, names: Iterable[str]) -> dict[str, Any]:
    """Pixels, (h, w, 4) uint8 RGBA, of those of the owner's stickers that are named.

    One that cannot be opened is left out; a sticker of ours then stands in for it.
    """
    from privacy.core.redact.custom import read_art

    found = {}
    for name in sorted({name for name in names if len(name) == _UUID}):
        row = of(owner_id).filter(public_id=UUID(name)).first()
        if row is not None:
            try:
                found[name] = read_art(read(row))
            except vault.VaultError:
                continue
    return found


_UUID = len(str(UUID(int=0)))


@transaction.atomic
def delete(row: Sticker) -> None:
    """Forget a sticker: its key with the row, its bytes after the commit.

    Pictures that wear it get one of ours instead, made anew.
    """
    worn = Finding.objects.filter(
        art=str(row.public_id), scan__current=True, scan__owner_id=row.owner_id
    )
    subjects = list(worn.values_list("scan__subject", flat=True).distinct())
    worn.update(art="")
    address = storage.address("originals", row.key)
    row.delete()
    storage.remove_after_commit([address])
    for media in Media.objects.filter(public_id__in=subjects).order_by("pk"):
        replan.replan(media)


def _cleaned(data: bytes) -> bytes:
    """A PNG made of pixels alone, at most ``KEPT`` on its longer side."""
    from PIL import Image

    from privacy.core.sanitise import see_through

    limits = Limits(bytes=BYTES, pixels=SIDE * SIDE, side=SIDE, frames=1, seconds=10)
    image = Image.fromarray(see_through(data, limits), "RGBA")
    image.thumbnail((KEPT, KEPT))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
