"""The words of the core, as frozen data. Nothing here computes on pixels.

Geometry is normalised: 0..1 of the *displayed* picture (orientation applied), x to
the right, y down, boxes as ``(x0, y0, x1, y1)``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Self, TypeAlias

from privacy.core.errors import InvalidFindings

Point: TypeAlias = tuple[float, float]


class Tier(IntEnum):
    """A level of trust, in VIPER's numbers. The owner stands outside the tiers."""

    FULL = 0  # full blocking: a stranger
    SEMI = 1  # semi blocking: a follower
    NONE = 2  # no blocking: a close friend

    @classmethod
    def parse(cls, text: str | int) -> Self:
        """Read ``"full"``, ``"SEMI"``, ``"2"`` or ``2``.

        Raises:
            ValueError: names what is accepted.
        """
        word = str(text).strip().upper()
        for tier in cls:
            if word in (tier.name, str(int(tier))):
                return tier
        raise ValueError(f"unknown tier {text!r}: use full, semi, none or 0, 1, 2")

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in 0..1 of the displayed picture, half-open, x0 <= x1 and y0 <= y1."""

    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def from_pixels(
        cls, x0: float, y0: float, x1: float, y1: float, width: int, height: int
    ) -> Self:
        """From pixel coordinates of a picture of ``width`` x ``height``, clipped to it."""
        return cls(x0 / width, y0 / height, x1 / width, y1 / height).clipped()

    def clipped(self) -> Self:
        def unit(value: float) -> float:
            return min(1.0, max(0.0, float(value)))

        x0, x1 = sorted((unit(self.x0), unit(self.x1)))
        y0, y1 = sorted((unit(self.y0), unit(self.y1)))
        return type(self)(x0, y0, x1, y1)

    def pixels(self, width: int, height: int) -> tuple[float, float, float, float]:
        return self.x0 * width, self.y0 * height, self.x1 * width, self.y1 * height

    @property
    def area(self) -> float:
        return max(0.0, self.x1 - self.x0) * max(0.0, self.y1 - self.y0)

    def intersection(self, other: Box) -> float:
        """Area that both share."""
        w = min(self.x1, other.x1) - max(self.x0, other.x0)
        h = min(self.y1, other.y1) - max(self.y0, other.y0)
        return w * h if w > 0 and h > 0 else 0.0

    def iou(self, other: Box) -> float:
        """Intersection over union, 0..1."""
        both = self.intersection(other)
        union = self.area + other.area - both
        return both / union if union > 0 else 0.0

    def covers(self, other: Box) -> float:
        """Which part of ``other`` lies within this box, 0..1."""
        return self.intersection(other) / other.area if other.area > 0 else 0.0

    def hull(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def as_tuple(self) -> tuple[float, float, float, float]:
        return self.x0, self.y0, self.x1, self.y1


def region_id(box: Box) -> str:
    """A stable id of a region, from its place alone (never from what it shows)."""
    place = ",".join(f"{round(v * 1000)}" for v in box.as_tuple())
    return hashlib.sha256(place.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sensitive thing in a picture.

    Attributes:
        category: a name in the taxonomy, ``face``, ``text.phone``, ``object.laptop``.
        box: where, 0..1.
        confidence: 0..1, the detector's own scale.
        detector: who found it; several are joined by ``+`` after merging.
        kind: refines the category where a rule needs it (``login`` of a ``code.qr``).
        outline: polygon in 0..1 where the detector gives one; at least 3 points.
        evidence: why, in words, *without the secret* (``"phone number +49 … 12"``).
        landmarks: named points in 0..1 (eyes, nose, mouth corners of a face).
        id: stable id of the region; derived from the box where none is given.
        brush: radius of a brush as a share of the picture's longer side; the outline
            is then the line along which it was drawn, and the box holds the stroke.
    """

    category: str
    box: Box
    confidence: float
    detector: str
    kind: str = ""
    outline: tuple[Point, ...] = ()
    evidence: str = ""
    landmarks: tuple[Point, ...] = ()
    id: str = ""
    brush: float = 0.0

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", region_id(self.box))

    def as_json(self) -> dict[str, Any]:
        """The documented JSON shape (docs/json.md)."""
        shape: dict[str, Any] = {
            "id": self.id,
            "category": self.category,
            "box": [round(v, 5) for v in self.box.as_tuple()],
            "confidence": round(self.confidence, 4),
            "detector": self.detector,
        }
        if self.kind:
            shape["kind"] = self.kind
        if self.outline:
            shape["outline"] = [[round(x, 5), round(y, 5)] for x, y in self.outline]
        if self.landmarks:
            shape["landmarks"] = [[round(x, 5), round(y, 5)] for x, y in self.landmarks]
        if self.brush:
            shape["brush"] = round(self.brush, 5)
        if self.evidence:
            shape["evidence"] = self.evidence
        return shape

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> Self:
        """Read one finding; extra keys are ignored.

        Raises:
            InvalidFindings: names the key that is missing or out of range.
        """
        try:
            x0, y0, x1, y1 = (float(v) for v in shape["box"])
            category = str(shape["category"])
            confidence = float(shape.get("confidence", 1.0))
            outline = tuple((float(x), float(y)) for x, y in shape.get("outline", ()))
            marks = tuple((float(x), float(y)) for x, y in shape.get("landmarks", ()))
            brush = float(shape.get("brush", 0.0))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidFindings(
                f"a finding needs category and box [x0, y0, x1, y1] in 0..1: {error}"
            ) from error
        values = (x0, y0, x1, y1, confidence, *(v for p in outline + marks for v in p))
        if not all(-1e9 < v < 1e9 for v in values):
            raise InvalidFindings(f"{category}: coordinates must be finite numbers")
        if not category or x1 <= x0 or y1 <= y0 or not 0 <= confidence <= 1:
            raise InvalidFindings(
                f"{category or 'finding'}: the box needs x0 < x1, y0 < y1 and the "
                "confidence 0..1"
            )
        if not 0 <= brush <= 1:
            raise InvalidFindings(f"{category}: the brush has a radius of 0..1")
        if outline and len(outline) < 3 and not brush:
            raise InvalidFindings(f"{category}: an outline has at least 3 points")
        return cls(
            category=category,
            box=Box(x0, y0, x1, y1),
            confidence=confidence,
            detector=str(shape.get("detector", "given")),
            kind=str(shape.get("kind", "")),
            outline=outline,
            evidence=str(shape.get("evidence", "")),
            landmarks=marks,
            id=str(shape.get("id", "")),
            brush=brush,
        )


class Status(StrEnum):
    """How a detector's run ended. ``OK`` with no finding differs from ``FAILED``."""

    OK = "ok"
    FAILED = "failed"
    MISSING = "missing"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class DetectorRun:
    """What one detector did on one picture; ``ms`` is wall time in milliseconds."""

    name: str
    status: Status
    ms: float = 0.0
    model: str = ""
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        shape: dict[str, Any] = {"status": self.status.value, "ms": round(self.ms, 1)}
        if self.model:
            shape["model"] = self.model
        if self.detail:
            shape["detail"] = self.detail
        return shape


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What the ensemble found in one picture of ``width`` x ``height`` pixels."""

    width: int
    height: int
    findings: tuple[Finding, ...]
    runs: tuple[DetectorRun, ...]

    @property
    def complete(self) -> bool:
        """Whether every detector that is switched on ran to its end.

        A report that is not complete must not lead to publication.
        """
        return bool(self.runs) and all(
            run.status in (Status.OK, Status.OFF) for run in self.runs
        )

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Names of the detectors that failed or lack their model."""
        return tuple(
            run.name
            for run in self.runs
            if run.status in (Status.FAILED, Status.MISSING)
        )


@dataclass(frozen=True, slots=True)
class Removed:
    """One piece of metadata that was found and removed.

    ``group`` is one of gps, device, serial, time, software, owner, text, preview,
    motion, depth, provenance, colour, trailing, other; ``value`` is in words for the
    owner alone and may be personal.
    """

    group: str
    name: str
    value: str = ""

    def as_json(self) -> dict[str, str]:
        return {"group": self.group, "name": self.name, "value": self.value}


@dataclass(frozen=True, slots=True)
class Grid:
    """Block grid of the stored file, in pixels of the displayed picture.

    Lines run at ``x + k * step`` and ``y + k * step``: a compressed block mixes all of
    its pixels, so a mask has to cover whole blocks (see docs/masking.md). Turning the
    picture by its EXIF orientation moves the grid's origin, hence x and y.
    """

    step: int = 16
    x: int = 0
    y: int = 0


class Style(StrEnum):
    """How a masked region looks. See ``ZERO_BIT`` for what each promises."""

    VEIL = "veil"
    FILL = "fill"
    STICKER = "sticker"
    AVATAR = "avatar"
    SYNTHETIC = "synthetic"
    REMOVE = "remove"
    SEAL = "seal"
    BLUR = "blur"
    PIXELATE = "pixelate"
    NOISE = "noise"
    SALIENCY = "saliency"


ZERO_BIT = frozenset(
    {
        *(Style.VEIL, Style.FILL, Style.STICKER),
        *(Style.AVATAR, Style.SYNTHETIC, Style.REMOVE, Style.SEAL),
    }
)
"""Styles made without looking at the pixels inside; the others are a courtesy only."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done to a region: a mask style with its strength in 0..1."""

    style: Style = Style.VEIL
    strength: float = 0.5

    @property
    def zero_bit(self) -> bool:
        return self.style in ZERO_BIT


@dataclass(frozen=True, slots=True)
class Region:
    """One masked place of a Plan.

    ``art`` names a sticker; empty lets the key choose. ``padding`` is a share of the
    longer side, on top of the margin that every mask has (redact/mask.py). ``brush``
    is a radius as a share of the picture's longer side; the outline is then a line.
    ``landmarks`` turn an avatar; ``person`` is a secret token of whoever it shows, by
    which she keeps her avatar in other photos.
    """

    id: str
    box: Box
    treatment: Treatment
    outline: tuple[Point, ...] = ()
    art: str = ""
    padding: float = 0.0
    brush: float = 0.0
    landmarks: tuple[Point, ...] = ()
    person: str = field(default="", repr=False)

    def as_json(self) -> dict[str, Any]:
        shape: dict[str, Any] = {
            "id": self.id,
            "box": [round(v, 6) for v in self.box.as_tuple()],
            "outline": [[round(x, 6), round(y, 6)] for x, y in self.outline],
            "style": self.treatment.style.value,
            "strength": round(self.treatment.strength, 3),
            "art": self.art,
            "padding": round(self.padding, 4),
        }
        if self.brush:  # absent where there is none, so that older digests stay
            shape["brush"] = round(self.brush, 5)
        if self.landmarks:
            shape["landmarks"] = [[round(x, 4), round(y, 4)] for x, y in self.landmarks]
        if self.person:  # equal persons, equal digests; the token itself is not told
            digest = hashlib.sha256(b"nopeek/person/" + self.person.encode())
            shape["person"] = digest.hexdigest()[:16]
        return shape


@dataclass(frozen=True, slots=True)
class Plan:
    """The treatments of every masked region of one picture; what is shown is absent.

    Equal plans share one rendition, so the tier itself is not part of a plan.
    """

    regions: tuple[Region, ...] = field(default_factory=tuple)

    @classmethod
    def of(cls, regions: Iterable[Region]) -> Self:
        """Order regions by id, so that equal plans compare and hash equal."""
        return cls(tuple(sorted(regions, key=lambda r: (r.id, r.box.as_tuple()))))

    def as_json(self) -> list[dict[str, Any]]:
        return [region.as_json() for region in self.regions]

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON, hexadecimal."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
