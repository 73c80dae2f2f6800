"""The ids of the demo's posts: known before they are made, guessed by nobody."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from django.conf import settings


def post_id(slug: str) -> uuid.UUID:
    """The public id of a post of the demo of this site."""
    key = settings.SECRET_KEY.encode()
    mac = hmac.new(key, f"demo post {slug}".encode(), hashlib.sha256).digest()
    return uuid.UUID(bytes=mac[:16], version=4)
