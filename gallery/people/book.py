"""The key of an owner's faces, and their numbers in and out of it.

The book's key is wrapped by the owner's, which the site's wraps (``gallery.vault``):
whoever destroys the row of the book, or the owner's key, has destroyed the numbers, in
old backups of the files and of this table too.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from uuid import UUID

import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gallery import vault
from gallery.people.models import Book, Face

Rows = npt.NDArray[np.float32]


def of(owner_id: int) -> Book | None:
    """The owner's book; None where they have not asked for it."""
    return Book.objects.filter(owner=owner_id).first()


def opened(owner_id: int) -> Book:
    """The owner's book, with a new key where there was none."""
    found = of(owner_id)
    if found is not None:
        return found
    kek = vault.ensure_key(owner_id)
    nonce = secrets.token_bytes(12)
    key = AESGCM.generate_key(bit_length=256)
    wrapped = nonce + AESGCM(kek).encrypt(nonce, key, _of_book(owner_id))
    row, _made = Book.objects.get_or_create(
        owner_id=owner_id, defaults={"wrapped": wrapped}
    )
    return row


def key_of(book: Book) -> bytes:
    """The book's key.

    Raises:
        VaultError: the owner's key is gone, or the row has been changed.
    """
    kek, wrapped = vault.key_of(book.owner_id), bytes(book.wrapped)
    try:
        bound = _of_book(book.owner_id)
        return AESGCM(kek).decrypt(wrapped[:12], wrapped[12:], bound)
    except (InvalidTag, ValueError) as error:
        raise vault.VaultError("the book of faces cannot be opened") from error


def seal(key: bytes, media: UUID, region: str, row: Rows) -> bytes:
    """The numbers of one face, bound to where they come from."""
    nonce = secrets.token_bytes(12)
    data = np.asarray(row, np.float16).tobytes()
    return nonce + AESGCM(key).encrypt(nonce, data, _of_face(media, region))


def rows_of(key: bytes, faces: Iterable[Face]) -> Rows:
    """(n, d) numbers of faces that have some, each of length 1. Needs their media.

    Raises:
        VaultError: one of them does not belong there.
    """
    found = []
    for face in faces:
        blob = bytes(face.sealed)
        bound = _of_face(face.media.public_id, face.region)
        try:
            data = AESGCM(key).decrypt(blob[:12], blob[12:], bound)
        except (InvalidTag, ValueError) as error:
            raise vault.VaultError("a face cannot be opened") from error
        found.append(np.frombuffer(data, np.float16).astype(np.float32))
    if not found:
        return np.zeros((0, 1), np.float32)
    rows = np.stack(found)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    out: Rows = (rows / np.maximum(length, 1e-9)).astype(np.float32)
    return out


def _of_book(owner_id: int) -> bytes:
    return b"nopeek/faces/1/" + str(owner_id).encode()


def _of_face(media: UUID, region: str) -> bytes:
    return b"nopeek/face/1/" + media.bytes + region.encode()
