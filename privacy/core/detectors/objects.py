"""People and everyday objects: COCO's 80 classes by CenterNet-MobileNetV3.

Zhou et al., "Objects as Points", arXiv 1904.07850; the weights' origin and figures stand
in docs/models/centernet.md. One pass sees large things, a larger one and four tiles see
small ones, and what several passes agree on counts for more.
"""

from __future__ import annotations

import numpy as np

from privacy.core import taxonomy
from privacy.core.detectors import fusion
from privacy.core.detectors.fusion import Detections, Part
from privacy.core.detectors.onnx import Session
from privacy.core.errors import ModelError
from privacy.core.image import Picture, View
from privacy.core.types import Box, Finding

STRIDE = 4  # model pixels per cell of the heat map
CANDIDATE = 0.3  # share of the threshold below which a cell is not looked at

THRESHOLD = 0.18
CROWDED = frozenset({"person", "car", "bus", "truck", "motorcycle", "bicycle"})
CROWDED_THRESHOLD = 0.20  # street scenes are where false alarms come from
TINY = 1 / 32  # of the longer side: smaller things tell little and are often wrong
TINY_THRESHOLD = 0.30
MINUTE = 1 / 64  # specks: birds far off, or grains of the picture
MINUTE_THRESHOLD = 0.45
TILES_FROM = 480  # longer side in pixels from which tiles have something to show
TILE = 640  # model pixels of a tile's side

_BARE = np.array([name in CROWDED for name in taxonomy.COCO])


class ObjectDetector:
    """Finds people and objects; the category is ``person`` or ``object.<class>``."""

    name = "objects"
    model = "centernet"

    def __init__(self) -> None:
        self._session: Session | None = None

    def load(self) -> None:
        self._session = self._session or Session(self.model)

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        if self._session is None:
            raise ModelError("objects: load the detector before it detects")
        least = THRESHOLD if threshold is None else threshold
        parts, views = zip(*_views(picture), strict=True)
        found = fusion.fuse(
            [
                fusion.whole(
                    self._see(view, least), part, picture.width, picture.height
                )
                for part, view in zip(parts, views, strict=True)
            ],
            parts,
            picture.width,
            picture.height,
        )
        kept = found[found[:, 4] >= _needed(found, picture, threshold)]
        return [self._finding(row, picture) for row in kept]

    def _see(self, view: View, least: float) -> Detections:
        """What one pass says, in picture pixels, duplicates removed."""
        assert self._session is not None  # noqa: S101 - for the type checker
        heat, sides = self._session.run(view.pixels[None].astype(np.float32))
        found = peaks(heat[0], sides[0], least * CANDIDATE)
        found[:, 0:4:2] = (found[:, 0:4:2] - view.pad_x) / view.scale + view.left
        found[:, 1:4:2] = (found[:, 1:4:2] - view.pad_y) / view.scale + view.top
        return fusion.suppress(found)

    def _finding(self, row: Detections, picture: Picture) -> Finding:
        x0, y0, x1, y1, score, kind = (float(v) for v in row)
        return Finding(
            category=taxonomy.coco_category(int(kind)),
            box=Box.from_pixels(x0, y0, x1, y1, picture.width, picture.height),
            confidence=min(1.0, score),
            detector=self.name,
        )


def peaks(heat: Detections, sides: Detections, least: float) -> Detections:
    """Cells of ``heat`` (h, w, classes) that exceed ``least`` and their 8 neighbours.

    ``sides`` (h, w, 4) holds the model pixels from a cell's corner to left, top, right
    and bottom. Returns detections in model pixels, the best ones first, 1000 at most.
    """
    ys, xs, kinds = np.nonzero(heat > least)
    scores = heat[ys, xs, kinds]
    height, width = heat.shape[:2]
    top = np.ones(len(scores), dtype=bool)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            y, x = (ys + dy).clip(0, height - 1), (xs + dx).clip(0, width - 1)
            top &= scores >= heat[y, x, kinds]
    ys, xs, kinds, scores = ys[top], xs[top], kinds[top], scores[top]
    best = np.argsort(-scores, kind="stable")[:1000]
    ys, xs, kinds, scores = ys[best], xs[best], kinds[best], scores[best]
    left, above, right, below = sides[ys, xs].T
    columns = (
        xs * STRIDE - left,
        ys * STRIDE - above,
        xs * STRIDE + right,
        ys * STRIDE + below,
        scores,
        kinds,
    )
    return np.stack(columns, axis=1).astype(np.float32)


def _views(picture: Picture) -> list[tuple[Part, View]]:
    """The parts of the picture that the model sees, each as a square."""
    all_of_it = (0, 0, picture.width, picture.height)
    views: list[tuple[Part, View]]
    views = [(all_of_it, picture.letterbox(512)), (all_of_it, picture.letterbox(768))]
    if max(picture.width, picture.height) >= TILES_FROM:
        tiles = picture.tiles(2, 2)
        views += [(tile, picture.letterbox(TILE, part=tile)) for tile in tiles]
    return views


def _needed(
    found: Detections, picture: Picture, threshold: float | None
) -> Detections | float:
    """The score that each detection has to reach."""
    if threshold is not None:
        return threshold
    wide, high = found[:, 2] - found[:, 0], found[:, 3] - found[:, 1]
    side = np.sqrt(np.clip(wide * high, 0, None)) / max(picture.width, picture.height)
    usual = np.where(_BARE[found[:, 5].astype(int)], CROWDED_THRESHOLD, THRESHOLD)
    small = np.where(side < MINUTE, MINUTE_THRESHOLD, TINY_THRESHOLD)
    return np.where(side < TINY, small, usual).astype(np.float32)
