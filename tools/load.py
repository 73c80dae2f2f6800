"""How quickly a served site answers, at rest and while it scans.

    python -m tools.load [http://localhost:8000 --password …] [--scans 6]

One person uploads drawn photos of 12 megapixels, another one asks for pages all the while. Every
page is timed twice in the same run, at rest and under scans, beside the floor of an
answer that asks nothing of the database (``/healthz``), so that ratios can be compared
between machines. The photos are deleted in the end.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus

import httpx
import numpy as np
from PIL import Image, ImageDraw

from tools.served import PASSWORD, demo

PAGES = ("/healthz", "/", "/explore/", "/notifications/")


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one page."""

    page: str
    p50: float
    p95: float
    count: int


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("site", nargs="?", default="", help="else one of its own")
    parser.add_argument("--poster", default="ana")
    parser.add_argument("--reader", default="ben")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--scans", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=60, help="of each page, at rest")
    asked = parser.parse_args()
    with (
        demo(asked.site) as asked.site,
        logged_in(asked.site, asked.poster, asked.password) as poster,
        logged_in(asked.site, asked.reader, asked.password) as reader,
    ):
        rounds = iter(range(asked.rounds))
        rest = ask(reader, lambda: next(rounds, None) is not None)
        taken = [upload(poster, number) for number in range(asked.scans)]
        busy = ask(reader, lambda: working(poster, taken[-1][1]))
        for _, media in taken:
            poster.delete(f"/api/v1/media/{media}", headers=token(poster))
    print("| page | at rest p50 / p95 ms | during scans p50 / p95 ms | answers |")
    print("|---|---|---|---|")
    for before, after in zip(rest, busy, strict=True):
        print(
            f"| `{before.page}` | {before.p50:.0f} / {before.p95:.0f} "
            f"| {after.p50:.0f} / {after.p95:.0f} | {before.count} / {after.count} |"
        )
    answered = sorted(ms for ms, _ in taken)
    middle = answered[len(answered) // 2]
    print(f"\nAn upload of 12 megapixels: {middle:.0f} ms (median of {len(taken)}).")


@contextlib.contextmanager
def logged_in(site: str, name: str, password: str) -> Iterator[httpx.Client]:
    """A client with that person's session."""
    with httpx.Client(base_url=site, timeout=60) as client:
        client.get("/accounts/login/").raise_for_status()
        answer = client.post(
            "/accounts/login/",
            data={"login": name, "password": password},
            headers=token(client),
        )
        if answer.status_code != HTTPStatus.FOUND:
            raise SystemExit(f"{name} could not log in: {answer.status_code}")
        yield client


def token(client: httpx.Client) -> dict[str, str]:
    """What proves to the site that a change was asked for from its own pages."""
    name = next(name for name in client.cookies if name.endswith("csrftoken"))
    return {"X-CSRFToken": client.cookies[name], "Referer": str(client.base_url)}


def photo(seed: int) -> bytes:
    """A JPEG of 4000 x 3000 pixels: soft colours, grain and a few lines of text."""
    noise = np.random.default_rng(seed)
    small = noise.integers(60, 200, (30, 40, 3), dtype=np.uint8)
    image = Image.fromarray(small).resize((4000, 3000), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    rows = random.Random(seed)
    for row in range(4):
        pen.text(
            (400, 500 + 400 * row),
            f"Call me on +49 30 {rows.randrange(10**6, 10**7)}",
            fill="black",
            font_size=110,
        )
    out = io.BytesIO()
    image.save(out, "jpeg", quality=90)
    return out.getvalue()


def upload(client: httpx.Client, seed: int) -> tuple[float, str]:
    """Milliseconds until the site has taken a photo, and its public id."""
    post = client.post("/api/v1/posts", json={}, headers=token(client))
    post.raise_for_status()
    draft = str(post.json()["id"])
    files = {"file": ("photo.jpg", photo(seed), "image/jpeg")}
    begun = time.perf_counter()
    address = f"/api/v1/posts/{draft}/media"
    answer = client.post(address, files=files, headers=token(client))
    answer.raise_for_status()
    return (time.perf_counter() - begun) * 1000, str(answer.json()["media"]["id"])


def working(client: httpx.Client, media: str) -> bool:
    """Whether a photo is still on its way, or waits for its turn."""
    answer = client.get(f"/api/v1/media/{media}").raise_for_status()
    return bool(answer.json()["state"]["working"])


def ask(client: httpx.Client, going_on: Callable[[], bool]) -> list[Times]:
    """Ask for every page in turn as long as ``going_on``."""
    times: dict[str, list[float]] = {page: [] for page in PAGES}
    while going_on():
        for page in PAGES:
            begun = time.perf_counter()
            answer = client.get(page)
            times[page].append((time.perf_counter() - begun) * 1000)
            if answer.status_code != HTTPStatus.OK:
                raise SystemExit(f"{page} answered {answer.status_code}")
    return [summary(page, found) for page, found in times.items() if found]


def summary(page: str, found: list[float]) -> Times:
    p50, p95 = (float(np.percentile(found, share)) for share in (50, 95))
    return Times(page, p50, p95, len(found))


if __name__ == "__main__":
    main()
