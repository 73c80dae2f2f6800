"""Stage 6: attack the render before anyone else can.

Every kind of thing that a plan masks is looked for again in what the mask left, with
the detectors at a threshold at which they report almost anything, with a second
detector where there is one, with text recognition and with code readers. What is still
found inside a mask is a survivor; ``escalate`` widens and hardens its region until
nothing survives, or says what does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from privacy.core.attack import ATTACKS, Target, attackers
from privacy.core.image import Picture, Pixels
from privacy.core.redact.mask import Mask, Patch, region_patch
from privacy.core.render import delivered, render
from privacy.core.taxonomy import is_known
from privacy.core.types import Box, Finding, Plan, Region, Style, Treatment

INSIDE = 0.5
"""A hit counts when at least this share of it lies under masks: the rest of what was
there is in plain sight, and not what the masks were to hide."""
OVERLAP = 0.1
"""Where a region holds one thing (a face, a plate), a hit counts from this intersection
over union with it on: a speck that looks like a tiny face is no sign of the large one.
What is read or decoded counts however small it is."""

STYLED = 2
"""Rounds for which a region that survived keeps its look and only grows."""

LIKENESSES = frozenset({Style.AVATAR, Style.SYNTHETIC})
"""Zero-bit styles that draw what was there anew, so that detectors find it."""

HIDDEN = Treatment(Style.VEIL)
"""What a courtesy style that was seen through becomes first."""

_ONE_THING = frozenset({"face", "licence_plate", "nudity"})
_READ = frozenset({"text", "codes"})


@dataclass(frozen=True, slots=True)
class Survivor:
    """Something that was found again under a mask."""

    region: str
    category: str
    attack: str
    confidence: float
    box: Box

    def as_json(self) -> dict[str, Any]:
        return {
            "region": self.region,
            "category": self.category,
            "attack": self.attack,
            "confidence": round(self.confidence, 3),
            "box": [round(v, 5) for v in self.box.as_tuple()],
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the attacks came to. ``unchecked`` names attacks that could not run."""

    survivors: tuple[Survivor, ...]
    attacks: tuple[str, ...]
    unchecked: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Nothing survived, and everything was tried: only then may it be published."""
        return not self.survivors and not self.unchecked

    def as_json(self) -> dict[str, Any]:
        return {
            "clean": self.clean,
            "attacks": list(self.attacks),
            "unchecked": list(self.unchecked),
            "survivors": [s.as_json() for s in self.survivors],
        }


def verify(
    picture: Picture, pixels: Pixels, plan: Plan, categories: Mapping[str, str]
) -> Verdict:
    """Attack ``pixels``, which were rendered from ``picture`` by ``plan``.

    Args:
        picture: the original; its size and grid say where the masks lie.
        pixels: (h, w, 3) uint8 RGB, of the picture's size or scaled from it.
        plan: what was masked.
        categories: category of each region id; a region without one, or of one that
            the taxonomy does not know, is attacked with everything.
    """
    target = Target(pixels)
    wanted: dict[str, list[_Cover]] = {}
    for region in plan.regions:
        root = categories.get(region.id, "manual").partition(".")[0]
        root = root if is_known(root) else "manual"
        names = ATTACKS.get(root, ())
        cover = _Cover.of(region, root, picture) if names else None
        for name in names:
            if cover is not None and not cover.patch.empty:
                wanted.setdefault(name, []).append(cover)
    survivors: list[Survivor] = []
    attacks: list[str] = []
    unchecked: list[str] = []
    for name, covers in wanted.items():
        places = [cover.hull for cover in covers]
        for attack, detector in attackers(name):
            attacks.append(attack)
            try:
                hits = target.hits(detector, places)
            except Exception:  # noqa: BLE001 - a broken attack proves nothing
                unchecked.append(attack)
                continue
            survivors += _under_masks(hits, covers, attack)
    return Verdict(tuple(survivors), tuple(attacks), tuple(unchecked))


@dataclass(frozen=True, slots=True)
class _Cover:
    """The masked pixels of one region, in a picture of ``width`` x ``height``."""

    region: str
    root: str
    patch: Patch
    width: int
    height: int

    @classmethod
    def of(cls, region: Region, root: str, picture: Picture) -> _Cover:
        width, height = picture.width, picture.height
        patch = region_patch(region, width, height, picture.grid)
        return cls(region.id, root, patch, width, height)

    @property
    def hull(self) -> Box:
        top, left = self.patch.top, self.patch.left
        h, w = self.patch.mask.shape
        return Box.from_pixels(left, top, left + w, top + h, self.width, self.height)

    def under(self, place: tuple[int, int, int, int]) -> Mask:
        """Which pixels of ``place`` (left, top, right, bottom) the mask covers."""
        left, top, right, bottom = place
        out = np.zeros((bottom - top, right - left), dtype=np.bool_)
        h, w = self.patch.mask.shape
        x0, x1 = max(left, self.patch.left), min(right, self.patch.left + w)
        y0, y1 = max(top, self.patch.top), min(bottom, self.patch.top + h)
        if x0 < x1 and y0 < y1:
            rows = slice(y0 - self.patch.top, y1 - self.patch.top)
            columns = slice(x0 - self.patch.left, x1 - self.patch.left)
            out[y0 - top : y1 - top, x0 - left : x1 - left] = self.patch.mask[
                rows, columns
            ]
        return out


def _under_masks(
    hits: Iterable[Finding], covers: Sequence[_Cover], attack: str
) -> Iterable[Survivor]:
    """The hits that lie under masks, each against the region that covers most of it.

    Of several that cover as much it is the largest: the one that is drawn on top.
    """
    read = attack.partition(":")[0] in _READ
    for hit in hits:
        x0, y0, x1, y1 = hit.box.pixels(covers[0].width, covers[0].height)
        left, top = math.floor(x0), math.floor(y0)
        place = left, top, max(left + 1, math.ceil(x1)), max(top + 1, math.ceil(y1))
        under = [cover.under(place) for cover in covers]
        counts = [
            read or cover.root not in _ONE_THING or hit.box.iou(cover.hull) > OVERLAP
            for cover in covers
        ]
        if not np.logical_or.reduce(under).mean() >= INSIDE:
            continue
        shares = [
            (float(mask.mean()) if count else 0.0, cover.patch.mask.size)
            for mask, count, cover in zip(under, counts, covers, strict=True)
        ]
        if max(shares)[0] > 0:
            chosen = covers[shares.index(max(shares))]
            yield Survivor(chosen.region, hit.category, attack, hit.confidence, hit.box)


@dataclass(frozen=True, slots=True)
class Escalation:
    """The last attempt: what was rendered, by which plan, and what it came to."""

    pixels: Pixels
    plan: Plan
    verdict: Verdict
    rounds: int


def escalate(
    picture: Picture,
    plan: Plan,
    categories: Mapping[str, str],
    key: bytes,
    art: Mapping[str, Any] | None = None,
    rounds: int = 8,
) -> Escalation:
    """Render and attack; widen and harden what survives; again, at most ``rounds`` times.

    Attacked is what a viewer's JPEG shows (``render.delivered``), not the master.
    A surviving region grows by an eighth of its size on every side each time. A
    zero-bit look is kept for ``STYLED`` rounds, since most survivors are a rim beside
    the mask or what the surroundings suggest; then it becomes a flat fill. Regions
    only ever grow, so a tighter tier stays tighter. What is drawn to be taken for a face
    (``LIKENESSES``) is attacked as the veil that lies beneath it: the same pixels are
    masked, and what a detector says of a drawing tells nothing of what it hides.
    """
    for attempt in range(rounds + 1):
        pixels = render(picture, plan, key, art or {})
        bare = _bare(plan)
        attacked = pixels if bare == plan else render(picture, bare, key, art or {})
        verdict = verify(picture, delivered(attacked), plan, categories)
        hit = {survivor.region for survivor in verdict.survivors}
        if not hit or attempt == rounds:
            break
        plan = Plan.of(
            _hardened(region, plain=attempt >= min(STYLED, rounds - 1))
            if region.id in hit
            else region
            for region in plan.regions
        )
    return Escalation(pixels, plan, verdict, attempt)


def _bare(plan: Plan) -> Plan:
    return Plan.of(
        replace(region, treatment=HIDDEN)
        if region.treatment.style in LIKENESSES
        else region
        for region in plan.regions
    )


def _hardened(region: Region, plain: bool) -> Region:
    # The outline goes, its extent stays: it may reach beyond the box.
    xs = [region.box.x0, region.box.x1, *(x for x, _ in region.outline)]
    ys = [region.box.y0, region.box.y1, *(y for _, y in region.outline)]
    box = Box(min(xs), min(ys), max(xs), max(ys))
    dx, dy = (box.x1 - box.x0) / 8, (box.y1 - box.y0) / 8
    wider = Box(box.x0 - dx, box.y0 - dy, box.x1 + dx, box.y1 + dy).clipped()
    region = replace(region, box=wider, outline=(), brush=0.0)
    if plain:
        return replace(region, treatment=Treatment(Style.FILL, 1.0), art="")
    return region if region.treatment.zero_bit else replace(region, treatment=HIDDEN)
