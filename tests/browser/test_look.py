"""Every page of the demo: accessible, still, whole at every width, and our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.site import PASSWORD, Site
from tools.screens import SCHEMES, WIDTHS, ColorScheme, PageOf
from tools.views import View, every_view

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHIFTS = """
() => {
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}
"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
Visit = Callable[[ColorScheme, str], PageOf]


SETTLED = """() => new Promise(requestAnimationFrame).then(() => Promise.all(
  document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity)
    .map((one) => one.finished.catch(() => null))))"""


@pytest.fixture(scope="module")
def visit(browser: Browser, demo: Site) -> Iterator[Visit]:
    """Browsers by colour scheme and width, with everybody logged in once."""
    made: dict[tuple[str, str], PageOf] = {}

    def visit(scheme: ColorScheme, width: str) -> PageOf:
        if (scheme, width) not in made:
            size = WIDTHS[width]
            made[scheme, width] = PageOf(browser, demo.url, PASSWORD, size, scheme)
        return made[scheme, width]

    yield visit
    for page_of in made.values():
        page_of.close()


def shown(page_of: PageOf, site: Site) -> Iterator[tuple[View, Page]]:
    """Each page once; what only differs by whose pixels it shows is left out."""
    for view in every_view(page_of):
        if view.again:
            continue
        page = page_of(view.person)
        page.goto(site.url + view.path, wait_until="load")
        yield view, page


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(visit: Visit, demo: Site, width: str) -> None:
    found = {}
    for view, page in shown(visit("light", width), demo):
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.evaluate(SETTLED)  # colours on their way are no colours of ours
            results = Axe().run(page, options={"runOnly": RULES})
            if results.violations_count:
                found[view.name, scheme] = [
                    (rule["id"], [node["html"][:160] for node in rule["nodes"][:3]])
                    for rule in results.response["violations"]
                ]
        page.emulate_media(color_scheme="light")
    assert not found


def test_nothing_has_to_be_scrolled_sideways(visit: Visit, demo: Site) -> None:
    wide = {}
    for view, page in shown(visit("light", "desk"), demo):
        for width in (2560, 1280, 768, 390, 360):
            page.set_viewport_size({"width": width, "height": 860})
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if over > 0:
                wide[view.name, width] = over
    assert not wide


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_jumps_while_a_page_loads_and_scrolls(
    visit: Visit, demo: Site, width: str
) -> None:
    jumps = {}
    page_of = visit("light", width)
    for view in every_view(page_of):
        if view.again:
            continue
        page = page_of(view.person)
        wide, high = WIDTHS[width]
        page.set_viewport_size({"width": wide, "height": high})
        page.goto(demo.url + view.path, wait_until="commit")
        page.evaluate(SHIFTS)
        page.wait_for_load_state("load")
        for _ in range(6):
            page.mouse.wheel(0, 700)
            page.evaluate(DRAWN)
        jumps[view.name] = round(page.evaluate("window.shifts"), 4)
    assert max(jumps.values()) < 0.02, jumps


def test_nobody_else_is_asked_for_anything(
    browser: Browser, demo: Site, tmp_path: Path
) -> None:
    """No font, script, picture or beacon of a third party."""
    page_of = PageOf(browser, demo.url, PASSWORD, WIDTHS["desk"], "light")
    asked: set[str] = set()
    for person in ("", "ana", "ben"):
        page_of(person).context.on(
            "request", lambda request: asked.add(urlsplit(request.url).netloc)
        )
    for _, page in shown(page_of, demo):
        page.wait_for_load_state("networkidle")
    page_of.close()
    assert asked - {""} == {urlsplit(demo.url).netloc}
