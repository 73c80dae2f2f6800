"""Documents: cards, passports, letters, receipts and screens, from text and geometry.

No weights of its own. Lines that stand together are grouped, the sheet that they are
printed on is found by its colour, and the words and numbers on that sheet tell what it
is. Documents without legible text are not found: no promise is made for them.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from privacy.core.detectors import corridor, document_words, layout, paper, pii, text
from privacy.core.detectors.document_words import Verdict
from privacy.core.detectors.paper import Shape
from privacy.core.image import Picture
from privacy.core.types import Box, Finding

THRESHOLD = 0.4
CARD = 85.60 / 53.98
"""Longer to shorter side of ID-1 cards (ISO/IEC 7810); a passport's page is 125 x 88 mm."""
ASPECTS = {"bank_card": CARD, "id_card": CARD, "passport": 125 / 88}

NEAR_X, NEAR_Y = 3.0, 1.6
"""Lines nearer than this, in heights of a line, stand together."""

OVERLAPPING = 0.2
"""Share of the smaller sheet from which two sheets are rather one."""

SURE = 0.6
"""Confidence from which half of a sheet may be a document of its own."""
STRETCH = 1.35
"""How far a card's sides may be from their ratio, seen at a slant."""

SCREEN_LINES = 2
"""Lines of text within a dark rim that make it a screen with text."""


class DocumentDetector:
    """``document.*`` with the outline of the sheet; see ``docs/detectors.md``."""

    name = "documents"
    model = text.TextDetector.model

    def load(self) -> None:
        text.TextDetector().load()

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        """See ``Detector``. Lines are shared with the text detector."""
        least = THRESHOLD if threshold is None else threshold
        lines = [line for line in text.read_lines(picture) if line.text]
        if not lines:
            return []
        hits = layout.kinds_of(lines, picture.width, picture.height)
        size = np.array([picture.width, picture.height], dtype=np.float32)
        quads = [np.array(line.quad, dtype=np.float32) * size for line in lines]
        found: list[tuple[Verdict, Shape]] = []
        for group in _groups(quads):
            found += _touching(picture, lines, hits, quads, group) or _document(
                picture, lines, hits, quads, group
            )
        found += _screens(picture, quads)
        return [
            self._finding(verdict, shape, picture)
            for verdict, shape in _distinct(found)
            if verdict.confidence >= least
        ]

    def _finding(self, verdict: Verdict, shape: Shape, picture: Picture) -> Finding:
        outline = [
            (
                min(1.0, max(0.0, float(x) / picture.width)),
                min(1.0, max(0.0, float(y) / picture.height)),
            )
            for x, y in shape
        ]
        xs, ys = zip(*outline, strict=True)
        return Finding(
            category=f"document.{verdict.kind}",
            box=Box(min(xs), min(ys), max(xs), max(ys)),
            confidence=verdict.confidence,
            detector=self.name,
            outline=tuple(outline),
            evidence=verdict.words,
        )


def _touching(
    picture: Picture,
    lines: Sequence[text.Line],
    hits: Sequence[tuple[pii.Hit, ...]],
    quads: Sequence[Shape],
    group: list[int],
) -> list[tuple[Verdict, Shape]]:
    """Several documents whose lines stand together, where their colours tell them apart.

    Only where two parts at least are each a sheet of its own, with a kind of its own,
    and lie beside each other: the fields of one card are not taken for cards.
    """
    parts = [
        [group[i] for i in part]
        for part in paper.by_colour(picture, [quads[i] for i in group])
        if len(part) > 1
    ]
    if len(parts) < 2:
        return []
    found: list[tuple[Verdict, Shape]] = []
    for part in parts:
        shape = paper.sheet(picture, [quads[i] for i in part])
        verdict = _judged(lines, hits, part)
        if shape is not None and verdict is not None:
            found.append((verdict, shape))
    hulls = [cv2.convexHull(shape) for _, shape in found]
    beside = all(
        cv2.intersectConvexConvex(one, other)[0]
        < OVERLAPPING * min(cv2.contourArea(one), cv2.contourArea(other))
        for place, one in enumerate(hulls)
        for other in hulls[:place]
    )
    return found if len(found) > 1 and beside else []


def _edge_to_edge(
    lines: Sequence[text.Line],
    hits: Sequence[tuple[pii.Hit, ...]],
    quads: Sequence[Shape],
    members: list[int],
    whole: Shape,
) -> list[tuple[Verdict, Shape]]:
    """Two documents of one colour that lie edge to edge, told apart by a free corridor.

    Only where each half is surely a document: of another kind than the other half, or
    both cards; and a half that is taken for a card has the shape of one, which half a
    card has not. Together they cover what the one sheet would have covered.
    """
    for way in corridor.corridors([quads[i] for i in members]):
        told = [
            _judged(lines, hits, [members[i] for i in side])
            for side in (way.before, way.after)
        ]
        sure = [one for one in told if one is not None and one.confidence >= SURE]
        if len(sure) < 2 or (sure[0].kind == sure[1].kind not in ASPECTS):
            continue
        exact, shared = way.halves(whole, shared=False), way.halves(whole, shared=True)
        if exact is None or shared is None:
            continue
        if all(
            _shaped(one.kind, way.aspect(half))
            for one, half in zip(sure, exact, strict=True)
        ):
            return list(zip(sure, shared, strict=True))
    return []


def _shaped(kind: str, aspect: float) -> bool:
    """Whether a card has a card's sides, lying as its text runs; the others have any."""
    wanted = ASPECTS.get(kind, 0.0)
    return not wanted or 1 / STRETCH <= aspect / wanted <= STRETCH


def _judged(
    lines: Sequence[text.Line],
    hits: Sequence[tuple[pii.Hit, ...]],
    members: Sequence[int],
) -> Verdict | None:
    """What these lines say that they stand on."""
    return document_words.judge(
        [lines[i].text for i in members],
        [hit.kind for i in members for hit in hits[i]],
    )


def _document(
    picture: Picture,
    lines: Sequence[text.Line],
    hits: Sequence[tuple[pii.Hit, ...]],
    quads: Sequence[Shape],
    group: list[int],
) -> list[tuple[Verdict, Shape]]:
    """What the group is printed on, judged by all the lines that stand on it."""
    shape = paper.sheet(picture, [quads[i] for i in group])
    members = group
    if shape is not None:
        members = [
            i
            for i, quad in enumerate(quads)
            if i in group or _holds(shape, quad.mean(axis=0))
        ]
        if parts := _edge_to_edge(lines, hits, quads, members, shape):
            return parts
    verdict = _judged(lines, hits, members)
    if verdict is None:
        return []
    if shape is None:
        aspect = ASPECTS.get(verdict.kind, 0.0)
        shape = paper.around([quads[i] for i in members], aspect)
    return [(verdict, shape)]


def _screens(picture: Picture, quads: Sequence[Shape]) -> list[tuple[Verdict, Shape]]:
    found = []
    for shape in paper.screens(picture):
        shown = sum(_holds(shape, quad.mean(axis=0)) for quad in quads)
        if shown >= SCREEN_LINES:
            words = f"{shown} lines of text within a dark rim"
            found.append(
                (Verdict("screen", min(0.8, 0.4 + 0.05 * shown), words), shape)
            )
    return found


def _groups(quads: Sequence[Shape]) -> list[list[int]]:
    """Indices of lines that stand together, each group in reading order."""
    boxes = []
    for quad in quads:
        tall = min(
            float(np.linalg.norm(quad[3] - quad[0])),
            float(np.linalg.norm(quad[1] - quad[0])),
        )
        low, high = quad.min(axis=0), quad.max(axis=0)
        boxes.append((*low, *high, tall))
    parent = list(range(len(quads)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, (ax0, ay0, ax1, ay1, a) in enumerate(boxes):
        for j in range(i):
            bx0, by0, bx1, by1, b = boxes[j]
            reach = max(a, b)
            if reach > 4 * min(a, b):
                continue
            near_x = max(ax0, bx0) - min(ax1, bx1) <= NEAR_X * reach
            near_y = max(ay0, by0) - min(ay1, by1) <= NEAR_Y * reach
            if near_x and near_y:
                parent[root(i)] = root(j)
    groups: dict[int, list[int]] = {}
    for i in range(len(quads)):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def _holds(shape: Shape, point: Shape) -> bool:
    place = (float(point[0]), float(point[1]))
    return bool(cv2.pointPolygonTest(cv2.convexHull(shape), place, False) >= 0)


def _distinct(found: list[tuple[Verdict, Shape]]) -> list[tuple[Verdict, Shape]]:
    """One finding a sheet: the surest; the same kind overlapping is united."""
    kept: list[tuple[Verdict, Shape]] = []
    for verdict, shape in sorted(found, key=lambda f: -f[0].confidence):
        hull = cv2.convexHull(shape)
        for place, (other, outline) in enumerate(kept):
            both = float(cv2.intersectConvexConvex(hull, cv2.convexHull(outline))[0])
            smaller = min(cv2.contourArea(hull), cv2.contourArea(outline))
            if both < 0.5 * max(smaller, 1e-6):
                continue
            if other.kind == verdict.kind:
                union = cv2.convexHull(np.concatenate([hull[:, 0], outline]))
                kept[place] = (other, union[:, 0])
                break
            if both >= 0.7 * max(cv2.contourArea(hull), 1e-6):
                break
        else:
            kept.append((verdict, shape))
    return kept
