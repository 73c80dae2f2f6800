"""Gallery, links and albums in a real browser, with real models behind them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import letter_photo
from tests.browser.site import Person, media_ids

pytestmark = pytest.mark.browser
Arrive = Callable[[str], Person]


def test_choose_share_by_link_and_revoke(arrives: Arrive, tmp_path: Path) -> None:
    """Keys and Shift choose; a link with a password opens once and dies by one tap."""
    files = [tmp_path / f"{n}.jpg" for n in range(2)]
    for seed, file in enumerate(files):
        file.write_bytes(letter_photo(seed=seed * 17))
    gail = arrives("gail")
    gail.signs_up()
    draft = gail.uploads(*files)
    gail.waits_until_ready(draft, count=2)

    page = gail.goes("/gallery/")
    bar = page.locator("[data-bulk]")
    items = page.locator(".gallery__item")
    expect(items).to_have_count(2)
    assert bar.evaluate("bar => bar.inert")
    page.locator("input[name=media]").first.focus()
    page.keyboard.press("Space")
    expect(bar).to_contain_text("1 chosen")
    page.keyboard.press("Shift+ArrowRight")
    expect(bar).to_contain_text("2 chosen")
    page.keyboard.press("Escape")
    assert bar.evaluate("bar => bar.inert")
    page.locator("input[name=media]").nth(0).click()
    page.locator("input[name=media]").nth(1).click(modifiers=["Shift"])
    expect(bar).to_contain_text("2 chosen")
    bar.locator("summary:has-text('Masks')").click()
    bar.locator("button:has-text('Hide all that was found')").click()
    expect(page.locator(".message")).to_contain_text("2 changed")
    gail.waits_until_ready(draft, count=2)

    page = gail.goes("/gallery/")
    page.keyboard.press("Escape")
    page.locator("input[name=media]").first.click()
    page.locator("[data-bulk] summary:has-text('Album')").click()
    page.fill("#album-name", "Letters")
    gail.sends("[data-bulk] button:has-text('Put in')")
    page = gail.goes("/albums/")
    page.click("a:has-text('Letters')")
    expect(page.locator(".gallery__item")).to_have_count(1)

    page = gail.goes(draft)
    page.click("#words button:has-text('Post')")
    page.wait_for_url(re.compile("/p/"))
    page.click("main a:has-text('Share')")
    page.fill("[name=name]", "Grandma")
    page.fill("[name=password]", "two old cats")
    page.fill("[name=most]", "1")
    page.click("button:has-text('Make the link')")
    address = page.input_value("[data-address]")
    assert re.fullmatch(rf"{gail.site.url}/l/[\w-]{{32}}/", address)

    visitor = arrives("a visitor")
    path = address.removeprefix(gail.site.url)
    page = visitor.goes(path)
    assert "gail" not in page.inner_text("body").lower()
    page.fill("[name=password]", "wrong one")
    page.click("main button[type=submit]")
    expect(page.locator("#problem")).to_be_visible()
    page.fill("[name=password]", "two old cats")
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_contain_text("Shared by gail")
    shown = page.locator(".picture img:not(.picture__placeholder)")
    expect(shown).to_have_count(2)
    shown.last.scroll_into_view_if_needed()
    page.wait_for_function(
        "[...document.querySelectorAll('.picture img:not(.picture__placeholder)')]"
        ".every(one => one.complete && one.naturalWidth > 300)"
    )
    used = shown.first.evaluate("one => one.currentSrc")
    assert used.startswith(address)
    assert page.evaluate("document.referrer") == ""
    picture = used.removeprefix(gail.site.url)
    media = media_ids(page)[0]
    assert visitor.fetches(picture)[0] == 200
    assert visitor.fetches(f"/m/{media}/feed.jpg")[0] == 404
    assert arrives("another").fetches(path)[0] == 404  # opened as often as it may be

    page = gail.goes("/settings/shared/")
    row = page.locator(".link-row:has-text('Grandma')")
    expect(row).to_have_count(1)
    # A second link, without a limit, dies while it is looked at.
    page = gail.goes(f"{draft}links")
    page.click("button:has-text('Make the link')")
    open_link = page.input_value("[data-address]").removeprefix(gail.site.url)
    other = arrives("a third")
    assert other.fetches(open_link)[0] == 200
    page = gail.goes("/settings/shared/")
    page.locator(".link-row:has-text('strangers') button:has-text('Revoke')").click()
    expect(page.locator(".link-row[data-over]:has-text('Revoked')")).to_have_count(1)
    assert other.fetches(open_link)[0] == 404


def test_at_360_pixels_and_without_scripts(arrives: Arrive, browser, site) -> None:
    """Nothing sticks out sideways, and the bar is there for those without scripts."""
    hana = arrives("hana")
    hana.signs_up()
    for path in ("/gallery/", "/albums/", "/settings/shared/"):
        page = hana.goes(path)
        page.set_viewport_size({"width": 360, "height": 740})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, path
    plain = browser.new_context(
        java_script_enabled=False, storage_state=hana.context.storage_state()
    )
    page = plain.new_page()
    page.goto(site.url + "/albums/")
    page.fill("[name=name]", "Plain")
    page.click("button:has-text('Make it')")
    assert "Plain" in page.inner_text("h1")
    plain.close()
