"""The service worker in a real browser: it keeps no picture, and says when it is alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Person, Site

pytestmark = pytest.mark.browser
Arrive = Callable[[str], Person]

CACHED = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const kept = await cache.match(request);
      found.push([request.url, kept.headers.get("content-type") ?? ""]);
    }
  }
  return found;
}"""


def controlled(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def test_no_cache_holds_a_picture_a_page_or_an_answer(
    arrives: Arrive, site: Site, letter: Path
) -> None:
    uma = arrives("uma")
    uma.signs_up()
    controlled(uma.page)
    draft = uma.uploads(letter)
    uma.waits_until_ready(draft)
    for path in ("/", "/explore/", "/gallery/", "/people/", draft, "/notifications/"):
        page = uma.goes(path)
        page.wait_for_load_state("networkidle")
    pictures = page.evaluate("performance.getEntriesByType('resource').length")
    assert pictures > 0
    kept = page.evaluate(CACHED)
    assert len(kept) > 15
    strange = [
        (url, kind)
        for url, kind in kept
        if not re.fullmatch(
            re.escape(site.url) + r"/static/(css|js|icons)/[\w.-]+", url
        )
    ]
    assert strange == [(site.url + "/offline/", "text/html; charset=utf-8")]
    assert not [url for url, _ in kept if "/m/" in url or "/api/" in url]
    # And the page that is kept is nobody's.
    words = page.evaluate("caches.match('/offline/').then((kept) => kept.text())")
    assert "uma" not in words
    # What the worker gives is what the site has.
    style = page.evaluate("fetch('/static/css/tokens.css').then((a) => a.text())")
    assert style == Path("static/css/tokens.css").read_text()


def test_without_a_connection_it_says_so_and_shows_nothing_old(arrives: Arrive) -> None:
    vera = arrives("vera")
    vera.signs_up()
    page = vera.goes("/explore/")
    controlled(page)
    vera.context.set_offline(True)
    page.goto(vera.site.url + "/people/")
    expect(page.locator("h1")).to_have_text("No connection")
    assert "vera" not in page.inner_text("body")
    vera.context.set_offline(False)
    page.click("a:has-text('Try again')")
    expect(page.locator("nav.nav")).to_be_visible()


def test_a_photo_taken_on_the_spot_goes_the_usual_way(
    arrives: Arrive, letter: Path
) -> None:
    walt = arrives("walt")
    walt.signs_up()
    page = walt.goes("/share/")
    camera = page.locator("input[capture]")
    assert camera.get_attribute("accept") == "image/*"
    camera.set_input_files(str(letter))
    page.wait_for_url(re.compile(r"/share/[0-9a-f-]{36}/"))
