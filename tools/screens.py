"""Pictures of every page of a served demo, for docs/screens and for a designer's eye.

    make screens                     # of a demo that it serves itself
    python -m tools.screens http://localhost:8000 --password … --out FOLDER

Two widths, light and dark, and the same post as each of the six people sees it.
"""

from __future__ import annotations

import argparse
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tools.served import PASSWORD, demo

ColorScheme = Literal["light", "dark"]
WIDTHS = {"phone": (390, 844), "desk": (1280, 860)}
SCHEMES: tuple[ColorScheme, ...] = ("light", "dark")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class View:
    """One page as one person sees it; ``""`` is a visitor without an account."""

    name: str
    path: str
    person: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("site", nargs="?", default="", help="else one of its own")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--out", type=Path, default=Path("docs/screens"))
    parser.add_argument("--only", default="", help="names that contain this")
    parser.add_argument(
        "--full", action="store_true", help="whole pages, not one screen"
    )
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with demo(asked.site) as asked.site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS
        )
        for width, (w, h) in WIDTHS.items():
            for scheme in SCHEMES:
                shots = taken(browser, asked, (w, h), scheme)
                for view, png in shots:
                    file = asked.out / f"{view.name}-{width}-{scheme}.webp"
                    Image.open(io.BytesIO(png)).save(file, quality=_QUALITY, method=6)
                    print(file)
        browser.close()


def taken(
    browser: Browser,
    asked: argparse.Namespace,
    size: tuple[int, int],
    scheme: ColorScheme,
) -> Iterator[tuple[View, bytes]]:
    """Every page at one size in one colour scheme, as PNG."""
    with pages(browser, asked, size, scheme) as page_of:
        for view in views(page_of(""), asked.site):
            if asked.only not in view.name:
                continue
            page = page_of(view.person)
            page.goto(asked.site + view.path, wait_until="load")
            page.evaluate("document.fonts.ready")
            page.wait_for_timeout(400)  # pictures fade in
            yield view, page.screenshot(full_page=asked.full)


@contextmanager
def pages(
    browser: Browser,
    asked: argparse.Namespace,
    size: tuple[int, int],
    scheme: ColorScheme,
) -> Iterator[PageOf]:
    """Browsers by person, each logged in when first asked for."""
    page_of = PageOf(browser, asked.site, asked.password, size, scheme)
    yield page_of
    for page in page_of.open.values():
        page.context.close()


class PageOf:
    def __init__(
        self,
        browser: Browser,
        site: str,
        password: str,
        size: tuple[int, int],
        scheme: ColorScheme,
    ) -> None:
        self.browser, self.site, self.password = browser, site, password
        self.size, self.scheme = size, scheme
        self.open: dict[str, Page] = {}

    def __call__(self, person: str) -> Page:
        if person in self.open:
            return self.open[person]
        width, height = self.size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=self.scheme,
            reduced_motion="reduce",
        )
        page = context.new_page()
        self.open[person] = page
        if person:
            log_in(page, self.site, person, self.password)
        return page


def log_in(page: Page, site: str, person: str, password: str) -> None:
    page.goto(site + "/accounts/login/")
    page.fill("[name=login]", person)
    page.fill("[name=password]", password)
    page.click("main form button[type=submit]")
    page.wait_for_url(site + "/")


def views(visitor: Page, site: str) -> list[View]:
    """What to show: the pages of a visitor, of a follower and of the owner."""
    visitor.goto(site + "/explore/")
    post = first(visitor, "a[href*='/p/']", "/p/")
    return [
        View("front", "/"),
        View("signup", "/accounts/signup/"),
        View("login", "/accounts/login/"),
        View("explore", "/explore/"),
        View("profile", "/u/ana/", "ben"),
        View("feed", "/", "ben"),
        View("notifications", "/notifications/", "ana"),
        View("gallery", "/gallery/", "ana"),
        View("people", "/people/", "ana"),
        View("share", "/share/", "ana"),
        View("settings-profile", "/settings/profile/", "ana"),
        View("settings-privacy", "/settings/privacy/", "ana"),
        View("settings-data", "/settings/data/", "ana"),
        View("composer", post.replace("/p/", "/share/"), "ana"),
        View("missing", "/p/00000000-0000-4000-8000-000000000000/", "ana"),
        *(
            View(f"post-{person or 'stranger'}", post, person)
            for person in ("", "dan", "ben", "carla", "ana")
        ),
    ]


def first(page: Page, selector: str, part: str) -> str:
    """The first address on a page that contains ``part``, as a path."""
    for href in page.eval_on_selector_all(selector, "all => all.map(a => a.pathname)"):
        if part in href:
            return str(href)
    raise SystemExit(f"no {selector} on {page.url}: is the demo filled?")


if __name__ == "__main__":
    main()
