"""Depth as a cue: who stands near the camera, and who happens to be in the background.

A pinhole camera draws a thing of size H at distance d as f * H / d pixels, so of things
of one real size the larger is the nearer, by the ratio of their sides. Heads are such
things: grown-ups' differ by some 6 % in height (ANSUR II, menton to crown), a
child of six has nine tenths of that. No focal length and no depth model is needed, since only ratios
within one picture are compared.

What it cannot tell: a child in front from a grown-up a little behind, and anything of a
picture with one face. It suggests, and decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from privacy.core.types import Box, Finding

TWICE = 2.0
"""Times the nearest face's distance from which on a face is in the background: beyond
what age, tilt and an inexact box (a quarter at most, together) could feign."""


def distances(boxes: Mapping[str, Box]) -> dict[str, float]:
    """Distance of each thing of one kind, in units of the nearest one's: 1 and more.

    Args:
        boxes: by region id, in 0..1 of one picture. Sides are compared by the root of
            the area, which a tilted head changes least, and in which the picture's
            own proportions cancel out.
    """
    sides = {name: math.sqrt(max(0.0, box.area)) for name, box in boxes.items()}
    nearest = max(sides.values(), default=0.0)
    return {name: nearest / side if side else math.inf for name, side in sides.items()}


def background(boxes: Mapping[str, Box]) -> frozenset[str]:
    """Ids of the faces at least ``TWICE`` as far as the nearest; none of one alone."""
    return frozenset(name for name, d in distances(boxes).items() if d >= TWICE)


def bystanders(findings: Iterable[Finding]) -> frozenset[str]:
    """Ids of the faces among ``findings`` that are in the background."""
    return background({one.id: one.box for one in findings if one.category == "face"})
