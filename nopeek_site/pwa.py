"""NoPeek as an app of the device: manifest, service worker, and photos shared into it."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from gallery import services, upload
from gallery.forms import ShareForm
from privacy.core.errors import RefusedInput

KEPT = ("css", "js", "icons")
"""Folders of our own static files that the service worker keeps. Never a picture."""
SHARED_TYPES = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/heic",
    "image/heif",
    "image/avif",
    "image/gif",
)
LONGEST_CAPTION = 2200


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a device needs to know to install the site, in the person's language."""

    def icon(name: str, size: int, purpose: str) -> dict[str, str]:
        return {
            "src": static(f"icons/{name}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }

    def shortcut(name: str, url: str) -> dict[str, object]:
        return {"name": name, "url": url, "icons": [icon("icon", 192, "any")]}

    shape = {
        "id": "/",
        "name": "NoPeek",
        "short_name": "NoPeek",
        "description": _("Photos in which every viewer receives different pixels."),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf9f7",
        "theme_color": "#faf9f7",
        "categories": ["photo", "social"],
        "icons": [
            icon("icon", 192, "any"),
            icon("icon", 512, "any"),
            icon("maskable", 192, "maskable"),
            icon("maskable", 512, "maskable"),
        ],
        "shortcuts": [
            shortcut(_("Share a photo"), reverse("share")),
            shortcut(_("Notifications"), reverse("notifications")),
            shortcut(_("People"), reverse("people")),
        ],
        "share_target": {
            "action": reverse("share-target"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                "title": "title",
                "text": "text",
                "files": [{"name": "photos", "accept": list(SHARED_TYPES)}],
            },
        },
    }
    return JsonResponse(shape, content_type="application/manifest+json")


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """``static/js/sw.js`` at the root, where its scope is the whole site.

    Before it stand the addresses that it keeps and the digest of their bytes: any
    change of any of them is another worker, with a cache of its own.
    """
    kept, digest = _kept() if settings.DEBUG else _kept_once()
    offline = reverse("offline")
    head = (
        f"const VERSION = {json.dumps(digest)};\n"
        f"const OFFLINE = {json.dumps(offline)};\n"
        f"const KEPT = {json.dumps([offline, *kept])};\n"
    )
    body = head + _source("js/sw.js").decode()
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What stands where no connection is. The same for everybody; names nobody."""
    return render(request, "pwa/offline.html")


@csrf_exempt
@require_POST
def share_target(request: HttpRequest) -> HttpResponse:
    """Photos that the device's share sheet sends into the composer.

    No page of ours made this form, so it cannot carry a CSRF token; two other things
    stand in for it. The request has to come from the browser itself or from our own
    pages, which the browser says in ``Sec-Fetch-Site`` (a site cannot set or forge
    it; ``cross-site`` and ``same-site`` are refused, and where an old browser does not
    send it, ``Origin`` must be ours). And a form on another site would come without
    the session, whose cookie is ``SameSite=Lax``. What can be done is little besides: a
    draft that only the person logged in sees, and that nobody else gets to see until
    it has been scanned and they have posted it themselves.

    Who is not logged in is asked to, and to share again: what arrived is not kept.
    """
    if not _from_here(request):
        return render(request, "403_csrf.html", status=403)
    user = request.user
    if not isinstance(user, User):
        messages.info(
            request, _("Log in, then share the photo again: it was not kept.")
        )
        return redirect(f"{reverse('account_login')}?next={reverse('share')}")
    form = ShareForm(request.POST, request.FILES)
    if not form.is_valid():
        for error in form.errors.get("photos", [_("There was no photo in it.")]):
            messages.error(request, str(error))
        return redirect("share")
    post = services.start_post(user)
    arrived = 0
    for file in form.cleaned_data["photos"]:
        try:
            upload.accept(user, post, file)
            arrived += 1
        except RefusedInput as error:
            messages.error(request, f"{file.name}: {error}")
    if not arrived:
        services.delete_post(post)
        return redirect("share")
    if words := _words(request):
        services.describe(post, caption=words)
    return redirect("compose", post.public_id)


def _from_here(request: HttpRequest) -> bool:
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("none", "same-origin")
    ours = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") == ours


def _words(request: HttpRequest) -> str:
    """Title and text of what was shared, as a first caption."""
    given = (request.POST.get(name, "").strip() for name in ("title", "text"))
    return "\n".join(dict.fromkeys(filter(None, given)))[:LONGEST_CAPTION]


def _kept() -> tuple[list[str], str]:
    """Addresses of what the worker keeps, and a digest of all of it."""
    names = []
    for folder in KEPT:
        root = Path(settings.STATICFILES_DIRS[0]) / folder
        names += [
            f"{folder}/{path.name}"
            for path in sorted(root.iterdir())
            if path.suffix in (".css", ".js", ".svg", ".png") and path.name != "sw.js"
        ]
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + _source(name))
    return [static(name) for name in names], digest.hexdigest()[:16]


_kept_once = lru_cache(maxsize=1)(_kept)


def _source(name: str) -> bytes:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found).read_bytes()
