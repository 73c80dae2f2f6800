"""Seals: a masked picture that still holds what is under its masks, encrypted.

The file is an ordinary PNG of the masked picture with one private chunk (``npSL``, W3C
PNG 5.4: ancillary, private, not safe to copy). It holds the pixels of every masked
place, packed and encrypted with AES-256-GCM under a key that scrypt (RFC 7914) makes of
a passphrase. The header is bound to the ciphertext and names the SHA-256 of the pixels
on show, so neither half can be put to another. What comes back is exact to the bit.

Without the passphrase nothing of a masked place is there but its size: masks are made
without looking at it (zero-bit styles; courtesy styles are veiled here).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from privacy.core.errors import NoPeekError, RefusedInput
from privacy.core.image import Picture, Pixels
from privacy.core.redact.mask import region_patch
from privacy.core.redact.sticker import Art
from privacy.core.render import render
from privacy.core.rules import HIDDEN
from privacy.core.sanitise import encode_master, sanitise
from privacy.core.types import Plan

CHUNK = b"npSL"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
COST = 2**16
"""scrypt's n, with r = 8 and p = 1: 64 MiB and some 0.2 s for each guess."""
MOST_COST = 2**20
LEAST_LENGTH = 8
"""Characters of a passphrase."""

Place = tuple[int, int, int, int]
"""Top, left, height, width in pixels."""


class SealError(NoPeekError):
    """A sealed picture cannot be made or opened; says which and why."""


def seal(
    picture: Picture, plan: Plan, key: bytes, passphrase: str, art: Art | None = None
) -> bytes:
    """The masked picture as a PNG that a passphrase opens again.

    Args:
        key: the photo's secret, as for ``render``.
        passphrase: ``LEAST_LENGTH`` characters or more.
        art: custom stickers, as for ``render``.

    Raises:
        SealError: the passphrase is too short, or nothing is masked.
    """
    if len(passphrase) < LEAST_LENGTH:
        raise SealError(f"a passphrase has {LEAST_LENGTH} characters or more")
    if not plan.regions:
        raise SealError("nothing is masked here, so there is nothing to seal")
    closed = Plan.of(
        region if region.treatment.zero_bit else replace(region, treatment=HIDDEN)
        for region in plan.regions
    )
    shown = render(picture, closed, key, art)
    places = list(_places(picture, closed))
    inside = b"".join(_part(picture.pixels, place).tobytes() for place in places)
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    header = {
        "v": 1,
        "kdf": {"name": "scrypt", "n": COST, "r": 8, "p": 1, "salt": _text(salt)},
        "nonce": _text(nonce),
        "size": [picture.width, picture.height],
        "places": places,
        "shown": _digest(shown),
    }
    head = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    sealing = AESGCM(_key(passphrase, salt, COST, 8, 1))
    body = sealing.encrypt(nonce, zlib.compress(inside, 6), head)
    data = struct.pack(">I", len(head)) + head + body
    png = encode_master(shown)
    end = len(png) - 12  # before IEND
    return png[:end] + _chunk(CHUNK, data) + png[end:]


def unseal(data: bytes, passphrase: str) -> Pixels:
    """The original pixels, (h, w, 3) uint8 RGB, exact to the bit.

    Raises:
        SealError: not a sealed picture, cut off or changed, or another passphrase.
    """
    plain, sealed = _parted(data)
    header, head, body = _opened(sealed)
    try:
        kdf = header["kdf"]
        cost, block, lanes = int(kdf["n"]), int(kdf["r"]), int(kdf["p"])
        salt, nonce = _bytes(kdf["salt"]), _bytes(header["nonce"])
        width, height = (int(v) for v in header["size"])
        places = [_place(values, width, height) for values in header["places"]]
        shown = str(header["shown"])
        if header["v"] != 1 or kdf["name"] != "scrypt":
            raise SealError("this seal is of a newer NoPeek: update to open it")
        if not 2 <= cost <= MOST_COST or cost & (cost - 1) or block > 16 or lanes > 4:
            raise SealError("this seal asks for more work than an honest one would")
        opening = AESGCM(_key(passphrase, salt, cost, block, lanes))
        packed = opening.decrypt(nonce, body, head)
    except InvalidTag as error:
        raise SealError("another passphrase, or the seal was changed") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SealError("the seal's header makes no sense: it was changed") from error
    try:
        pixels = sanitise(plain).pixels
    except RefusedInput as error:
        raise SealError(f"the picture around the seal: {error}") from error
    if _digest(pixels) != shown or pixels.shape[:2] != (height, width):
        raise SealError("the picture was changed after it was sealed")
    return _restored(pixels, places, zlib.decompress(packed))


def is_sealed(data: bytes) -> bool:
    """Whether a file is a PNG with a seal in it."""
    return data.startswith(SIGNATURE) and CHUNK in data


def _restored(pixels: Pixels, places: list[Place], inside: bytes) -> Pixels:
    if len(inside) != sum(3 * height * width for _, _, height, width in places):
        raise SealError("the seal holds other pixels than it says")
    whole = pixels.copy()
    at = 0
    for place in places:
        _top, _left, height, width = place
        size = 3 * height * width
        part = np.frombuffer(inside, np.uint8, size, at).reshape(height, width, 3)
        _part(whole, place)[:] = part
        at += size
    return whole


def _places(picture: Picture, plan: Plan) -> Iterator[Place]:
    """The rectangles around all that is masked, margins included."""
    for region in plan.regions:
        patch = region_patch(region, picture.width, picture.height, picture.grid)
        height, width = patch.mask.shape
        if height and width:
            yield patch.top, patch.left, height, width


def _place(values: Any, width: int, height: int) -> Place:
    top, left, h, w = (int(v) for v in values)
    if not (0 <= top < top + h <= height and 0 <= left < left + w <= width):
        raise ValueError("place")
    return top, left, h, w


def _part(pixels: Pixels, place: Place) -> Pixels:
    top, left, height, width = place
    part: Pixels = pixels[top : top + height, left : left + width]
    return part


def _parted(data: bytes) -> tuple[bytes, bytes]:
    """The PNG without its seal, and the seal."""
    if not data.startswith(SIGNATURE):
        raise SealError("not a sealed picture: seals are PNG files")
    rest, sealed, at = [SIGNATURE], b"", len(SIGNATURE)
    while at < len(data):
        if at + 12 > len(data):
            raise SealError("the file is cut off")
        (length,) = struct.unpack(">I", data[at : at + 4])
        name, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            raise SealError("the file is cut off")
        body = data[at + 8 : end - 4]
        if struct.unpack(">I", data[end - 4 : end])[0] != zlib.crc32(name + body):
            raise SealError("the file is damaged: a checksum is wrong")
        if name == CHUNK:
            if sealed:
                raise SealError("there are two seals in it: it was changed")
            sealed = body
        else:
            rest.append(data[at:end])
        at = end
        if name == b"IEND":
            break
    else:
        raise SealError("the file is cut off")
    if at != len(data):
        raise SealError("there is something behind the picture's end")
    if not sealed:
        raise SealError("there is no seal in this picture")
    return b"".join(rest), sealed


def _opened(sealed: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """Header, its very bytes, ciphertext."""
    if len(sealed) < 4:
        raise SealError("the seal is cut off")
    (length,) = struct.unpack(">I", sealed[:4])
    head, body = sealed[4 : 4 + length], sealed[4 + length :]
    try:
        header = json.loads(head)
    except ValueError as error:
        raise SealError("the seal's header makes no sense: it was changed") from error
    if not isinstance(header, dict):
        raise SealError("the seal's header makes no sense: it was changed")
    return header, head, body


def _key(passphrase: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    # The same words typed on another keyboard are the same passphrase.
    words = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=salt, length=32, n=cost, r=block, p=lanes).derive(words)


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def _digest(pixels: Pixels) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
