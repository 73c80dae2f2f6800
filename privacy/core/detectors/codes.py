"""QR codes and barcodes, with zxing-cpp; what they say never leaves the process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.detectors.code_payload import Payload, meaning
from privacy.core.detectors.code_shape import Corners, grown_matrix, whole_bars
from privacy.core.image import Picture
from privacy.core.types import Box, Finding

QR_FAMILY = ("QRCode", "QRCodeModel1", "QRCodeModel2", "MicroQRCode", "RMQRCode")
PERSONAL = ("PDF417", "CompactPDF417", "MicroPDF417", "Aztec", "AztecCode", "AztecRune")
"""Square codes of boarding passes, tickets and driving licences: they carry names."""

LARGEST = 4000
"""Longer side in pixels that is searched; a code in a larger picture is larger."""

SMALL = 1600
"""Up to this longer side a second pass looks at twice the size."""

TURNED = 2400
"""Longer side at which slanted barcodes are looked for, turned by 45 degrees."""

THRESHOLD = 0.3
DECODED, UNREADABLE, PATTERN, WEAK = 0.99, 0.5, 0.45, 0.2
"""Confidence of a code that was read; that has an error; of which only the finder
pattern was seen; of what zxing also sees in noise and in the grain of wood."""

NO_START = frozenset(
    {
        "DataMatrix",
        "MaxiCode",
        "MicroPDF417",
        "CompactPDF417",
        "MicroQRCode",
        "RMQRCode",
    }
)
"""Kinds with little of a start pattern: with an error, nothing says they are one."""
NO_CHECK = frozenset({"Codabar", "ITF", "Code39", "DXFilmEdge"})
"""Kinds without a check digit: any two scan lines of stripes may read as a short one."""
LEAST_UNCHECKED = 6
"""Characters from which a code without a check digit is taken for one (those printed
on parcels, books and cards have eight and more)."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code in picture pixels; its payload is told in words only."""

    corners: Corners
    format: str
    matrix: bool
    confidence: float
    payload: Payload

    @property
    def category(self) -> str:
        wide = self.format in QR_FAMILY or self.format in PERSONAL
        return "code.qr" if wide else "code.barcode"


class CodeDetector:
    """Every symbol that zxing-cpp knows, several a picture, at any angle, inverted too.

    ``code.qr`` are the QR family and the square codes that carry names (PDF417,
    Aztec); all others are ``code.barcode``. ``kind`` is ``login``, ``payment`` or
    ``contact`` where the payload says so. Codes that cannot be read are found as well.
    """

    name = "codes"
    model = "zxing-cpp"

    def load(self) -> None:
        """Import the library; there are no weights."""
        import zxingcpp  # noqa: F401

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        """See ``Detector``."""
        least = THRESHOLD if threshold is None else threshold
        found = _distinct(code for code in _search(picture) if code.confidence >= least)
        return [self._finding(code, picture) for code in found]

    def _finding(self, code: Code, picture: Picture) -> Finding:
        outline = [
            (
                min(1.0, max(0.0, float(x) / picture.width)),
                min(1.0, max(0.0, float(y) / picture.height)),
            )
            for x, y in code.corners
        ]
        xs, ys = zip(*outline, strict=True)
        return Finding(
            category=code.category,
            box=Box(min(xs), min(ys), max(xs), max(ys)),
            confidence=code.confidence,
            detector=self.name,
            kind=code.payload.kind,
            outline=tuple(outline),
            evidence=f"{_plain(code.format)}: {code.payload.words}",
        )


def _search(picture: Picture) -> Iterator[Code]:
    grey = picture.once(
        ("grey",), lambda: cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY)
    )
    side = max(grey.shape)
    scale = min(1.0, LARGEST / side)
    base = grey if scale == 1 else _resized(grey, scale)
    yield from _read(base, grey, np.diag([1 / scale, 1 / scale, 1.0]))
    if side <= SMALL:
        yield from _read(_resized(grey, 2), grey, np.diag([0.5, 0.5, 1.0]))
    yield from _slanted(grey)
    yield from _patterns(grey)


def _read(
    view: npt.NDArray[np.uint8],
    grey: npt.NDArray[np.uint8],
    back: npt.NDArray[np.float64],
    linear: bool = False,
) -> Iterator[Code]:
    """Codes of a view; ``back`` maps its pixels (3 x 3) to those of the picture."""
    import zxingcpp

    kinds = zxingcpp.BarcodeFormat.AllLinear if linear else zxingcpp.BarcodeFormat.All
    for symbol in zxingcpp.read_barcodes(view, formats=kinds, return_errors=True):
        place = symbol.position
        corners = np.array(
            [
                (p.x, p.y)
                for p in (
                    place.top_left, place.top_right, place.bottom_right, place.bottom_left
                )
            ],
            dtype=np.float64,
        )  # fmt: skip
        if not symbol.valid and np.ptp(corners, axis=0).max() < 2:
            continue  # an error without a place: nothing that could be masked
        corners = (np.c_[corners, np.ones(4)] @ back.T)[:, :2].astype(np.float32)
        name = symbol.format.name
        matrix = (
            name in QR_FAMILY
            or name in PERSONAL
            or "Matrix" in name
            or name == "MaxiCode"
        )
        yield Code(
            grown_matrix(corners, name) if matrix else whole_bars(grey, corners),
            name,
            matrix,
            _confidence(name, symbol.valid, len(symbol.text)),
            meaning(symbol.text) if symbol.valid else Payload("", "cannot be read"),
        )


def _confidence(name: str, valid: bool, length: int) -> float:
    if not valid:
        return WEAK if name in NO_START else UNREADABLE
    unchecked = name == "DXFilmEdge" or length < LEAST_UNCHECKED
    return WEAK if name in NO_CHECK and unchecked else DECODED


def _slanted(grey: npt.NDArray[np.uint8]) -> Iterator[Code]:
    """Barcodes near 45 degrees: zxing scans along rows and columns alone."""
    height, width = grey.shape
    scale = min(1.0, TURNED / max(height, width))
    side = float(np.hypot(height, width)) * scale
    forth = cv2.getRotationMatrix2D((width / 2, height / 2), 45, scale)
    forth[:, 2] += (side / 2 - width / 2, side / 2 - height / 2)
    turned = cv2.warpAffine(
        grey, forth, (round(side), round(side)), flags=cv2.INTER_LINEAR, borderValue=127
    )
    back = np.linalg.inv(np.vstack([forth, [0, 0, 1]]))
    yield from _read(turned, grey, back, linear=True)


def _patterns(grey: npt.NDArray[np.uint8]) -> Iterator[Code]:
    """QR codes that only show their three finder patterns: torn, blurred or styled."""
    scale = min(1.0, SMALL / max(grey.shape))
    found, corners = cv2.QRCodeDetector().detectMulti(_resized(grey, scale))
    for quad in corners if found else ():
        area = abs(cv2.contourArea(quad.astype(np.float32)))
        if area > 100:
            yield Code(
                grown_matrix((quad / scale).astype(np.float32), "QRCode"),
                "QRCode",
                True,
                PATTERN,
                Payload("", "pattern without readable content"),
            )


def _distinct(codes: Iterator[Code]) -> list[Code]:
    """Surest first; what lies within a surer one is the same, or a part of it."""
    kept: list[Code] = []
    for code in sorted(
        codes, key=lambda c: (-c.confidence, -cv2.contourArea(c.corners))
    ):
        hull = cv2.convexHull(code.corners)
        area = max(cv2.contourArea(hull), 1e-6)
        if all(
            cv2.intersectConvexConvex(hull, cv2.convexHull(other.corners))[0]
            < 0.3 * area
            for other in kept
        ):
            kept.append(code)
    return kept


def _resized(grey: npt.NDArray[np.uint8], scale: float) -> npt.NDArray[np.uint8]:
    if scale == 1:
        return grey
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    out: npt.NDArray[np.uint8] = cv2.resize(grey, size, interpolation=how)
    return out


def _plain(name: str) -> str:
    return {"QRCode": "QR code", "MicroQRCode": "micro QR code"}.get(name, name)
