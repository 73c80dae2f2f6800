"""Which bytes are looked at at all: limits, and the format as the content tells it."""

from __future__ import annotations

from dataclasses import dataclass

from privacy.core.errors import RefusedInput

FORMATS = ("jpeg", "png", "webp", "gif", "heic", "avif")
"""The formats that are accepted. A file's name and declared type are never asked."""

MIB = 1 << 20

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})
_AVIF_BRANDS = frozenset({b"avif"})
_MAX_BRANDS = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one picture may cost. Each bound is inclusive: equal is accepted.

    Attributes:
        bytes: size of the file.
        pixels: width x height, the largest canvas that the file declares.
        side: longer side in pixels (no encoder of ours goes beyond 16,383).
        frames: frames of an animation; only the first is kept, the others are counted.
        seconds: wall time in the sandbox, start of the sandbox not counted.
        memory: address space in bytes that decoding may take beyond the idle sandbox.
    """

    bytes: int = 40 * MIB
    pixels: int = 64_000_000
    side: int = 16_383
    frames: int = 1_000
    seconds: float = 20.0
    memory: int = 1_536 * MIB


def sniff(data: bytes | memoryview) -> str:
    """The format of a picture from its first bytes, one of ``FORMATS``.

    Raises:
        RefusedInput: ``unsupported``, naming the formats that are accepted.
    """
    head = bytes(data[:512])
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        found = _brand(head)
        if found:
            return found
    raise RefusedInput(
        "unsupported",
        "this is not a picture that NoPeek accepts: JPEG, PNG, WebP, GIF, HEIC or "
        "AVIF; save it as one of these and try again",
    )


def _brand(head: bytes) -> str:
    """The major brand decides; ``mif1`` and its like leave it to the compatible ones."""
    size = min(int.from_bytes(head[:4], "big"), len(head), 16 + 4 * _MAX_BRANDS)
    brands = [head[8:12], *(head[i : i + 4] for i in range(16, size - 3, 4))]
    for brand in brands:
        if brand in _HEIC_BRANDS:
            return "heic"
        if brand in _AVIF_BRANDS:
            return "avif"
    return ""
