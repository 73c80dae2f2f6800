"""What deployments get wrong, said at start-up."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register("security")
def keys(**_kwargs: Any) -> list[CheckMessage]:
    """The master key is 32 bytes of its own."""
    found: list[CheckMessage] = []
    if len(settings.NOPEEK_MASTER_KEY) != 32:
        found.append(
            Error(
                "NOPEEK_MASTER_KEY is not 32 bytes.",
                hint="python -c 'import base64, secrets; "
                "print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())'",
                id="nopeek.E001",
            )
        )
    if settings.NOPEEK_MASTER_KEY.hex() in settings.SECRET_KEY:
        found.append(
            Error("NOPEEK_MASTER_KEY equals DJANGO_SECRET_KEY.", id="nopeek.E002")
        )
    path = settings.NOPEEK_MASTER_KEY_FILE
    if path.exists() and path.stat().st_mode & 0o077:
        found.append(
            Error(
                "The file of the master key can be read by others.",
                hint=f"chmod 600 {path}",
                id="nopeek.E005",
            )
        )
    return found


@register("security")
def caching(**_kwargs: Any) -> list[CheckMessage]:
    """No shared page cache: answers depend on who asks (see docs/threat-model.md)."""
    forbidden = ("UpdateCacheMiddleware", "FetchFromCacheMiddleware")
    return [
        Error(f"{name} would show one person's page to another.", id="nopeek.E003")
        for name in settings.MIDDLEWARE
        if name.endswith(forbidden)
    ]


@register("security")
def storages(**_kwargs: Any) -> list[CheckMessage]:
    """The private storages have no public address."""
    found: list[CheckMessage] = []
    for name in ("originals", "renditions", "exports"):
        options = settings.STORAGES[name].get("OPTIONS", {})
        if options.get("base_url") or options.get("custom_domain"):
            found.append(Error(f"storage {name!r} has a public URL", id="nopeek.E004"))
    return found


@register("security")
def acceleration(**_kwargs: Any) -> list[CheckMessage]:
    """nginx can send renditions itself only from a file system."""
    prefix = settings.NOPEEK_ACCEL_PREFIX
    if not prefix:
        return []
    local = "location" in settings.STORAGES["renditions"].get("OPTIONS", {})
    local &= "bucket_name" not in settings.STORAGES["renditions"].get("OPTIONS", {})
    if local and prefix.startswith("/") and prefix.endswith("/"):
        return []
    return [
        Error(
            "NOPEEK_ACCEL_PREFIX is no internal location of nginx over the renditions.",
            hint="/_renditions/ with files, empty with an object store; "
            "see deploy/nginx.conf",
            id="nopeek.E006",
        )
    ]
