"""Small bounded readers of what stands inside the parts of a container."""

from __future__ import annotations

import zlib

MAX_TEXT = 1 << 16
"""Bytes of any text that are unpacked or decoded."""


def inflate(packed: bytes | memoryview) -> bytes:
    """The first ``MAX_TEXT`` bytes of a zlib stream; empty where it is none."""
    try:
        return zlib.decompressobj().decompress(packed, MAX_TEXT)
    except zlib.error:
        return b""


def decoded(raw: bytes | memoryview) -> str:
    """Text of unknown encoding: UTF-8 where it is valid, else Latin-1."""
    data = bytes(raw[:MAX_TEXT])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def icc_name(profile: bytes | memoryview, fallback: bytes = b"") -> str:
    """The description of an ICC profile (``desc``; ICC.1:2022, 9.2.41)."""
    view = memoryview(profile)
    for at in range(132, min(132 + 12 * 100, len(view) - 11), 12):
        if bytes(view[at : at + 4]) != b"desc":
            continue
        start = int.from_bytes(view[at + 4 : at + 8], "big")
        size = int.from_bytes(view[at + 8 : at + 12], "big")
        tag = bytes(view[start : start + min(size, 512)])
        if tag[:4] == b"mluc" and len(tag) >= 28:
            length = int.from_bytes(tag[20:24], "big")
            where = int.from_bytes(tag[24:28], "big")
            return tag[where : where + length].decode("utf-16-be", "replace")
        if tag[:4] == b"desc":
            return decoded(tag[12:].split(b"\0")[0])
    return decoded(fallback) or f"{len(view)} bytes"
