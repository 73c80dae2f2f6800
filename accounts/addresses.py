"""From which address a request comes, believed no further than configured."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The client's address.

    ``X-Forwarded-For`` is read only as far as ``settings.NOPEEK_PROXIES`` proxies of
    our own have written to it; what stands before that anyone can make up.
    """
    hops: int = settings.NOPEEK_PROXIES
    chain: list[str] = [
        hop.strip()
        for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if hop.strip()
    ]
    if hops and len(chain) >= hops:
        return chain[-hops]
    return str(request.META.get("REMOTE_ADDR", ""))
