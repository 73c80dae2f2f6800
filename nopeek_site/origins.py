"""Who may open a socket."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host


class SameOrigin:
    """Refuses a handshake whose Origin is absent, ``null`` or of another host.

    Browsers do not apply CORS to sockets, so this check is the only one there is.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        origin = urlsplit(headers.get(b"origin", b"").decode("latin-1"))
        host = headers.get(b"host", b"").decode("latin-1")
        domain, _port = split_domain_port(host)
        trusted = f"{origin.scheme}://{origin.netloc}" in settings.CSRF_TRUSTED_ORIGINS
        same = origin.scheme in ("http", "https") and origin.netloc == host
        allowed = settings.ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
        if not (same and validate_host(domain, allowed)) and not trusted:
            return await WebsocketDenier()(scope, receive, send)
        return await self.inner(scope, receive, send)
