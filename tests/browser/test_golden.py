"""Every page looks as it did: two widths, two schemes, and six people where it differs.

``make golden`` renews the golden pictures; look at what changed before you commit them.
Where a page differs, golden, now and the difference lie in ``var/golden-failed``.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from tests.browser import likeness
from tests.browser.site import PASSWORD, Site
from tools.screens import SCHEMES, WIDTHS, ColorScheme, PageOf
from tools.views import every_view

pytestmark = [pytest.mark.browser, pytest.mark.golden]
VOLATILE = frozenset({"settings-devices", "policy-operations"})
"""Pages that show who is logged in from where, and how busy the machine was."""
RENEW = os.environ.get("NOPEEK_GOLDEN") == "renew"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_looks_as_it_did(
    browser: Browser, demo: Site, width: str, scheme: ColorScheme
) -> None:
    page_of = PageOf(browser, demo.url, PASSWORD, WIDTHS[width], scheme, still=True)
    differ, names = {}, set()
    try:
        for view in every_view(page_of):
            if view.name in VOLATILE:
                continue
            page = page_of(view.person)
            page.goto(demo.url + view.path, wait_until="load")
            name = f"{view.name}-{width}-{scheme}"
            names.add(f"{name}.webp")
            now, golden = likeness.taken(page), likeness.kept(name)
            if RENEW:
                likeness.keep(name, now)
                continue
            found = likeness.compared(golden, now) if golden else None
            if found is None or not found.same:
                file = likeness.show_difference(name, golden, now)
                differ[view.name] = (found or "no golden picture", file.name)
    finally:
        page_of.close()
    stale = {file.name for file in likeness.GOLDEN.glob(f"*-{width}-{scheme}.webp")}
    for old in stale - names if RENEW else ():
        (likeness.GOLDEN / old).unlink()
    assert not differ
    assert RENEW or stale == names


def _page() -> Image.Image:
    """A drawn page at half size: a heading, a button, lines of text, a picture."""
    page = Image.new("RGB", (640, 430), (250, 249, 247))
    pen = ImageDraw.Draw(page)
    pen.text((40, 30), "Notifications", fill=(30, 28, 26), font_size=20)
    for row in range(6):
        pen.text((40, 90 + row * 18), "somebody likes your post", fill=(80, 78, 76))
    pen.rounded_rectangle((40, 220, 130, 242), 5, fill=(84, 60, 200))
    pen.rectangle((300, 60, 600, 300), fill=(120, 140, 110))
    return page


def test_grain_passes_and_faults_do_not() -> None:
    """The threshold has teeth: what a designer would see, it sees."""
    golden = _page()
    grain = np.random.default_rng(7).normal(0, 6, (430, 640, 3))
    grainy = Image.fromarray((np.asarray(golden) + grain).clip(0, 255).astype(np.uint8))
    assert likeness.compared(golden, grainy).same
    shifted = Image.new("RGB", golden.size, (250, 249, 247))
    shifted.paste(golden, (1, 0))
    assert likeness.compared(golden, shifted).same, "a rounding of one pixel"

    lost = _page()
    ImageDraw.Draw(lost).rectangle((38, 218, 134, 244), fill=(250, 249, 247))
    assert not likeness.compared(golden, lost).same, "a lost button"
    moved = Image.new("RGB", golden.size, (250, 249, 247))
    moved.paste(golden, (0, 16))
    assert not likeness.compared(golden, moved).same, "all of it 32 px lower"
    tinted = _page()
    ImageDraw.Draw(tinted).rounded_rectangle((40, 220, 130, 242), 5, fill=(200, 60, 60))
    assert not likeness.compared(golden, tinted).same, "another accent"
    untold = _page()
    ImageDraw.Draw(untold).rectangle((38, 88, 200, 200), fill=(250, 249, 247))
    assert not likeness.compared(golden, untold).same, "a list that is not there"
    assert not likeness.compared(golden, golden.resize((640, 420))).same
