"""How long the body of a request may be, decided before it is read.

Django under ASGI writes a body to a temporary file before any view or upload handler
sees the request, so a limit that is to save the disk has to stand in front of it. A
declared length is refused at once, an undeclared one as soon as it is too long.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

ROOM = 1024 * 1024
"""For the other fields of a form, and for what multipart adds."""
SCRIPTED = "/upload"
"""How addresses end that scripts upload to and read problems from."""


class BodyLimit:
    """Answers 413 to what is longer than ``longest`` and reads no more of it."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        most = longest(scope)
        if _declared(scope) > most:
            await _refuse(scope, send)
            return
        await self._counted(scope, receive, send, most)

    async def _counted(self, scope: Any, receive: Any, send: Any, most: int) -> None:
        read = 0
        over = False

        async def counting() -> Any:
            nonlocal read, over
            message = await receive()
            read += len(message.get("body", b""))
            if read > most and not over:
                over = True
                await _refuse(scope, send)
            # To Django it looks as if the client had left: it drops what it has.
            return {"type": "http.disconnect"} if over else message

        async def silent(message: Any) -> None:
            if not over:
                await send(message)

        await self.inner(scope, counting, silent)


def longest(scope: Any) -> int:
    """Bytes that a body of this request may have."""
    one: int = settings.NOPEEK_LIMITS["bytes"]
    kind = _header(scope, b"content-type")
    if not kind.startswith(b"multipart/form-data"):
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) + ROOM
    if scope["path"] == "/share/":  # the form without scripts sends several at once
        return one * int(settings.NOPEEK_LIMITS["files_per_post"]) + ROOM
    return one + ROOM


def _declared(scope: Any) -> int:
    length = _header(scope, b"content-length")
    return int(length) if length.isdigit() else 0


def _header(scope: Any, name: bytes) -> bytes:
    found: bytes = dict(scope["headers"]).get(name, b"")
    return found


async def _refuse(scope: Any, send: Any) -> None:
    scripted = scope["path"].startswith("/api/") or scope["path"].endswith(SCRIPTED)
    most = settings.NOPEEK_LIMITS["bytes"] // (1 << 20)
    words = _("This is larger than %(most)d MB: export it smaller and retry.") % {
        "most": most
    }
    if scripted:
        kind = b"application/problem+json"
        problem = {
            "type": "about:blank",
            "title": "Too large",
            "status": 413,
            "code": "too_large",
            "detail": words,
        }
        body = json.dumps(problem).encode()
    else:
        kind = b"text/html; charset=utf-8"
        body = render_to_string("413.html", {"words": words}).encode()
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"private, no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'"),
        (b"referrer-policy", b"same-origin"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
