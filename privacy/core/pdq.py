"""PDQ: a hash of 256 bits that stays near itself when a picture is resized or saved
anew, and how far such hashes are apart.

Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm"
(Facebook, 2019), by its reference code as the package ``pdqhash`` ships it. Pictures
are brought to 512 x 512 first, as that code does. The hash is one of recognition, not
of secrecy: it is made of an original, so it is compared and thrown away, never kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 512
BYTES = 32
NEAR = 31
"""Bits, of 256, up to which two hashes count as one picture: the paper's figure."""
LEAST_QUALITY = 50
"""Below it a picture has too few edges for its hash to tell it from others."""

_BITS = np.array([(value).bit_count() for value in range(256)], np.uint16)


@dataclass(frozen=True, slots=True)
class Hash:
    """A picture's hashes, as it stands and in its seven turns and mirrorings.

    Attributes:
        turns: uint8 (8, 32); the first is the picture's own.
        quality: 0..100.
    """

    turns: NDArray[np.uint8]
    quality: int

    @property
    def hex(self) -> str:
        """The picture's own hash as lists write it: 64 hexadecimal digits."""
        return bytes(self.turns[0]).hex()

    @property
    def tells(self) -> bool:
        """Whether the hash means anything; that of a bare wall does not."""
        return self.quality >= LEAST_QUALITY


def hash_of(pixels: NDArray[np.uint8]) -> Hash:
    """The hash of a picture.

    Args:
        pixels: RGB, uint8 (height, width, 3).
    """
    import pdqhash  # compiled code: for workers alone

    image = Image.fromarray(pixels)
    if max(image.size) > SIDE:
        image = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    turns, quality = pdqhash.compute_dihedral(np.asarray(image))
    bits = np.asarray(turns, np.uint8).reshape(8, 256)
    return Hash(np.packbits(bits, axis=1), int(quality))


def nearest(known: NDArray[np.uint8], found: Hash) -> int:
    """Bits between the picture, in whatever turn, and the nearest of ``known``.

    Args:
        known: uint8 (n, 32).

    Returns 256, as far as can be, where ``known`` is empty.
    """
    if not len(known):
        return 8 * BYTES
    return min(int(_BITS[known ^ turn].sum(axis=1).min()) for turn in found.turns)


def read_list(text: str) -> NDArray[np.uint8]:
    """The hashes of a list: one a line, 64 hexadecimal digits, sorted and each once.

    What follows a comma or blanks on a line is a remark, and so is a line that begins
    with ``#``.

    Raises:
        ValueError: a line is no hash; the text says which.
    """
    found = set()
    for number, line in enumerate(text.splitlines(), 1):
        word = line.replace(",", " ").split(maxsplit=1)[:1]
        if not word or word[0].startswith("#"):
            continue
        try:
            value = bytes.fromhex(word[0])
        except ValueError:
            value = b""
        if len(value) != BYTES:
            raise ValueError(f"line {number} is no PDQ hash of 64 hexadecimal digits")
        found.add(value)
    return np.frombuffer(b"".join(sorted(found)), np.uint8).reshape(-1, BYTES)
