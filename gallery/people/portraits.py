"""A face cut out of its owner's own copy of a photo, for that owner alone."""

from __future__ import annotations

import io

from django.http import Http404

from accounts.models import User
from gallery import vault
from gallery.access import access_own_media
from gallery.people.models import Face
from privacy.models import Finding

AROUND = 0.35
"""How much of the surroundings is shown, in longer sides of the face."""
SIDE = 240


def portrait(owner: User, face: Face) -> bytes:
    """A JPEG, square where the picture allows it.

    The photo comes through the one door like any other of its owner's bytes.

    Raises:
        Http404: the photo is not the owner's, or cannot be opened, or the face is gone.
    """
    media = access_own_media(owner, face.media.public_id)
    row = Finding.objects.filter(
        scan__subject=media.public_id, scan__current=True, region=face.region
    ).first()
    if row is None:
        raise Http404
    try:
        data = vault.open_sealed(media, "owner_feed")
    except vault.VaultError as error:
        raise Http404 from error
    return _cut(data, (row.x0, row.y0, row.x1, row.y1))


def _cut(data: bytes, box: tuple[float, float, float, float]) -> bytes:
    """Of a copy that this site has written itself."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        width, height = image.size
        x0, y0, x1, y1 = (
            box[0] * width,
            box[1] * height,
            box[2] * width,
            box[3] * height,
        )
        half = max(x1 - x0, y1 - y0, 8) * (0.5 + AROUND)
        half = min(half, width / 2, height / 2)
        x = min(max((x0 + x1) / 2, half), width - half)
        y = min(max((y0 + y1) / 2, half), height - half)
        part = image.convert("RGB").crop(
            (round(x - half), round(y - half), round(x + half), round(y + half))
        )
        part.thumbnail((SIDE, SIDE))
        out = io.BytesIO()
        part.save(out, "JPEG", quality=85)
    return out.getvalue()
