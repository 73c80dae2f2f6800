"""A body that is too long is refused before it is read, with words for whoever sent it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.asgi import get_asgi_application

from nopeek_site.bodies import ROOM, BodyLimit

FORM = b"multipart/form-data; boundary=x"
LIMIT = 2_000_000


@pytest.fixture(autouse=True)
def small(settings: Any) -> None:
    settings.NOPEEK_LIMITS = {**settings.NOPEEK_LIMITS, "bytes": LIMIT}
    settings.ALLOWED_HOSTS = ["*"]


class Exchange:
    """One request, sent in parts; counts how many of them were taken."""

    def __init__(self, path: str, parts: Iterator[bytes], **headers: bytes) -> None:
        self.parts, self.taken, self.ended = parts, 0, False
        self.sent: list[dict[str, Any]] = []
        named = [
            (name.replace("_", "-").encode(), text) for name, text in headers.items()
        ]
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "server": ("testserver", 80),
            "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"testserver"), *named],
        }

    async def receive(self) -> dict[str, Any]:
        if self.ended:  # the client waits for its answer
            await asyncio.Event().wait()
        part = next(self.parts, None)
        self.ended = part is None
        self.taken += not self.ended
        return {
            "type": "http.request",
            "body": part or b"",
            "more_body": not self.ended,
        }

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def goes(self) -> tuple[int, dict[str, str], bytes]:
        application = BodyLimit(get_asgi_application())
        async_to_sync(application)(self.scope, self.receive, self.send)
        starts = [one for one in self.sent if one["type"] == "http.response.start"]
        assert len(starts) == 1
        headers = {
            name.decode().lower(): text.decode() for name, text in starts[0]["headers"]
        }
        body = b"".join(one.get("body", b"") for one in self.sent)
        return starts[0]["status"], headers, body


def parts(count: int) -> Iterator[bytes]:
    return iter([b"\0" * 65536] * count)


@pytest.mark.parametrize(
    "path", ["/api/v1/posts/x/media", "/share/8b5b/upload", "/share/8b5b/media"]
)
def test_a_declared_length_is_refused_unread(path: str) -> None:
    exchange = Exchange(
        path,
        parts(200),
        content_type=FORM,
        content_length=str(LIMIT + ROOM + 1).encode(),
    )
    status, headers, body = exchange.goes()
    assert status == 413
    assert exchange.taken == 0
    assert headers["cache-control"] == "private, no-store"
    if path.endswith("/media") and path.startswith("/share"):
        assert b"larger than 1 MB" in body
        assert headers["content-type"].startswith("text/html")
    else:
        problem = json.loads(body)
        assert headers["content-type"] == "application/problem+json"
        assert (problem["status"], problem["code"]) == (413, "too_large")
        assert "larger than 1 MB" in problem["detail"]


def test_an_undeclared_length_is_refused_as_soon_as_it_is_too_long() -> None:
    exchange = Exchange("/api/v1/posts/x/media", parts(500), content_type=FORM)
    status, _headers, _body = exchange.goes()
    assert status == 413
    assert exchange.taken == (LIMIT + ROOM) // 65536 + 1


def test_nothing_of_it_stays_on_the_disk(settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    Exchange("/share/x/upload", parts(500), content_type=FORM).goes()
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_upload_has_a_smaller_limit() -> None:
    length = str(LIMIT + ROOM + 2_000_000).encode()
    kind = {"content_type": b"application/json"}
    assert (
        Exchange("/api/v1/posts", parts(0), content_length=length, **kind).goes()[0]
        == 413
    )


@pytest.mark.django_db
def test_several_photos_in_one_plain_form_and_short_bodies_go_through() -> None:
    length = str(3 * LIMIT).encode()
    many = Exchange("/share/", parts(0), content_type=FORM, content_length=length)
    assert many.goes()[0] != 413
    short = Exchange("/api/v1/posts", iter([b"{}"]), content_type=b"application/json")
    assert short.goes()[0] in (401, 403)
