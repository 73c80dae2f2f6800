"""Fuzz what the sandbox runs on untrusted bytes: ``python tools/fuzz_sanitise.py``.

atheris (libFuzzer) mutates small files of every format, guided by the coverage of our
own readers (sniffing, measuring, containers, EXIF, XMP, metadata); the decoders behind
them run too. Anything but a refusal in our own words is a finding, and its input is
kept. Options of libFuzzer follow, such as ``-max_total_time=300 corpus/``.

Needs ``pip install atheris``.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import atheris
import numpy as np
from PIL import Image

with atheris.instrument_imports(include=["privacy.core"]):
    from privacy.core import decode, metadata
    from privacy.core.errors import RefusedInput
    from privacy.core.formats import Limits, sniff

LIMITS = Limits(pixels=1 << 20, bytes=1 << 20)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")


def one(data: bytes) -> None:
    """What the child does with one file; a refusal is an answer, all else is not."""
    try:
        kind = sniff(data)
        found = decode.decode(data, kind, LIMITS)
        out = np.empty((found.height, found.width, 3), np.uint8)
        found.write(out)
        grid = found.grid()
        metadata.inspect(data, kind)
    except RefusedInput:
        return
    if not 16 <= grid.step <= 96 or not 0 <= grid.x < grid.step > grid.y >= 0:
        raise AssertionError(f"a grid that no block has: {grid}")


def seeds(folder: Path) -> None:
    """A small file of each format, with EXIF, XMP and a comment where it takes them."""
    picture = Image.effect_mandelbrot((24, 16), (-2, -1, 1, 1), 30).convert("RGB")
    exif = picture.getexif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    exif.get_ifd(0x8825)[1] = "N"
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><a b='c'/></x:xmpmeta>"
    for name in FORMATS:
        file = io.BytesIO()
        more = {} if name == "GIF" else {"exif": exif.tobytes()}
        if name in ("JPEG", "WEBP"):
            more["xmp"] = xmp
        picture.save(file, name, **more)
        (folder / name.lower()).write_bytes(file.getvalue())


def main() -> None:
    decode.prepare()
    decode.allow_only_plugins()
    with tempfile.TemporaryDirectory() as folder:
        seeds(Path(folder))
        atheris.Setup([*sys.argv, "-max_len=65536", "-timeout=20", folder], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
