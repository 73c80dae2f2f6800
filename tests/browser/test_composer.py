"""The editor in a real browser: pointer, touch and keys, undo, looks, several photos."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import letter_photo
from tests.browser.site import Person, media_ids

Arrive = Callable[[str], Person]


def stage(page: Page) -> tuple[float, float, float, float]:
    """Where the picture lies on the screen: x, y, width, height."""
    page.locator(".dossier:not([hidden]) .regions").scroll_into_view_if_needed()
    box = page.locator(".dossier:not([hidden]) .regions").bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def drag(page: Page, *points: tuple[float, float]) -> None:
    """Press at the first point, in 0..1 of the picture, and go to the last."""
    x, y, w, h = stage(page)
    (sx, sy), *rest = points
    page.mouse.move(x + sx * w, y + sy * h)
    page.mouse.down()
    for px, py in rest:
        page.mouse.move(x + px * w, y + py * h, steps=5)
    page.mouse.up()


def drawn(page: Page) -> Locator:
    """Rows of what was drawn by hand."""
    return page.locator(".dossier:not([hidden]) [data-category=manual] .finding")


def shape(page: Page, at: int = 0) -> dict[str, list[float]]:
    found: dict[str, list[float]] = json.loads(
        drawn(page).nth(at).get_attribute("data-shape") or ""
    )
    return found


def settled(page: Page, script: str) -> None:
    page.wait_for_function(script, timeout=10_000)


def moved(page: Page, index: int, than: float) -> None:
    """Until a side of the first drawn box is another one."""
    page.wait_for_function(
        """([index, than]) => {
            const row = document.querySelector(
                ".dossier:not([hidden]) [data-category=manual] .finding");
            const box = row && JSON.parse(row.dataset.shape).box;
            return box && Math.abs(box[index] - than) > 0.004;
        }""",
        arg=[index, than],
        timeout=10_000,
    )


def test_the_editor_from_a_box_to_two_photos(arrives: Arrive, tmp_path: Path) -> None:
    """Draw, move, resize, paint, undo, redo, change the look, bring a sticker, order."""
    ada = arrives("edita")
    ada.signs_up()
    files = []
    for seed in (0, 1):
        file = tmp_path / f"letter-{seed}.jpg"
        file.write_bytes(letter_photo(seed=seed))
        files.append(file)
    draft = ada.uploads(*files)
    ada.waits_until_ready(draft, count=2)
    page = ada.page
    regions = page.locator(".dossier:not([hidden]) .region")
    found = regions.count()
    assert found > 0
    assert found == page.locator(".dossier:not([hidden]) .finding").count()

    # A box by pointer, moved by it, resized by a handle.
    page.click(".dossier:not([hidden]) [data-tool=box]")
    drag(page, (0.05, 0.78), (0.2, 0.93))
    expect(drawn(page)).to_have_count(1)
    expect(regions).to_have_count(found + 1)
    box = shape(page)["box"]
    drag(page, (0.12, 0.85), (0.22, 0.85))
    moved(page, 0, box[0])
    after = shape(page)["box"]
    assert abs((after[2] - after[0]) - (box[2] - box[0])) < 0.004
    drag(page, (after[2], after[3]), (after[2] + 0.1, after[3]))
    moved(page, 2, after[2])
    wide = shape(page)["box"]
    assert abs(wide[0] - after[0]) < 0.002

    # Three steps back, and forward again.
    for side, was in ((2, wide[2]), (0, after[0])):
        page.keyboard.press("Control+z")
        moved(page, side, was)
    assert abs(shape(page)["box"][0] - box[0]) < 0.002
    page.keyboard.press("Control+z")
    expect(drawn(page)).to_have_count(0)
    page.keyboard.press("Control+Shift+z")
    expect(drawn(page)).to_have_count(1)
    page.keyboard.press("Control+Shift+z")
    moved(page, 0, box[0])

    # Keys alone: from region to region, move, resize, remove, and think better of it.
    own = page.locator(
        f".region[data-region='{drawn(page).get_attribute('data-region')}']"
    )
    own.focus()
    before = shape(page)["box"]
    page.keyboard.press("ArrowUp")
    moved(page, 1, before[1])
    before = shape(page)["box"]
    page.keyboard.press("Shift+ArrowRight")
    moved(page, 2, before[2])
    assert abs(shape(page)["box"][0] - before[0]) < 0.001
    own.focus()
    page.keyboard.press("Delete")
    expect(drawn(page)).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(drawn(page)).to_have_count(1)
    first = regions.first
    first.focus()
    page.keyboard.press("Tab")
    expect(regions.nth(1)).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys-help")).to_be_hidden()

    # A polygon by clicks, and a stroke of the brush.
    page.keyboard.press("p")
    x, y, w, h = stage(page)
    for px, py in ((0.86, 0.1), (0.95, 0.1), (0.9, 0.25)):
        page.mouse.click(x + px * w, y + py * h)
    page.keyboard.press("Enter")
    expect(drawn(page)).to_have_count(2)
    page.keyboard.press("b")
    drag(page, (0.86, 0.8), (0.9, 0.85), (0.95, 0.8))
    expect(drawn(page)).to_have_count(3)
    brushes = [
        json.loads(one.get_attribute("data-shape") or "") for one in drawn(page).all()
    ]
    assert sorted(len(one["outline"]) > 0 for one in brushes) == [False, True, True]
    assert sum(one["brush"] > 0 for one in brushes) == 1

    # Zoomed by the wheel, the picture is larger and nothing has been painted.
    page.keyboard.press("v")
    page.mouse.move(x + w / 2, y + h / 2)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    settled(page, "() => document.querySelector('.stage__view--near') !== null")
    assert stage(page)[2] > w * 1.5
    page.keyboard.press("0")
    expect(drawn(page)).to_have_count(3)

    # Looks are made by the server; a sticker of one's own is one of them.
    own.focus()
    page.keyboard.press("Enter")
    row = page.locator(".finding.lit")
    row.locator("img").first.wait_for()
    settled(
        page,
        "() => [...document.querySelectorAll('.finding.lit .look img')]"
        ".every(one => one.complete && one.naturalWidth > 0)",
    )
    sticker = tmp_path / "leaf.png"
    Image.new("RGBA", (60, 60), (20, 160, 60, 255)).save(sticker)
    row.locator("[data-sticker-add]").set_input_files(str(sticker))
    settled(
        page,
        "() => JSON.parse(document.querySelector('.finding.lit').dataset.shape).art",
    )

    # The same for all of a kind is one step back.
    row.locator("input[value=auto]").check(force=True)
    settled(
        page, "() => document.querySelector('.finding.lit input[value=auto]:checked')"
    )
    row.locator("button[name=same]").click()
    alike = "[...document.querySelectorAll('.dossier:not([hidden]) [data-category=manual] .finding')].map(one => JSON.parse(one.dataset.shape).choice)"
    settled(page, f"() => {alike}.every(one => one === 'auto')")
    page.keyboard.press("Control+z")
    settled(page, f"() => {alike}.filter(one => one === 'hide').length === 2")

    # Two photos: the second is shown, then moved to the front by keys.
    one, two = [
        frame.get_attribute("data-frame")
        for frame in page.locator("[data-frame]").all()
    ]
    page.click(f"[data-frame='{two}'] a")
    expect(page.locator(f"#media-{two}")).to_be_visible()
    expect(page.locator(f"#media-{one}")).to_be_hidden()
    page.locator(f"[data-frame='{two}'] [data-move='-1']").focus()
    with page.expect_response("**/order"):
        page.keyboard.press("Enter")
    page.reload()
    assert [
        f.get_attribute("data-frame") for f in page.locator("[data-frame]").all()
    ] == [two, one]
    assert media_ids(page)[0] == two

    # Every version is made anew by itself, and the page says so.
    page.wait_for_function(
        "() => !document.querySelector('.dossier[data-making]')", timeout=120_000
    )
