"""Lines of text, and what each of them gives away.

What the lines say stays in this process: findings, logs and errors carry the kind of
a line and how long it is, never its letters.
"""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass, field

from privacy.core.detectors import layout, pii
from privacy.core.detectors.ocr import FINDER, READER, Ocr, Strip
from privacy.core.image import Picture
from privacy.core.taxonomy import lookup
from privacy.core.types import Box, Finding, Point


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in a picture. Its text must not leave the process.

    Attributes:
        quad: four corners in 0..1, clockwise from where the reading begins.
        text: what it says, NFKC; empty where it was too small or too unclear.
        confidence: how surely it is text, 0..1.
        reading: how surely it says this, 0..1.
    """

    quad: tuple[Point, Point, Point, Point]
    text: str = field(repr=False)
    confidence: float
    reading: float = 0.0

    def __repr__(self) -> str:
        return f"Line({len(self.text)} characters, confidence={self.confidence:.2f})"

    @property
    def box(self) -> Box:
        xs, ys = zip(*self.quad, strict=True)
        return Box(min(xs), min(ys), max(xs), max(ys)).clipped()


class TextDetector:
    """Every line of text is a finding: ``text``, or ``text.<kind>`` where it is PII.

    Of several kinds in one line the severest is the category; the others stand in the
    evidence.
    """

    name = "text"
    model = f"{FINDER}+{READER}"

    def load(self) -> None:
        _engine()

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        """See ``Detector``; the threshold is the mean text probability of a line."""
        lines = read_lines(picture, threshold)
        kinds = layout.kinds_of(lines, picture.width, picture.height)
        return [
            self._finding(line, hits) for line, hits in zip(lines, kinds, strict=True)
        ]

    def _finding(self, line: Line, hits: tuple[pii.Hit, ...]) -> Finding:
        ranked = sorted(hits, key=lambda hit: -lookup(f"text.{hit.kind}").severity)
        letters = sum(not c.isspace() for c in line.text)
        words = "; ".join(dict.fromkeys(hit.words for hit in ranked))
        return Finding(
            category=f"text.{ranked[0].kind}" if ranked else "text",
            box=line.box,
            confidence=line.confidence,
            detector=self.name,
            outline=line.quad,
            evidence=words
            or (f"line of {letters} characters" if letters else "unreadable line"),
        )


def read_lines(picture: Picture, threshold: float | None = None) -> tuple[Line, ...]:
    """The lines of a picture, top to bottom, read once a picture.

    Args:
        threshold: least confidence; the shipped setting where not given.

    Raises:
        ModelMissing, ModelMismatch: the weights are not there, or not the pinned ones.
        ModelError: a model failed.
    """
    engine = _engine()
    shipped = engine.settings.score
    least = shipped if threshold is None else threshold
    if least >= shipped:
        lines = picture.once(("text", "lines"), lambda: _lines(engine, picture, None))
    else:
        lines = picture.once(
            ("text", "lines", least), lambda: _lines(engine, picture, least)
        )
    return tuple(line for line in lines if line.confidence >= least)


_loading = threading.Lock()
_loaded: list[Ocr] = []


def _engine() -> Ocr:
    """One pair of sessions a process, shared by text and documents."""
    with _loading:
        if not _loaded:
            _loaded.append(Ocr())
        return _loaded[0]


def _lines(engine: Ocr, picture: Picture, least: float | None) -> tuple[Line, ...]:
    strips = engine.strips(picture, least)
    return tuple(_line(strip, picture.width, picture.height) for strip in strips)


def _line(strip: Strip, width: int, height: int) -> Line:
    def unit(value: float) -> float:
        return min(1.0, max(0.0, value))

    a, b, c, d = ((unit(x / width), unit(y / height)) for x, y in strip.quad.tolist())
    return Line(
        quad=(a, b, c, d),
        text=unicodedata.normalize("NFKC", strip.text),
        confidence=min(1.0, strip.score),
        reading=strip.reading,
    )
