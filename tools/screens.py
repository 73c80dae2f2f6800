"""Pictures of every page of a served demo, for docs/screens and for a designer's eye.

    make screens                     # of a demo that it serves itself
    python -m tools.screens http://localhost:8000 --password … --out FOLDER

Two widths, light and dark, and pages that differ as each of the six people sees them.
An index, README.md, shows them all.
"""

from __future__ import annotations

import argparse
import io
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tools.served import PASSWORD, demo
from tools.views import View, every_view

ColorScheme = Literal["light", "dark"]
WIDTHS = {"phone": (390, 844), "desk": (1280, 860)}
SCHEMES: tuple[ColorScheme, ...] = ("light", "dark")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_QUALITY = 72
_PHONE = 390
_DESK = 960
"""How wide a picture of a desk is kept."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("site", nargs="?", default="", help="else one of its own")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--out", type=Path, default=Path("docs/screens"))
    parser.add_argument("--only", default="", help="names that contain this")
    parser.add_argument("--width", choices=WIDTHS, default="")
    parser.add_argument("--scheme", choices=SCHEMES, default="")
    parser.add_argument(
        "--full", action="store_true", help="whole pages, not one screen"
    )
    parser.add_argument("--large", action="store_true", help="in full size")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    names: dict[str, None] = {}
    with demo(asked.site) as asked.site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS
        )
        for width in [asked.width] if asked.width else WIDTHS:
            for scheme in [asked.scheme] if asked.scheme else SCHEMES:
                for view, png in taken(browser, asked, WIDTHS[width], scheme):
                    names[view.name] = None
                    file = asked.out / f"{view.name}-{width}-{scheme}.webp"
                    with Image.open(io.BytesIO(png)) as shot:
                        kept = shot if asked.large else smaller(shot)
                        kept.save(file, quality=_QUALITY, method=6)
                    print(file, flush=True)
        browser.close()
    if not (asked.only or asked.width or asked.scheme):
        (asked.out / "README.md").write_text(index(names), "utf-8")


def smaller(shot: Image.Image) -> Image.Image:
    """As wide as the index shows it at most."""
    wide = _PHONE if shot.width <= _PHONE else _DESK
    return shot.resize((wide, round(shot.height * wide / shot.width)))


def index(names: Iterable[str]) -> str:
    """The gallery: each page at both widths, in both schemes."""
    lines = [
        "# The face of NoPeek",
        "",
        "Made by `make screens` from the demo that `make run` fills; photos and people",
        "are invented or free ([demo.md](../demo.md)). The language they are drawn in",
        "stands in [design.md](../design.md).",
    ]
    for name in names:
        title = name.replace("-", " ").capitalize()
        cells = [
            f'<img src="{name}-{width}-{scheme}.webp" height="360" '
            f'alt="{title}, {width}, {scheme}">'
            for width in WIDTHS
            for scheme in SCHEMES
        ]
        lines += ["", f"## {title}", "", " ".join(cells)]
    return "\n".join(lines) + "\n"


def taken(
    browser: Browser,
    asked: argparse.Namespace,
    size: tuple[int, int],
    scheme: ColorScheme,
) -> Iterator[tuple[View, bytes]]:
    """Every page at one size in one colour scheme, as PNG."""
    with pages(browser, asked, size, scheme) as page_of:
        for view in every_view(page_of):
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
    page_of.close()


class PageOf:
    def __init__(
        self,
        browser: Browser,
        site: str,
        password: str,
        size: tuple[int, int],
        scheme: ColorScheme,
        still: bool = False,
    ) -> None:
        """``still``: styles may be added to pages, to hold them still."""
        self.browser, self.site, self.password = browser, site, password
        self.size, self.scheme, self.still = size, scheme, still
        self.open: dict[str, Page] = {}

    def __call__(self, person: str) -> Page:
        if person in self.open:
            return self.open[person]
        width, height = self.size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=self.scheme,
            reduced_motion="reduce",
            bypass_csp=self.still,
        )
        page = context.new_page()
        self.open[person] = page
        if person:
            log_in(page, self.site, person, self.password)
        return page

    def close(self) -> None:
        for page in self.open.values():
            page.context.close()


def log_in(page: Page, site: str, person: str, password: str) -> None:
    page.goto(site + "/accounts/login/")
    page.fill("[name=login]", person)
    page.fill("[name=password]", password)
    page.click("main form button[type=submit]")
    page.wait_for_url(site + "/")


if __name__ == "__main__":
    main()
