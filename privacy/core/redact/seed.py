"""Everything that looks random: a keyed function of the region, fixed for ever.

Fresh noise for each request could be averaged away, and noise seeded by content would
tell about it. So whatever varies comes from HMAC-SHA256(key of the photo, region id).
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

import numpy as np
import numpy.typing as npt

TILE = 128


def digest(key: bytes, purpose: str, region_id: str) -> bytes:
    """32 bytes that depend on nothing but the three arguments."""
    message = f"nopeek/{purpose}/{region_id}".encode()
    return hmac.new(key, message, hashlib.sha256).digest()


def choose(key: bytes, purpose: str, region_id: str, count: int) -> int:
    """A number in 0..count-1."""
    return int.from_bytes(digest(key, purpose, region_id)[:8], "big") % count


@lru_cache(maxsize=64)
def grain(key: bytes, region_id: str) -> npt.NDArray[np.float32]:
    """A (TILE, TILE) tile of grain with mean 0 and standard deviation 1.

    Made of Philox's raw words: those are fixed by its specification (Salmon et al.,
    SC 2011), while numpy may change how it draws a distribution from them.
    """
    seed = np.frombuffer(digest(key, "grain", region_id), dtype="<u8")
    words = np.random.Philox(key=seed[:2]).random_raw(TILE * TILE // 2)
    dice = words.astype("<u8").view(np.uint8).reshape(4, TILE, TILE).astype(np.float32)
    total = dice.sum(axis=0)
    tile: npt.NDArray[np.float32] = (total - 510.0) / np.float32(147.80)
    tile.flags.writeable = False
    return tile
