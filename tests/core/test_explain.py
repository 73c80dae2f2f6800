"""Heat maps: they show where a detector looked, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from privacy.core import weights
from privacy.core.detectors import registry
from privacy.core.detectors.base import Detector
from privacy.core.errors import ModelMissing
from privacy.core.explain import NoMap, by_gradient, heat, overlay
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
        pytest.fail("no large face among them")
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


# --- Grad-CAM, where a torch model runs ------------------------------------------------


def plates_by_pickle(monkeypatch: pytest.MonkeyPatch) -> Detector:
    pytest.importorskip("ultralytics")
    try:
        path = weights.ensure("safelicensing")
    except ModelMissing:
        pytest.skip("fetch the optional weights safelicensing first")
    monkeypatch.setenv("NOPEEK_MODELS", f"plates={path}")
    return registry.get("plates")


@pytest.mark.heavy
@pytest.mark.shared
def test_a_torch_model_looked_at_the_plate(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The middle of the heat's mass lies on the plate, before and after a detection."""
    detector = plates_by_pickle(monkeypatch)
    for name in ("plate_eu_4097f681", "plate_eu_2a9bd2f8", "plate_br_AYO9034"):
        file = shared / "devset" / "images" / f"{name}.jpg"
        if not file.exists():
            continue
        picture = sanitise(file.read_bytes()).picture()
        plate = max(detector.detect(picture), key=lambda found: found.confidence)
        found = by_gradient(picture, plate, detector)
        assert found is not None
        values, (x0, y0, x1, y1) = found.values, plate.box.as_tuple()
        height, width = values.shape
        assert abs(width / height - picture.width / picture.height) < 0.02
        y, x = np.mgrid[:height, :width]
        mass = values.sum()
        middle = (x * values).sum() / mass / width, (y * values).sum() / mass / height
        assert x0 < middle[0] < x1, (name, middle)
        assert y0 < middle[1] < y1, (name, middle)
        again = by_gradient(picture, plate, detector)
        assert again is not None
        assert np.array_equal(again.values, values)
        assert detector.detect(picture)[0].box == plate.box  # nothing was changed


@pytest.mark.heavy
@pytest.mark.shared
def test_where_nothing_is_there_is_no_map_by_gradient(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = plates_by_pickle(monkeypatch)
    sky = Picture(np.full((320, 480, 3), 120, np.uint8))
    with pytest.raises(NoMap):
        by_gradient(sky, Finding("licence_plate", FACE.box, 0.9, "plates"), detector)
    assert by_gradient(sky, FACE, object()) is None
