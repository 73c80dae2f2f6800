"""What tiers see, as stored bytes: found by recipe, made once. HEAVY: for workers.

A recipe is (media, plan, renderer version, size, format). Every size is made from the
masked master, and a row exists only for a plan that has withstood the attacks of stage
6. Tiers with equal plans share one set.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from gallery import storage
from gallery.models import Media, Rendition
from privacy.core.image import Pixels
from privacy.core.render import encode, scaled
from privacy.core.version import RENDERER_VERSION

SIZES = {"thumb": 640, "feed": 1080, "full": 2048}
"""Longer side in pixels; a smaller picture stays as it is. ``thumb`` is what tiles show."""
FORMATS = ("jpeg", "webp")
EXTRA = (("thumb", "avif"), ("feed", "avif"))
"""Made along with the others and missed by nobody (``gallery.delivery``): AVIF of the
sizes that are looked at most. Of all sizes it would cost half a rendering more, of the
feed size a fifth (docs/benchmarks.md)."""
SUFFIX = {"jpeg": ".jpg", "webp": ".webp", "avif": ".avif"}


@dataclass(frozen=True, slots=True)
class File:
    """One encoded rendition that is not stored yet."""

    size: str
    format: str
    data: bytes
    width: int
    height: int


def encode_all(pixels: Pixels) -> tuple[File, ...]:
    """Every size and format of a masked master."""
    made = []
    for size, side in SIZES.items():
        small = scaled(pixels, side)
        height, width = small.shape[:2]
        extra = tuple(fmt for name, fmt in EXTRA if name == size)
        made += [
            File(size, fmt, encode(small, side, fmt), width, height)
            for fmt in FORMATS + extra
        ]
    return tuple(made)


def is_complete(media: Media, plan: str) -> bool:
    """Whether a plan's renditions are stored, made by the current renderer.

    ``EXTRA`` is not asked for: what was made before it is as good as it was.
    """
    rows = Rendition.objects.filter(
        media=media, plan=plan, renderer=RENDERER_VERSION
    ).values_list("size", "format")
    return set(rows) >= {(size, fmt) for size in SIZES for fmt in FORMATS}


def ensure(media: Media, plan: str, files: tuple[File, ...]) -> None:
    """Store the renditions of a verified plan, unless they are there.

    Of two workers that store the same one, one row and one object remain.
    """
    known = set(
        Rendition.objects.filter(
            media=media, plan=plan, renderer=RENDERER_VERSION
        ).values_list("size", "format")
    )
    for file in files:
        if (file.size, file.format) not in known:
            _store(media, plan, file)


def shred(media: Media) -> list[str]:
    """Forget every rendition of a media; returns the addresses left to remove."""
    rows = Rendition.objects.filter(media=media)
    gone = [
        storage.address("renditions", key) for key in rows.values_list("key", flat=True)
    ]
    rows.delete()
    return gone


def _store(media: Media, plan: str, file: File) -> None:
    key = storage.put(storage.renditions(), file.data, SUFFIX[file.format])
    try:
        with transaction.atomic():
            # The lock keeps a deletion from slipping between this look and the row.
            if not Media.objects.select_for_update().filter(pk=media.pk).exists():
                raise Media.DoesNotExist
            Rendition.objects.create(
                media=media,
                plan=plan,
                renderer=RENDERER_VERSION,
                size=file.size,
                format=file.format,
                key=key,
                bytes=len(file.data),
                sha256=hashlib.sha256(file.data).hexdigest(),
                width=file.width,
                height=file.height,
            )
    except IntegrityError:  # another worker was faster
        storage.remove(storage.renditions(), key)
    except BaseException:
        storage.remove(storage.renditions(), key)
        raise
