"""Finding and reading lines of text with PP-OCRv6 (small), on two ONNX sessions.

Finding: Liao et al., "Real-time Scene Text Detection with Differentiable
Binarization", AAAI 2020: a map of text probability, cut at a threshold, each blob
boxed by its smallest rotated rectangle and grown back. Reading: a CTC model over a
strip of 48 pixels height. Both weights come from the rapidocr package; that package's
own code is not imported (it logs recognised strings and can download).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core.detectors.ocr_lines import Chart, Quad, quads, strip, united
from privacy.core.detectors.onnx import Session
from privacy.core.image import Picture, Pixels

FINDER, READER = "ocr-lines", "ocr-reading"
FEW = 3
"""Up to so many signs may be a pattern; more of them that read are words."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What finding and reading depend on; the figures stand in docs/models/rapidocr.md.

    Attributes:
        long_side: pixels of the longer side that the finder sees.
        grow: a smaller picture is enlarged by at most this much.
        fine_side: a larger picture is looked at again in tiles, as if its longer side
            were this, where the first look saw a hint of text.
        hint: text probability that makes a tile worth the second look.
        cut: text probability that belongs to a line.
        score: mean probability within a line's rectangle; below, there is no line.
        unclip: how far a blob is grown back: area * unclip / perimeter.
        least: height in picture pixels below which a line is not read.
        legible: height in picture pixels from which a real sign reads surely.
        lone: a single legible sign read less surely than this is no text.
        vast: share of the picture from which a single sign is no text.
        towering: share of the picture's shorter side from which up to ``FEW`` signs
            have to be read as surely as a single one.
        sure: a reading below this confidence is tried in the other directions.
    """

    long_side: int = 1280
    grow: float = 1.5
    fine_side: int = 2560
    hint: float = 0.1
    cut: float = 0.2
    score: float = 0.4
    unclip: float = 1.9
    least: float = 5.0
    legible: float = 24.0
    lone: float = 0.92
    vast: float = 0.05
    towering: float = 0.15
    sure: float = 0.85


@dataclass(frozen=True, slots=True)
class Strip:
    """A line in picture pixels: where, how surely text, what it says, how surely."""

    quad: Quad
    score: float
    text: str
    reading: float

    def __repr__(self) -> str:
        return f"Strip({len(self.text)} characters, {self.score:.2f})"


class Ocr:
    """The two loaded models.

    Raises:
        ModelMissing, ModelMismatch: as for every ``Session``.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._finder = Session(FINDER)
        self._reader = Session(READER)
        alphabet = self._reader.metadata["character"].splitlines()
        self._alphabet = ["", *alphabet, " "]  # index 0 is CTC's blank

    def strips(self, picture: Picture, score: float | None = None) -> list[Strip]:
        """Every line of the picture, top to bottom; ``score`` overrides the setting."""
        least = self.settings.score if score is None else score
        found = self._find(picture, least)
        found.sort(key=lambda line: (round(line[0][:, 1].min()), line[0][:, 0].min()))
        strips = []
        for quad, sure in found:
            upright, text, reading = self._read(picture.pixels, quad)
            found_strip = Strip(upright, sure, text, reading)
            if not self._mere_shape(found_strip, picture):
                strips.append(found_strip)
        return strips

    def _mere_shape(self, strip: Strip, picture: Picture) -> bool:
        """Whether these are few signs, large enough to be read, yet read unsurely.

        Stripes, windows and limbs look like one, a row of stars like three: the
        finder's usual false alarms. The larger a sign is, the surer it reads; a lone
        one that takes up a good part of the picture is a cup, a sun or a cell, and
        were it a letter, it would tell nothing.
        """
        wide = float(np.linalg.norm(strip.quad[1] - strip.quad[0]))
        tall = float(np.linalg.norm(strip.quad[3] - strip.quad[0]))
        least, signs = min(wide, tall), len(strip.text)
        if not signs or least < self.settings.legible or signs > FEW:
            return False
        area = wide * tall / (picture.width * picture.height)
        if signs == 1 and area >= self.settings.vast:
            return True
        towering = least >= self.settings.towering * min(picture.width, picture.height)
        doubt = self.settings.lone if signs == 1 or towering else 0.5
        return strip.reading < doubt

    def _find(self, picture: Picture, least: float) -> list[tuple[Quad, float]]:
        long_side = max(picture.width, picture.height)
        size = min(self.settings.long_side, round(long_side * self.settings.grow))
        view = picture.fitted(size, multiple=32, grow=True)
        chart = self._chart(view.pixels)
        scale = np.array(
            [picture.width / chart.shape[1], picture.height / chart.shape[0]]
        )
        coarse = [
            ((q * scale).astype(np.float32), s) for q, s in self._quads(chart, least)
        ]
        if long_side <= self.settings.long_side * self.settings.grow:
            return united(coarse, [])
        fine: list[tuple[Quad, float]] = []
        for part in picture.tiles(2, 2, overlap=0.15):
            x0, y0, x1, y1 = part
            a, b = np.floor(np.array([x0, y0]) / scale).astype(int)
            c, d = np.ceil(np.array([x1, y1]) / scale).astype(int)
            if chart[b:d, a:c].max(initial=0) < self.settings.hint:
                continue
            fine += self._look(picture, part, least)
        return united(coarse, fine)

    def _look(
        self, picture: Picture, part: tuple[int, int, int, int], least: float
    ) -> Iterator[tuple[Quad, float]]:
        """Lines in a part, but for those that its inner border cuts."""
        x0, y0, x1, y1 = part
        shrink = min(1.0, self.settings.fine_side / max(picture.width, picture.height))
        width = max(32, round((x1 - x0) * shrink / 32) * 32)
        height = max(32, round((y1 - y0) * shrink / 32) * 32)
        tile = cv2.resize(
            picture.pixels[y0:y1, x0:x1], (width, height), interpolation=cv2.INTER_AREA
        )
        scale = np.array([(x1 - x0) / width, (y1 - y0) / height])
        edge = 2 * scale.max()
        for local, score in self._quads(self._chart(tile), least):
            quad = local * scale + (x0, y0)
            low, high = quad.min(axis=0), quad.max(axis=0)
            cut = (
                (x0 > 0 and low[0] <= x0 + edge)
                or (y0 > 0 and low[1] <= y0 + edge)
                or (x1 < picture.width and high[0] >= x1 - edge)
                or (y1 < picture.height and high[1] >= y1 - edge)
            )
            if not cut:
                yield quad.astype(np.float32), score

    def _chart(self, pixels: Pixels) -> Chart:
        """(h, w) probability of text for an (h, w, 3) view, sides multiples of 32."""
        chart: Chart = self._finder.run(_normal(pixels)[None])[0][0, 0]
        return chart

    def _quads(self, chart: Chart, least: float) -> Iterator[tuple[Quad, float]]:
        return quads(chart, self.settings.cut, self.settings.unclip, least)

    def _read(self, pixels: Pixels, quad: Quad) -> tuple[Quad, str, float]:
        """The quad turned so that it begins where the reading begins, and the reading.

        A flat line is read as it lies, and upside down where that does not read well;
        an upright one from either side; a square one in all four directions.
        """
        wide = float(np.linalg.norm(quad[1] - quad[0]))
        tall = float(np.linalg.norm(quad[3] - quad[0]))
        if min(wide, tall) < self.settings.least:
            return quad, "", 0.0
        turns = [0, 2] if wide >= 1.5 * tall else [0, 1, 3, 2]
        if tall >= 1.5 * wide:
            turns = [1, 3]
        best = (quad, "", 0.0)
        for turn in turns:
            turned = np.roll(quad, -turn, axis=0)
            text, sure = self._decode(strip(pixels, turned))
            if sure > best[2]:
                best = (turned, text, sure)
            if sure >= self.settings.sure:
                break
        return best

    def _decode(self, strip: Pixels) -> tuple[str, float]:
        odds = self._reader.run(_normal(strip)[None])[0][0]
        best = odds.argmax(axis=1)
        kept = best != 0
        kept[1:] &= best[1:] != best[:-1]
        if not kept.any():
            return "", 0.0
        text = "".join(self._alphabet[i] for i in best[kept])
        return text.strip(), float(odds.max(axis=1)[kept].mean())


def _normal(pixels: Pixels) -> npt.NDArray[np.float32]:
    return (pixels.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)
