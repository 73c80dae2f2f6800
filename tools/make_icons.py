"""Makes the PNG icons of the app from our own drawing, static/icons/nopeek.svg.

    python tools/make_icons.py

Needs a Chromium (see docs/testing.md). ``icon`` is the drawing as it is; ``maskable``
fills the square, with the drawing inside the circle that every device leaves whole.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "static" / "icons"
SAFE = 0.72
"""Share of the square that the drawing takes in a maskable icon; the circle has 0.8."""


def maskable(drawing: str) -> str:
    """The drawing's ground over the whole square, and the rest of it made smaller."""
    ground = re.search(r'<rect [^>]*fill="([^"]+)"/>', drawing)
    if ground is None:
        raise SystemExit("the drawing has no ground")
    head, rest = drawing.split(ground[0])
    body = rest.removesuffix("</svg>")
    inset = 16 * (1 - SAFE)
    return (
        f'{head}<rect width="32" height="32" fill="{ground[1]}"/>'
        f'<g transform="translate({inset} {inset}) scale({SAFE})">{body}</g></svg>'
    )


def shoot(browser: Browser, drawing: str, size: int, file: Path) -> None:
    page = browser.new_page(viewport={"width": size, "height": size})
    page.set_content(
        "<style>*{margin:0}svg{display:block;width:100vw;height:100vh}</style>"
        + drawing
    )
    page.screenshot(path=file, omit_background=True)
    page.close()
    print(file.name, file.stat().st_size, "bytes")


def main() -> None:
    drawing = (FOLDER / "nopeek.svg").read_text("utf-8").strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for size in (192, 512):
            shoot(browser, drawing, size, FOLDER / f"icon-{size}.png")
            shoot(browser, maskable(drawing), size, FOLDER / f"maskable-{size}.png")
        # iOS rounds the corners itself.
        shoot(browser, maskable(drawing), 180, FOLDER / "apple-180.png")
        browser.close()


if __name__ == "__main__":
    main()
