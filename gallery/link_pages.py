"""What a link's visitor gets: a cover where it is guarded, the post, and its pictures.

Every answer, 404 included, carries the same headers: nothing is kept, no address goes
into a Referer, no engine lists it. A link that never was, is over, was opened often
enough or has nothing to show is one and the same 404.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.addresses import client_ip
from gallery import delivery, links
from gallery.access import PostGrant, access_linked
from gallery.models import Link

COOKIE = "nopeek-visit"
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


class Tries(SimpleRateThrottle):
    """Passwords for one link from one address. (All of them together end the link.)"""

    rate = "10/hour"

    def get_cache_key(self, request: Request, view: Any) -> str:
        link: Link = view
        place = f"{link.pk}\n{client_ip(cast('HttpRequest', request))}"
        return f"link-tries-{hashlib.sha256(place.encode()).hexdigest()}"


def sealed(view: View[P]) -> View[P]:
    """Set the headers that every answer about a link has; make 404s alike."""

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = render(request, "404.html", status=404)
        response["Cache-Control"] = "private, no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow, noimageindex"
        return response

    return cast("View[P]", guarded)


# A form on a page without a Referer says "Origin: null", which no CSRF check lets pass.
# None is lost: whoever posts here has the address, and gains or spoils no one's login.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@sealed
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The post, or the cover that asks for a password or a deliberate opening."""
    found = links.find(token)
    grant = access_linked(request.user, found, token)
    if not found.guarded:
        if request.method == "GET":
            links.count_opening(found)
        return _page(request, grant)
    if _visits(request, found):
        return _page(request, grant)
    if not links.has_openings_left(found):
        raise Http404
    if request.method == "POST":
        return _open(request, found, token)
    return _cover(request, found)


@require_safe
@sealed
def link_bytes(
    request: HttpRequest, token: str, public_id: uuid.UUID, size: str, ext: str
) -> HttpResponse:
    """One picture of the post, in the link's version, while the link holds."""
    try:
        found = links.find(token)
        if found.guarded and not _visits(request, found):
            raise Http404
        grant = access_linked(request.user, found, token)
        picture = next((one for one in grant.media if one.public_id == public_id), None)
        if picture is None:
            raise Http404
        return delivery.respond(
            request, delivery.find(picture, size, ext), accelerated=False
        )
    except Http404:
        return delivery.nothing()


def _page(request: HttpRequest, grant: PostGrant) -> HttpResponse:
    return render(request, "gallery/linked.html", {"grant": grant})


def _cover(request: HttpRequest, link: Link, problem: str = "") -> HttpResponse:
    status = {"wrong": 403, "often": 429}.get(problem, 200)
    context = {"asks_password": bool(link.password), "problem": problem}
    response = render(request, "gallery/link_cover.html", context, status=status)
    if problem == "often":
        response["Retry-After"] = "3600"
    return response


def _open(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    if link.password:
        if not Tries().allow_request(cast("Request", request), cast("Any", link)):
            return _cover(request, link, "often")
        if not links.is_right(link, request.POST.get("password", "")[:1024]):
            return _cover(request, link, "wrong")
    links.count_opening(link)
    response = redirect("link", token)
    response.set_cookie(
        COOKIE,
        links.visit(link),
        max_age=links.VISIT,
        path=reverse("link", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _visits(request: HttpRequest, link: Link) -> bool:
    return links.is_visit(link, request.COOKIES.get(COOKIE, ""))
