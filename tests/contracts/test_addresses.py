"""A1: every address x every person, against a table that is kept by hand.

``access_table.csv`` has a row for each name in the resolver and method. An address that
is not in it fails, and so does a row whose address is gone. After a wanted change,
``NOPEEK_WRITE_TABLE=1 pytest tests/contracts/test_addresses.py`` writes what is; the
difference is then to be read line by line.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from gallery import storage
from tests.contracts.addresses import World, addresses, is_own, methods_of, world

TABLE = Path(__file__).with_name("access_table.csv")
PIXELS = (
    "media_bytes",
    "media-save",
    "link-bytes",
    "export-file",
    "region-look",
    "sticker",
    "face-portrait",
)
"""The addresses that give bytes of pictures; their tests are tests/gallery/."""
PEOPLE = (
    "alice",
    "bob",
    "carol",
    "dan",
    "erin",
    "anonymous",
    "pending",
    "suspended",
    "staff",
)

pytestmark = pytest.mark.django_db


class _Undo(Exception):
    pass


@pytest.fixture
def scene() -> World:
    return world()


class Asker:
    """A browser of each person, whose every request is undone afterwards."""

    def __init__(self) -> None:
        self._clients: dict[User | None, Client] = {}

    def __call__(self, user: User | None, method: str, url: str) -> HttpResponse:
        client = self._clients.get(user)
        if client is None:
            client = self._clients[user] = Client(raise_request_exception=False)
            if user is not None:
                client.force_login(user)
        cookies = client.cookies.copy()
        response: list[HttpResponse] = []
        try:
            with transaction.atomic():
                response.append(client.generic(method, url))  # type: ignore[arg-type]
                raise _Undo
        except _Undo:
            client.cookies = cookies
            return response[0]


@pytest.fixture
def ask() -> Asker:
    return Asker()


def rows() -> list[tuple[str, str, str]]:
    """Name, route and method of everything that has to be in the table."""
    return [
        (name, route, method)
        for name, route in addresses()
        for method in methods_of(name, route)
    ]


def read() -> dict[tuple[str, str], dict[str, str]]:
    with TABLE.open(newline="") as file:
        return {(row["name"], row["method"]): row for row in csv.DictReader(file)}


def test_a1_every_address_is_in_the_table_and_no_other() -> None:
    if os.environ.get("NOPEEK_WRITE_TABLE"):
        pytest.skip("the table is being written")
    assert set(read()) == {(name, method) for name, _route, method in rows()}


def test_a1_every_address_answers_as_the_table_says(scene: World, ask: Asker) -> None:
    found = []
    for name, route, method in rows():
        url = scene.url(name, route)
        row = {"name": name, "method": method}
        for person, user in scene.viewers().items():
            row[person] = str(ask(user, method, url).status_code)
        found.append(row)
    if os.environ.get("NOPEEK_WRITE_TABLE"):
        with TABLE.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["name", "method", *PEOPLE])
            writer.writeheader()
            writer.writerows(found)
    wanted = read()
    wrong = [
        f"{row['method']} {row['name']} {person}: {row[person]}, not {was[person]}"
        for row in found
        for was in [wanted.get((row["name"], row["method"]), dict.fromkeys(PEOPLE, ""))]
        for person in PEOPLE
        if row[person] != was[person]
    ]
    assert wrong == []


def test_c2_nothing_may_be_kept_by_a_shared_cache(scene: World, ask: Asker) -> None:
    """Every answer of every address, whoever asks: pages not at all, pixels no-cache."""
    wrong = []
    for name, route, method in rows():
        url = scene.url(name, route)
        for user in (scene.six.alice, scene.six.bob, None):
            response = ask(user, method, url)
            kept = response.headers.get("Cache-Control", "")
            wanted = {"private, no-store"}
            if name == "media_bytes" and response.status_code == 200:
                wanted = {"private, no-cache"}
            strict = {part.strip() for part in kept.split(",")} >= {"no-store"}
            if kept not in wanted and not (strict and "public" not in kept):
                wrong.append(f"{method} {name}: {kept!r}")
            vary = {
                part.strip() for part in response.headers.get("Vary", "").split(",")
            }
            if not vary >= {"Cookie", "Authorization"}:
                wrong.append(f"{method} {name}: Vary {vary}")
            wrong += [
                f"{method} {name}: no {header}"
                for header in ("X-Content-Type-Options", "Referrer-Policy")
                if header not in response.headers
            ]
            if response.headers.get("Cross-Origin-Resource-Policy") != "same-origin":
                wrong.append(f"{method} {name}: CORP")
            if "Expires" in response.headers and "no-store" not in kept:
                wrong.append(f"{method} {name}: Expires")
    assert wrong == []


def test_a2_head_and_options_give_nothing_away(scene: World, ask: Asker) -> None:
    """HEAD has the verdict of GET and no body; OPTIONS never has a picture."""
    wrong = []
    for name, route in addresses():
        if not is_own(name, route):
            continue
        url = scene.url(name, route)
        for user in (scene.six.bob, scene.six.dan, None):
            got, head = ask(user, "GET", url), ask(user, "HEAD", url)
            # Where a view does not take HEAD it says so, which tells nothing.
            if head.status_code not in (got.status_code, 405):
                wrong.append(f"HEAD {name}: {head.status_code} for {got.status_code}")
            if not head.streaming and head.content:
                wrong.append(f"HEAD {name} has a body")
            options = ask(user, "OPTIONS", url)
            if options.headers.get("Content-Type", "").startswith("image/"):
                wrong.append(f"OPTIONS {name} is a picture")
    assert wrong == []


def test_c6_no_address_can_be_dressed_up_as_a_static_file(
    scene: World, ask: Asker
) -> None:
    post, media = scene.media.post.public_id, scene.media.public_id
    for base in (
        f"/m/{media}/feed.jpg",
        f"/p/{post}",
        f"/p/{post}/",
        "/u/alice",
        "/gallery",
        "/settings/data",
        f"/api/v1/media/{media}",
    ):
        for tail in ("/x.css", ";.js", "%0a.png", "/..%2fx.jpg", ".css", "%3fx.js"):
            client = Client()
            client.force_login(scene.six.alice)
            # A slash may be put to it first; what is there then is nothing.
            response = client.get(base + tail, follow=True)
            assert response.status_code == 404, base + tail


def test_a6_no_other_address_gives_pixels(scene: World, ask: Asker) -> None:
    """Whatever is no picture address has no byte of any stored object in its answer."""
    stored = [
        storage.get(storage.renditions(), key)[-200:]
        for key in scene.media.renditions.values_list("key", flat=True)
    ]
    for name, route in addresses():
        if name in PIXELS or not is_own(name, route):
            continue
        response = ask(scene.six.alice, "GET", scene.url(name, route))
        assert not response.headers.get("Content-Type", "").startswith("image/"), name
        body = b"".join(response) if response.streaming else response.content
        assert not any(tail in body for tail in stored), name
