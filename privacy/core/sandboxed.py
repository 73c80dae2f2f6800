"""The inside of the sandbox: ``python -m privacy.core.sandboxed IN OUT``.

Loads the decoders, gives up its rights, then serves one picture after another. A
request and a reply are each one frame of JSON behind four bytes of length, on standard
input and output; the file and the pixels lie in the shared memory IN and OUT.
"""

from __future__ import annotations

import codecs
import io
import json
import mmap
import os
import resource
import sys
from typing import Any

import numpy as np
from PIL import Image

from privacy.core import decode, metadata
from privacy.core.confine import address_space, confine
from privacy.core.errors import RefusedInput
from privacy.core.formats import Limits, sniff
from privacy.core.xmp import inspect_xmp


def main(source: int, target: int) -> None:
    """Serve requests until standard input ends."""
    replies = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not end up among the replies
    decode.prepare()
    decode.allow_only_plugins()
    _rehearse()
    space = address_space()
    held = confine()
    _send(replies, {"held": held, "space": space, "cpu": _cpu()})
    while (request := _receive()) is not None:
        reply, sound = _serve(request, source, target)
        _send(replies, reply | {"cpu": _cpu(), "sound": sound})
        if not sound:
            return


def _serve(request: dict[str, Any], source: int, target: int) -> tuple[Any, bool]:
    """The reply, and whether this process may serve another picture."""
    try:
        limits = Limits(**request["limits"])
        if request["own"]:
            _limit_self(limits)
        data = os.pread(source, request["size"], 0)
        return _picture(data, limits, target, alpha=request["alpha"]), True
    except RefusedInput as error:
        sound = not isinstance(error.__cause__, MemoryError)
        return {"refused": [error.code, str(error)]}, sound
    except MemoryError:
        words = "the picture needs too much memory"
        return {"refused": ["too_large", words]}, False


def _picture(
    data: bytes, limits: Limits, target: int, *, alpha: bool = False
) -> dict[str, Any]:
    fmt = sniff(data)
    found = decode.decode(data, fmt, limits)
    shape = (found.height, found.width, 3)
    with mmap.mmap(target, found.height * found.width * 3) as shared:
        pixels = np.ndarray(shape, np.uint8, buffer=shared)
        found.write(pixels, alpha=alpha)
        del pixels
    removed = metadata.inspect(data, fmt)
    return {
        "format": fmt,
        "width": found.width,
        "height": found.height,
        "frames": found.size.frames,
        "orientation": found.size.orientation,
        "grid": [found.grid().step, found.grid().x, found.grid().y],
        "removed": [[entry.group, entry.name, entry.value] for entry in removed],
    }


def _rehearse() -> None:
    """Enter each decoder once: what is loaded late could not be loaded any more."""
    for codec in ("ascii", "latin-1", "utf-8", "utf-16", "utf-16-le", "utf-16-be"):
        codecs.lookup(codec)
    tuple(inspect_xmp(b"<x a='1'/>"))
    still = Image.new("RGB", (8, 8))
    exif = still.getexif()
    exif[274] = 6
    for name in ("JPEG", "PNG", "WEBP", "GIF", "AVIF"):
        file = io.BytesIO()
        still.save(file, name, **({} if name == "GIF" else {"exif": exif}))
        data = file.getvalue()
        fmt = sniff(data)
        found = decode.decode(data, fmt, Limits())
        found.write(np.empty((found.height, found.width, 3), np.uint8))
        metadata.inspect(data, fmt)


def _limit_self(limits: Limits) -> None:
    """Where the parent cannot set this process's limits, the process does."""
    seconds = int(_cpu() + limits.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _receive() -> dict[str, Any] | None:
    head = _read(4)
    if len(head) < 4:
        return None
    request: dict[str, Any] = json.loads(_read(int.from_bytes(head, "big")))
    return request


def _read(size: int) -> bytes:
    out = b""
    while len(out) < size and (more := os.read(0, size - len(out))):
        out += more
    return out


def _send(replies: int, message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    data = len(body).to_bytes(4, "big") + body
    while data:
        data = data[os.write(replies, data) :]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
