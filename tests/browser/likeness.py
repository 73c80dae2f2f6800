"""Whether a page still looks as it did: perceptual, so that noise passes and faults do not.

A golden picture is the page at half size. Two pictures are compared after both were
blurred and made smaller still: grain, hinting and the antialiasing of another machine
go under in that, a moved block, a lost button or another colour does not. What differs
by nature (times, portraits that are drawn from a random id) is made the same on the
page before it is taken.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from playwright.sync_api import Page

GOLDEN = Path(__file__).with_name("golden")
FAILED = Path(__file__).resolve().parents[2] / "var" / "golden-failed"

MEAN = 1.2
"""How far two pictures may be apart on average, in steps of 255."""
SPOT = 22.0
"""How far apart the worst spot may be; a spot is some 48 px of the page across."""
_SILENT = 4.0
"""What is less than this apart is the same to the eye."""
_SHRINK = 6
_SPOT = 4

STILL = """
  *, *::before, *::after {
    animation: none !important;
    transition: none !important;
    caret-color: transparent !important;
    font-family: "DejaVu Sans", sans-serif !important;
  }
  html { scrollbar-width: none !important; }
  .avatar svg, .portraits svg, .qr { visibility: hidden !important; }
  .picture:has(> picture > img[alt*="navy uniform"]) { visibility: hidden !important; }
  .message, [data-volatile] { visibility: hidden !important; }
"""
"""One font for all machines, nothing in motion, no portrait of a random id, and not the
one sticker of the demo, which is drawn from its photo's own secret."""

DECODED = """
async () => {
  for (const picture of document.images) picture.loading = "eager";
  await document.fonts.ready;
  const inSight = [...document.images].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.top < innerHeight && box.bottom > 0;
  });
  const late = new Promise((over) => setTimeout(over, 10000));
  await Promise.race([late, Promise.allSettled(inSight.map((one) => one.decode()))]);
}
"""
"""Until every picture in sight is there."""

FREEZE = """
() => {
  for (const time of document.querySelectorAll("time")) time.textContent = "2 hours ago";
  for (const day of document.querySelectorAll(".told__day")) day.textContent = "Today";
}
"""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far apart two pictures are: on average, and where it is worst (0 to 255)."""

    mean: float
    spot: float

    @property
    def same(self) -> bool:
        return self.mean <= MEAN and self.spot <= SPOT


def taken(page: Page) -> Image.Image:
    """The page as it stands, at half size, with all that is volatile made still.

    The context has to be opened with ``bypass_csp``.
    """
    page.add_style_tag(content=STILL)
    page.evaluate(FREEZE)
    page.evaluate(DECODED)
    data = page.screenshot(animations="disabled", caret="hide")
    with Image.open(io.BytesIO(data)) as shot:
        whole = shot.convert("RGB")
    return whole.resize((whole.width // 2, whole.height // 2), Image.Resampling.BOX)


def compared(golden: Image.Image, now: Image.Image) -> Likeness:
    """Another size is another page."""
    if golden.size != now.size:
        return Likeness(255, 255)
    apart = _apart(golden, now)
    return Likeness(float(apart.mean()), float(_spots(apart).max()))


def kept(name: str) -> Image.Image | None:
    file = GOLDEN / f"{name}.webp"
    if not file.exists():
        return None
    with Image.open(file) as found:
        return found.convert("RGB")


def keep(name: str, picture: Image.Image) -> None:
    GOLDEN.mkdir(exist_ok=True)
    picture.save(GOLDEN / f"{name}.webp", quality=60, method=6)


def show_difference(name: str, golden: Image.Image | None, now: Image.Image) -> Path:
    """Golden, now, and where they differ, side by side in one file."""
    FAILED.mkdir(parents=True, exist_ok=True)
    golden = golden or Image.new("RGB", now.size, (128, 0, 64))
    panes = [golden, now]
    if golden.size == now.size:
        heat = Image.fromarray((_apart(golden, now) * 4).clip(0, 255).astype(np.uint8))
        panes.append(heat.resize(now.size, Image.Resampling.NEAREST).convert("RGB"))
    width = sum(pane.width for pane in panes) + 8 * (len(panes) - 1)
    sheet = Image.new("RGB", (width, max(pane.height for pane in panes)), (255, 0, 128))
    left = 0
    for pane in panes:
        sheet.paste(pane, (left, 0))
        left += pane.width + 8
    file = FAILED / f"{name}.png"
    sheet.save(file)
    return file


def _apart(golden: Image.Image, now: Image.Image) -> NDArray[np.float32]:
    """By cell, in the channel where it is most; what no eye tells apart is 0."""
    apart: NDArray[np.float32] = np.abs(_blurred(golden) - _blurred(now)).max(axis=2)
    return np.where(apart < _SILENT, np.float32(0), apart)


def _blurred(picture: Image.Image) -> NDArray[np.float32]:
    soft = picture.filter(ImageFilter.GaussianBlur(2))
    size = (max(1, picture.width // _SHRINK), max(1, picture.height // _SHRINK))
    return np.asarray(soft.resize(size, Image.Resampling.BOX), np.float32)


def _spots(apart: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of squares of ``_SPOT`` x ``_SPOT`` cells; what is left over at the rim too."""
    height, width = apart.shape
    rows, columns = -(-height // _SPOT), -(-width // _SPOT)
    padded = np.pad(
        apart, ((0, rows * _SPOT - height), (0, columns * _SPOT - width)), "edge"
    )
    cells: NDArray[np.float32] = padded.reshape(rows, _SPOT, columns, _SPOT)
    spots: NDArray[np.float32] = cells.mean(axis=(1, 3))
    return spots
