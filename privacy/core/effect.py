"""What noise came to: how sure models are of a thing before and after, measured anew.

Measured as viewers get it, after the encoder, against the model that it was made for
and against one that it was not: what does not carry over protects from one model only.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from privacy.core.attack import attackers
from privacy.core.image import Picture, Pixels
from privacy.core.render import encode
from privacy.core.rules import NOISED
from privacy.core.types import Finding, Plan, Style

SURE = 0.02
"""Confidence from which a model is said to see something at all."""
SAME = 0.3
"""Intersection over union from which it is the same thing."""

_EYES = {"face": "faces", "person": "objects", "object": "objects"}


@dataclass(frozen=True, slots=True)
class Effect:
    """How sure one model is of the thing in one region; 0 where it does not see it.

    ``unseen`` is a model that the noise was not made against.
    """

    region: str
    category: str
    model: str
    before: float
    after: float
    unseen: bool

    @property
    def words(self) -> str:
        """ "against centerface: confidence 0.91 -> 0.12"."""
        told = ", which the noise was not made against" if self.unseen else ""
        return (
            f"against {self.model}{told}: confidence "
            f"{self.before:.2f} -> {self.after:.2f}"
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "region": self.region,
            "category": self.category,
            "model": self.model,
            "before": round(self.before, 3),
            "after": round(self.after, 3),
            "unseen": self.unseen,
        }


def effects(
    picture: Picture,
    pixels: Pixels,
    plan: Plan,
    findings: Mapping[str, Finding],
    size: str | int = "feed",
) -> tuple[Effect, ...]:
    """For each region under noise, what each model at hand makes of it.

    Args:
        pixels: rendered from ``picture`` by ``plan``.
        findings: by region id; regions without one are left out.
        size: in which both are encoded as JPEG first.

    Raises:
        ModelError: a model cannot be used.
    """
    noised = [
        (region, findings[region.id])
        for region in plan.regions
        if region.treatment.style is Style.NOISE
        and region.art in NOISED
        and region.id in findings
    ]
    before, after = (_encoded(p, size) for p in (picture.pixels, pixels))
    made = []
    for eyes in sorted({_EYES[region.art] for region, _ in noised}):
        for attack, detector in attackers(eyes):
            looks = [detector.detect(p, threshold=SURE) for p in (before, after)]
            for region, finding in noised:
                if _EYES[region.art] == eyes:
                    was, still = (_sure(look, finding) for look in looks)
                    made.append(
                        Effect(
                            region.id,
                            finding.category,
                            detector.model,
                            before=was,
                            after=still,
                            unseen=attack.endswith(":second"),
                        )
                    )
    return tuple(made)


def _sure(look: Iterable[Finding], finding: Finding) -> float:
    root = finding.category.partition(".")[0]
    return max(
        (
            one.confidence
            for one in look
            if one.category.partition(".")[0] == root
            and one.box.iou(finding.box) >= SAME
        ),
        default=0.0,
    )


def _encoded(pixels: Pixels, size: str | int) -> Picture:
    with Image.open(io.BytesIO(encode(pixels, size, "jpeg"))) as image:
        return Picture(np.asarray(image.convert("RGB")))
