"""``protect``: one picture, three tiers, each at least as closed as the one it trusts more."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from privacy.core import api, verify
from privacy.core.api import protect, with_style
from privacy.core.detectors import registry
from privacy.core.image import Picture, Pixels
from privacy.core.policy import Choice, Rule, RuleSet
from privacy.core.presets import preset
from privacy.core.redact.mask import union_mask
from privacy.core.render import encode, render
from privacy.core.sanitise import sanitise
from privacy.core.scan import scan
from privacy.core.types import (
    Box,
    Finding,
    Plan,
    Region,
    Style,
    Tier,
    Treatment,
)
from tests.core.drawn import ground

KEY = hashlib.sha256(b"api").digest()
PLACE = Box(0.4, 0.4, 0.6, 0.6)
BLUR = Treatment(Style.BLUR, 0.0)
VEIL = Treatment(Style.VEIL)


@pytest.fixture
def picture() -> Picture:
    return Picture(ground(160, 120))


class Seeing:
    """Reports a code at one place as long as the mask there is not flat."""

    name, model = "codes", "seeing"

    def load(self) -> None:
        """Nothing to read."""

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        x0, y0, x1, y1 = (round(v) for v in PLACE.pixels(picture.width, picture.height))
        if picture.pixels[y0:y1, x0:x1].std(axis=(0, 1)).max() < 0.5:
            return []
        return [Finding("code.qr", PLACE, 0.8, "codes")]


@pytest.fixture
def seeing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOPEEK_MODELS", raising=False)
    monkeypatch.setattr(registry, "_loaded", dict(registry._loaded))
    key = ("codes", registry._WHERE["codes"])
    monkeypatch.setitem(registry._loaded, key, Seeing())


def rules(**cells: Any) -> RuleSet:
    return RuleSet(
        "test", tuple(Rule(name.replace("_", "."), c) for name, c in cells.items())
    )


def test_each_tier_gets_its_plan_and_its_pixels(picture: Picture) -> None:
    book = Finding("object.book", PLACE, 0.9, "objects")
    shown = protect(
        picture, [book], rules(object=(VEIL, None, None)), KEY, attack=False
    )
    assert list(shown) == [Tier.FULL, Tier.SEMI, Tier.NONE]
    assert [len(shown[tier].plan.regions) for tier in Tier] == [1, 0, 0]
    assert np.array_equal(shown[Tier.SEMI].pixels, picture.pixels)
    assert not np.array_equal(shown[Tier.FULL].pixels, picture.pixels)
    assert all(shown[tier].verdict is None for tier in Tier)
    assert shown[Tier.NONE].pixels is not picture.pixels


def test_only_the_tiers_that_are_asked_for(picture: Picture) -> None:
    shown = protect(picture, [], preset("default"), KEY, tiers=(Tier.SEMI,))
    assert list(shown) == [Tier.SEMI]
    verdict = shown[Tier.SEMI].verdict
    assert verdict is not None
    assert verdict.clean


def test_equal_plans_are_rendered_and_attacked_once(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()

    def counted(name: str, honest: Any) -> Any:
        def call(*given: Any, **more: Any) -> Any:
            calls[name] += 1
            return honest(*given, **more)

        return call

    monkeypatch.setattr(verify, "render", counted("render", verify.render))
    monkeypatch.setattr(api, "escalate", counted("escalate", api.escalate))
    laptop = Finding("object.laptop", PLACE, 0.9, "objects")
    alike = rules(object=(VEIL, VEIL, None))
    shown = protect(picture, [laptop], alike, KEY)
    assert calls == {"escalate": 2, "render": 2}  # FULL and SEMI are one
    assert shown[Tier.FULL] is shown[Tier.SEMI]
    assert shown[Tier.NONE] is not shown[Tier.SEMI]


def test_hardening_for_a_trusted_tier_carries_to_the_stricter_ones(
    picture: Picture, seeing: None
) -> None:
    """Else FULL would see a veil where NONE sees a wider fill: not nested."""
    code = Finding("code.qr", PLACE, 0.9, "codes")
    shown = protect(picture, [code], rules(code=(VEIL, VEIL, VEIL)), KEY)
    regions = [shown[tier].plan.regions[0] for tier in Tier]
    assert regions[0] == regions[1] == regions[2]
    assert regions[0].treatment == Treatment(Style.FILL, 1.0)
    assert regions[0].box.covers(PLACE) == 1
    assert regions[0].box.area > PLACE.area
    verdicts = [shown[tier].verdict for tier in Tier]
    assert all(verdict is not None and verdict.clean for verdict in verdicts)


def test_what_only_a_stricter_tier_masks_is_hardened_there_alone(
    picture: Picture, seeing: None
) -> None:
    code = Finding("code.qr", PLACE, 0.9, "codes")
    shown = protect(picture, [code], rules(code=(VEIL, None, None)), KEY)
    assert shown[Tier.FULL].plan.regions[0].treatment.style is Style.FILL
    assert shown[Tier.SEMI].plan.regions == shown[Tier.NONE].plan.regions == ()


def test_masks_nest_after_hardening_and_pool_to_nothing_new(
    picture: Picture, seeing: None
) -> None:
    """Promise 3, and I11 after escalation: FULL can be computed from what NONE sees."""
    found = [
        Finding("code.qr", PLACE, 0.9, "codes"),
        Finding("object.book", Box(0.1, 0.1, 0.3, 0.3), 0.9, "objects"),
        Finding("object.laptop", Box(0.55, 0.5, 0.9, 0.9), 0.9, "objects"),
    ]
    matrix = rules(
        code=(VEIL, VEIL, VEIL),
        object_book=(VEIL, VEIL, None),
        object_laptop=(VEIL, None, None),
    )
    shown = protect(picture, found, matrix, KEY)
    masks = [
        union_mask(shown[tier].plan.regions, 160, 120, picture.grid) for tier in Tier
    ]
    assert not (masks[2] & ~masks[1]).any()
    assert not (masks[1] & ~masks[0]).any()
    for strict, trusted in ((Tier.SEMI, Tier.NONE), (Tier.FULL, Tier.SEMI)):
        weaker = Picture(shown[trusted].pixels.copy(), picture.grid)
        again = render(weaker, shown[strict].plan, KEY)
        assert np.array_equal(again, shown[strict].pixels)


def test_a_verdict_that_stays_red_is_handed_on(
    picture: Picture, seeing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always(
        _self: Seeing, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        return [Finding("code.qr", PLACE, 0.8, "codes")]

    monkeypatch.setattr(Seeing, "detect", always)
    code = Finding("code.qr", PLACE, 0.9, "codes")
    shown = protect(picture, [code], rules(code=(VEIL, VEIL, VEIL)), KEY)
    for tier in Tier:
        verdict = shown[tier].verdict
        assert verdict is not None
        assert not verdict.clean


def test_the_owners_choices_and_regions_count(picture: Picture) -> None:
    book = Finding("object.book", PLACE, 0.9, "objects")
    drawn = Region("drawn", Box(0.0, 0.0, 0.2, 0.2), VEIL)
    shown = protect(
        picture,
        [book],
        rules(object=(VEIL, VEIL, VEIL)),
        KEY,
        choices={book.id: Choice(show_from=Tier.SEMI)},
        extra=[drawn],
        attack=False,
    )
    ids = [{r.id for r in shown[tier].plan.regions} for tier in Tier]
    assert ids == [{book.id, "drawn"}, {"drawn"}, {"drawn"}]


def test_one_look_for_all_keeps_what_is_shown() -> None:
    """And a courtesy style that was asked for does not reach what must not have it."""
    sticker = Treatment(Style.STICKER)
    changed = with_style(preset("default"), sticker)
    for before, after in zip(preset("default").rules, changed.rules, strict=True):
        assert before.category == after.category
        for old, new in zip(before.cells, after.cells, strict=True):
            assert (old is None) == (new is None)
            assert new in (None, sticker)
    blurred = with_style(preset("default"), BLUR)
    card = Finding("text.card", PLACE, 0.9, "text")
    plans = protect(Picture(ground(64, 64)), [card], blurred, KEY, attack=False)
    assert all(
        region.treatment.zero_bit
        for tier in Tier
        for region in plans[tier].plan.regions
    )
    assert plans[Tier.FULL].plan.regions


def test_the_whole_line_in_four_calls(shared: Path) -> None:
    """As the module's docstring says it, on a real picture, with the real attacks."""
    file = shared / "devset" / "images" / "face_6_Funeral_Funeral_6_461.jpg"
    clean = sanitise(file.read_bytes())
    found = [Finding("face", Box(0.3, 0.05, 0.6, 0.4), 0.9, "given")]
    shown = protect(clean.picture(), found, preset("default"), KEY)
    assert shown[Tier.FULL].plan.regions
    assert shown[Tier.NONE].plan == Plan()
    for tier in Tier:
        verdict = shown[tier].verdict
        assert verdict is not None
        assert verdict.clean


UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: np.rot90(a, 2),
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: np.rot90,
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}
"""What a camera stores, for each EXIF orientation, of what is to be shown upright."""


@pytest.mark.shared
def test_u9_the_mask_lies_on_the_face_in_all_eight_orientations(shared: Path) -> None:
    """One face, found by the real detector, as each of eight cameras stores it."""
    file = shared / "devset" / "images" / "face_6_Funeral_Funeral_6_461.jpg"
    upright = sanitise(file.read_bytes()).pixels
    labels = json.loads((shared / "devset" / "labels.json").read_text("utf-8"))
    (face,) = [e["box"] for e in labels[file.name] if e["label"] == "face"]
    x0, y0, x1, y1 = (round(v) for v in face)
    for code, stored in UPRIGHT.items():
        exif, out = Image.Exif(), io.BytesIO()
        exif[0x0112] = code
        Image.fromarray(np.ascontiguousarray(stored(upright))).save(
            out, "jpeg", quality=92, exif=exif
        )
        clean = sanitise(out.getvalue())
        picture = clean.picture()
        assert clean.orientation == code
        assert picture.pixels.shape == upright.shape
        report = scan(picture, only=("faces",))
        shown = protect(
            picture, report.findings, preset("default"), KEY,
            tiers=(Tier.FULL,), attack=False,
        )[Tier.FULL]  # fmt: skip
        hidden = union_mask(
            shown.plan.regions, picture.width, picture.height, picture.grid
        )
        assert hidden[y0:y1, x0:x1].all(), code
        assert hidden.mean() < 0.4, code
        delivered = Image.open(io.BytesIO(encode(shown.pixels, "full")))
        assert delivered.getexif().get(0x0112, 1) == 1
        assert delivered.size == (picture.width, picture.height)
