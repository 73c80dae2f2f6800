"""Grant -> bytes. The address of a picture is the same for everybody; the bytes are not.

Each request passes the one door. The strong ETag is bound to the recipe of what was
granted, so a browser that comes back after its viewer's tier, the mask or the rules have
changed gets the new picture, and the part of one version is never joined to another.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.relations import Viewer, access_person
from gallery import storage, vault
from gallery.access import Grant, access_media, see_as
from gallery.models import Media, Rendition, SealedObject
from privacy.core.types import Tier

log = structlog.get_logger(__name__)

SIZES = ("thumb", "feed", "full")
FORMATS = {"jpg": ("jpeg",), "webp": ("webp",), "avif": ("avif", "webp")}
"""What an ending asks for, best first. AVIF is made of one size only, and not of what
was rendered before it was; whoever can show it can show WebP."""
TYPES = {"jpeg": "image/jpeg", "webp": "image/webp", "avif": "image/avif"}
OWN_KIND = {"thumb": "owner_thumb", "feed": "owner_feed", "full": "owner_full"}
"""Which sealed object the owner gets; the master itself goes out in exports only."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


@dataclass(frozen=True, slots=True)
class Bytes:
    """What may go out: where it lies, or the bytes themselves once decrypted."""

    kind: str
    etag: str
    key: str = ""
    media_id: int = 0
    type: str = ""

    def read(self) -> bytes:
        """The whole object.

        Raises:
            Http404: it is gone from the storage, or its key has been destroyed.
        """
        try:
            if self.key:
                return storage.get(storage.renditions(), self.key)
            media = Media.objects.get(pk=self.media_id)
            return vault.open_sealed(media, self.kind)
        except (FileNotFoundError, Media.DoesNotExist, vault.VaultError) as error:
            log.warning("delivery.missing", reason=type(error).__name__)
            raise Http404 from error


@require_safe
def media_bytes(
    request: HttpRequest, public_id: uuid.UUID, size: str, ext: str
) -> HttpResponse:
    """The pixels that this viewer gets of a Media.

    ``?as=full|semi|none|@name`` lets the owner have what another gets, byte for byte.
    Whatever may not be seen, does not exist or is no size of ours is one same 404.
    """
    try:
        grant = granted(request, public_id)
        return respond(request, find(grant, size, ext))
    except Http404:
        return nothing()


def nothing() -> HttpResponse:
    """The one answer for whatever may not be had."""
    return _locked(HttpResponse("Not found.\n", status=404), "text/plain")


def granted(request: HttpRequest, public_id: uuid.UUID) -> Grant:
    """The Grant of who asks, or what ``?as=`` asks for.

    Raises:
        Http404: there is none.
    """
    viewer, person = request.user, request.GET.get("as", "")
    if not person:
        return access_media(viewer, public_id)
    grant = see_as(viewer, public_id, who(viewer, person))
    if grant is None:
        raise Http404
    return grant


def who(owner: Viewer, person: str) -> Tier | User:
    """Whom the owner asks about: a tier by its word, or a person by ``@name``.

    Raises:
        Http404: there is no such person for the owner.
    """
    try:
        return Tier.parse(person)
    except ValueError:
        return access_person(owner, person.removeprefix("@"))


def find(grant: Grant, size: str, ext: str) -> Bytes:
    """What the Grant stands for at this size, and its ETag.

    Raises:
        Http404: it is not stored (yet), or there is no such size or ending.
    """
    if size not in SIZES or ext not in FORMATS:
        raise Http404
    if grant.mine:
        row = SealedObject.objects.filter(
            media_id=grant.media_id, kind=OWN_KIND[size]
        ).first()
        if row is None:
            raise Http404
        etag = _etag(grant, "owner", row.kind, str(row.version))
        return Bytes(row.kind, etag, media_id=grant.media_id)
    stored = dict(
        Rendition.objects.filter(
            media_id=grant.media_id,
            plan=grant.plan,
            renderer=grant.renderer,
            size=size,
            format__in=FORMATS[ext],
        ).values_list("format", "key")
    )
    form = next((form for form in FORMATS[ext] if form in stored), None)
    if form is None:
        raise Http404
    etag = _etag(grant, grant.plan, grant.renderer, f"{size}.{form}")
    return Bytes(size, etag, key=stored[form], type=TYPES[form])


def _etag(grant: Grant, *recipe: str) -> str:
    """Strong, and keyed: it tells neither the plan nor that two pictures share one."""
    text = "\n".join((str(grant.public_id), *recipe))
    digest = salted_hmac("gallery.delivery.etag", text, algorithm="sha256")
    return f'"{digest.hexdigest()[:40]}"'


def respond(
    request: HttpRequest, found: Bytes, *, accelerated: bool = True
) -> HttpResponse:
    """Send them, or say that the browser has them; one range at most.

    ``accelerated`` lets nginx send them, which sets headers of its own.
    """
    wanted = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in wanted or found.etag in (tag.removeprefix("W/") for tag in wanted):
        return _headed(HttpResponse(status=304), found.etag)
    if accelerated and found.key and settings.NOPEEK_ACCEL_PREFIX:
        response = _locked(HttpResponse(), found.type)
        response["X-Accel-Redirect"] = settings.NOPEEK_ACCEL_PREFIX + found.key
        return _headed(response, found.etag)
    data = found.read()
    part = _part(request, found.etag, len(data))
    if part is None:
        response = HttpResponse(data)
    elif not part:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{len(data)}"
    else:
        response = HttpResponse(data[part.start : part.stop], status=206)
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    response["Content-Length"] = str(len(response.content))
    response["Accept-Ranges"] = "bytes"
    if request.method == "HEAD":
        response.content = b""
    return _headed(_locked(response, found.type or _type_of(data)), found.etag)


def _part(request: HttpRequest, etag: str, length: int) -> range | None:
    """Which bytes are asked for: None for all of them, an empty range for 416.

    One range only (RFC 9110, 14.2 lets a server ignore the header): many small ones
    are a way to exhaust a server, and no picture needs them.
    """
    match = _RANGE.match(request.headers.get("Range", ""))
    condition = request.headers.get("If-Range", etag)
    if match is None or not constant_time_compare(condition, etag):
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        return range(max(0, length - int(last)), length)
    stop = min(int(last) + 1, length) if last else length
    if last and int(last) < int(first):
        return None
    return range(min(int(first), stop), stop)


def _type_of(data: bytes) -> str:
    """Of the owner's own copies, which are stored in one format each."""
    if data[:4] == b"RIFF":
        return "image/webp"
    return "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"


def _headed(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _locked(response: HttpResponse, content_type: str) -> HttpResponse:
    """Nothing but a picture, whatever a browser makes of the bytes."""
    response["Content-Type"] = content_type
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Disposition"] = "inline"
    return response
