"""On a phone: the sheet of the composer, and a mask that explains itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import PASSWORD, Site
from tools.screens import WIDTHS, PageOf
from tools.views import first

pytestmark = pytest.mark.browser
GRIP = "[data-grip-sheet]"


@pytest.fixture
def phone(browser: Browser, demo: Site) -> Iterator[PageOf]:
    page_of = PageOf(browser, demo.url, PASSWORD, WIDTHS["phone"], "dark")
    yield page_of
    page_of.close()


def opened(phone: PageOf) -> Page:
    """Ana's draft of two photos."""
    page = phone("ana")
    page.goto(phone.site + "/share/")
    page.goto(phone.site + first(page, "main a[href*='/share/']", "/share/"))
    page.wait_for_selector(".composer[data-leaf]")
    return page


def room(page: Page) -> tuple[float, float]:
    """Heights of the picture's window and of the list."""
    side = page.locator(".dossier:not([hidden]) .dossier__side").bounding_box()
    view = page.locator(".dossier:not([hidden]) .stage__view").bounding_box()
    assert side is not None
    assert view is not None
    return view["height"], side["height"]


def test_the_list_is_a_sheet_of_two_heights(phone: PageOf) -> None:
    page = opened(phone)
    # The bar: who may see it, as whom, and Post, all in sight at once.
    for part in ("[data-audience-chip]", "nav.segments", "button[form=words]"):
        expect(page.locator(f".composer__bar {part}")).to_be_in_viewport(ratio=0.9)
    expect(page.locator(".film")).to_be_in_viewport()
    view, low = room(page)
    assert view > 200
    # By button.
    page.click(GRIP)
    expect(page.locator(GRIP)).to_have_attribute("aria-expanded", "true")
    view, high = room(page)
    assert high > low + 100
    assert view > 90, "the picture stays in sight"
    # By keys.
    page.focus(GRIP)
    page.keyboard.press("ArrowDown")
    expect(page.locator(GRIP)).to_have_attribute("aria-expanded", "false")
    assert room(page)[1] == pytest.approx(low, abs=1)
    # By drag, up and down; a short pull changes nothing.
    for pull, state in ((-160, "true"), (20, "true"), (160, "false")):
        box = page.locator(GRIP).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + 12
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, y + pull / 2, steps=3)
        page.mouse.move(x, y + pull, steps=3)
        page.mouse.up()
        page.wait_for_timeout(50)
        expect(page.locator(GRIP)).to_have_attribute("aria-expanded", state)
    # The chip leads to the audience, the tabs back to the list.
    page.click("[data-audience-chip]")
    expect(page.locator("[name=audience]:checked")).to_be_focused()
    expect(page.locator("#tab-post")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".dossier:not([hidden]) .dossier__side")).to_be_hidden()
    page.focus("#tab-post")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tab-list")).to_be_focused()
    expect(page.locator(".dossier:not([hidden]) .dossier__side")).to_be_visible()


def test_a_mask_explains_itself_on_hover_focus_and_touch(
    browser: Browser, phone: PageOf
) -> None:
    """In the feed and on the post, in words, and gone again with Escape."""
    page = phone("ben")
    page.goto(phone.site + "/")
    post = first(page, "main a[href*='/p/']", "/p/")
    for path in ("/", post):
        page.goto(phone.site + path)
        mark = page.locator(".picture__mark button").first
        why = page.locator(".picture__why").first
        expect(mark).to_contain_text("hidden by")
        expect(why).to_be_hidden()
        mark.hover()
        expect(why).to_be_visible()
        page.mouse.move(2, 2)
        expect(why).to_be_hidden()
        mark.focus()
        expect(why).to_be_visible()
        page.keyboard.press("Escape")
        expect(why).to_be_hidden()
        name = mark.evaluate("one => one.getAttribute('aria-describedby')")
        assert why.get_attribute("id") == name
    touch = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    finger = touch.new_page()
    finger.goto(phone.site + post)
    finger.locator(".picture__mark button").first.tap()
    expect(finger.locator(".picture__why").first).to_be_visible()
    touch.close()
