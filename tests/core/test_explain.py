"""Heat maps: they show where a detector looked, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from privacy.core.detectors import registry
from privacy.core.explain import NoMap, heat, overlay
from privacy.core.image import Picture
from privacy.core.sanitise import sanitise
from privacy.core.types import Box, Finding

FACE = Finding("face", Box(0.4, 0.4, 0.6, 0.6), 0.9, "drawn")


def drawn() -> Picture:
    """A grey field with a white mark in the left half of the finding."""
    pixels = np.full((200, 200, 3), 90, np.uint8)
    pixels[90:110, 84:96] = 255
    return Picture(pixels)


def by_the_mark(picture: Picture) -> Sequence[Finding]:
    """Sees the face as well as it sees white; its box is where the face would be."""
    white = float((picture.pixels.min(axis=2) > 200).sum())
    share = white / (picture.width * picture.height) * 100
    box = Box(0.3, 0.3, 0.7, 0.7)
    return [Finding("face", box, min(1.0, share), "drawn")] if share > 0.01 else []


def test_it_is_hot_where_the_detector_looks_and_cold_elsewhere() -> None:
    found = heat(drawn(), FACE, by_the_mark, seconds=60)
    assert found.masks == 300
    assert found.values.max() == 1
    height, width = found.values.shape
    y, x = np.unravel_index(found.values.argmax(), found.values.shape)
    at = (
        found.place.x0 + (x + 0.5) / width * (found.place.x1 - found.place.x0),
        found.place.y0 + (y + 0.5) / height * (found.place.y1 - found.place.y0),
    )
    assert abs(at[0] - 0.45) < 0.07
    assert abs(at[1] - 0.5) < 0.07
    assert found.values[:, -width // 5 :].mean() < 0.3
    again = heat(drawn(), FACE, by_the_mark, seconds=60)
    assert np.array_equal(again.values, found.values)


def test_it_takes_no_more_time_than_it_is_given() -> None:
    ticks = iter(np.arange(0, 1e6, 0.5))
    found = heat(
        drawn(), FACE, by_the_mark, seconds=30, clock=lambda: float(next(ticks))
    )
    assert 40 <= found.masks < 100
    slow = iter(np.arange(0, 1e6, 9.0))
    with pytest.raises(NoMap, match="too slow"):
        heat(drawn(), FACE, by_the_mark, seconds=20, clock=lambda: float(next(slow)))


def test_what_is_not_seen_again_has_no_map() -> None:
    with pytest.raises(NoMap, match="does not see it"):
        heat(drawn(), FACE, lambda picture: [])
    steady = [Finding("face", Box(0.3, 0.3, 0.7, 0.7), 0.9, "drawn")]
    with pytest.raises(NoMap, match="no difference"):
        heat(drawn(), FACE, lambda picture: steady, masks=50)


def test_the_overlay_has_the_pictures_shape_and_is_clear_outside() -> None:
    found = heat(drawn(), FACE, by_the_mark, masks=60)
    image = overlay(found, 2000, 1000)
    assert image.mode == "RGBA"
    assert image.size == (720, 360)
    alpha = np.asarray(image)[..., 3]
    assert alpha.max() > 150
    assert alpha[:20].max() == 0  # above the surroundings


def test_a_real_detector_looks_at_the_face(shared: Path) -> None:
    """Of a labelled photo: the map is hotter in the face than around it."""
    detector = registry.get("faces")
    for path in sorted((shared / "devset").rglob("*.jpg"))[:40]:
        picture = sanitise(path.read_bytes()).picture()
        faces = [f for f in detector.detect(picture) if f.box.area > 0.01]
        if faces:
            break
    else:
        pytest.skip("no large face among them")
    face = max(faces, key=lambda f: f.confidence)
    found = heat(
        picture,
        face,
        lambda p: detector.detect(p, threshold=0.05),
        masks=120,
        seconds=60,
    )
    height, width = found.values.shape
    inner = face.box
    w, h = found.place.x1 - found.place.x0, found.place.y1 - found.place.y0
    x0, x1 = ((v - found.place.x0) / w * width for v in (inner.x0, inner.x1))
    y0, y1 = ((v - found.place.y0) / h * height for v in (inner.y0, inner.y1))
    inside = np.zeros_like(found.values, bool)
    inside[round(y0) : round(y1), round(x0) : round(x1)] = True
    assert found.values[inside].mean() > 1.5 * found.values[~inside].mean()
