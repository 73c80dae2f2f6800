"""Pages of posts: home, explore, profiles, one post, notifications."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.adapter import is_own_path
from accounts.models import User
from accounts.relations import access_person
from accounts.ties import tie_with
from accounts.views import me
from feeds import services, timeline
from feeds.bundles import bundles
from feeds.notify import unread, visible_notifications
from feeds.threads import threads
from gallery.access import PostGrant, access_post
from gallery.dossiers import findings_of, labels
from gallery.meters import of_own

TOLD = 30
"""Notifications on one page."""
_PIECE = {
    "feeds/home.html": "feeds/_entries.html",
    "feeds/explore.html": "feeds/_tiles_whose.html",
    "feeds/profile.html": "feeds/_tiles.html",
}
"""What comes next in a list, by its page."""
LONGEST_NUMBER = 6
"""Digits of a page's number; more is not a number that anybody has pages for."""


def _feed(
    request: HttpRequest, page: timeline.Page, template: str, **context: Any
) -> HttpResponse:
    """A whole page, or the next piece of the list for htmx."""
    context |= {"page": page, "more_url": _more(request, page.next)}
    if getattr(request, "htmx", False) and request.GET.get("cursor"):
        template = _PIECE[template]
    return render(request, template, context)


def _more(request: HttpRequest, cursor: str) -> str:
    return f"{request.path}?cursor={cursor}" if cursor else ""


def _cursor(request: HttpRequest) -> str:
    return request.GET.get("cursor", "")


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The feed of whom one follows; signed out, the front page."""
    if not request.user.is_authenticated:
        return render(request, "feeds/front.html")
    if "fresh" in request.GET:
        return render(request, "feeds/_fresh.html")
    try:
        page = timeline.home(request.user, _cursor(request))
    except timeline.BadCursor:
        return redirect("home")
    meet = [] if request.GET.get("cursor") else timeline.to_meet(request.user)
    return _feed(request, page, "feeds/home.html", meet=meet)


@require_GET
def explore(request: HttpRequest) -> HttpResponse:
    """What is for everyone."""
    try:
        page = timeline.explore(request.user, _cursor(request))
    except timeline.BadCursor:
        return redirect("explore")
    return _feed(request, page, "feeds/explore.html")


@require_GET
def profile(request: HttpRequest, username: str) -> HttpResponse:
    """One person, and what the viewer may see of their posts.

    Absent, gone and blocked are the same 404.
    """
    person = access_person(request.user, username)
    try:
        page = timeline.profile(request.user, person, _cursor(request))
    except timeline.BadCursor:
        return redirect("profile", username=person.username)
    tie = tie_with(request.user, person)
    return _feed(request, page, "feeds/profile.html", person=person, tie=tie)


@require_GET
def post(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One post with what is said below it."""
    return _post(request, public_id)


def _post(
    request: HttpRequest, public_id: uuid.UUID, status: int = 200, **context: Any
) -> HttpResponse:
    entry = timeline.entry(request.user, public_id)
    context |= {"entry": entry, "threads": threads(request.user, entry.grant)}
    if entry.grant.mine:
        context["own"] = _own(me(request), entry.grant)
    part = request.headers.get("HX-Target") == "comments"
    template = "feeds/_comments.html" if part else "feeds/post.html"
    return render(request, template, context, status=status)


def _own(owner: User, grant: PostGrant) -> list[dict[str, object]]:
    """The owner's pictures with what was found in them, in words."""
    photos = [media.public_id for media in grant.media]
    found, told = findings_of(photos), of_own(owner, photos)
    return [
        {
            "grant": media,
            "labels": labels(found[media.public_id]),
            "measured": told.get(media.public_id, ()),
        }
        for media in grant.media
    ]


@login_required
@require_POST
def like(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    services.like(me(request), public_id)
    return _liked(request, public_id)


@login_required
@require_POST
def unlike(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    services.unlike(me(request), public_id)
    return _liked(request, public_id)


def _liked(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    if getattr(request, "htmx", False):
        entry = timeline.entry(request.user, public_id)
        return render(request, "feeds/_like.html", {"entry": entry})
    return _back(request, public_id)


@login_required
@require_POST
def comment(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Comment, or reply where ``parent`` names a comment."""
    text = request.POST.get("text", "")
    try:
        parent = uuid.UUID(given) if (given := request.POST.get("parent")) else None
    except ValueError as error:
        raise Http404 from error
    try:
        services.comment(me(request), public_id, text, parent)
    except services.Refused as refused:
        context = {"problem": str(refused), "draft": text, "draft_parent": given}
        # htmx shows only what succeeded.
        status = 200 if getattr(request, "htmx", False) else 422
        return _post(request, public_id, status=status, **context)
    if getattr(request, "htmx", False):
        return _post(request, public_id)
    return _back(request, public_id)


@login_required
@require_POST
def delete_comment(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    key = services.delete_comment(me(request), public_id)
    if getattr(request, "htmx", False):
        access_post(request.user, key)
        return _post(request, key)
    return _back(request, key)


def _back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    where = request.POST.get("next")
    if where and is_own_path(request, where):
        return redirect(where)
    return redirect("post", public_id=public_id)


@login_required
@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    """What one was told of, newest first."""
    if "fresh" in request.GET:
        return render(request, "feeds/_fresh.html")
    rows = visible_notifications(request.user)
    number = request.GET.get("page", "0")
    known = number.isascii() and number.isdecimal() and len(number) < LONGEST_NUMBER
    start = int(number) * TOLD if known else 0
    shown = list(rows[start : start + TOLD + 1])
    more = f"?page={start // TOLD + 1}" if len(shown) > TOLD else ""
    context = {"bundles": bundles(me(request), shown[:TOLD]), "more_url": more}
    return render(request, "feeds/notifications.html", context)


@login_required
@require_POST
def read_notifications(request: HttpRequest) -> HttpResponse:
    """All of them are read, or those that are named."""
    try:
        named = [uuid.UUID(one) for one in request.POST.getlist("id")]
    except ValueError as error:
        raise Http404 from error
    services.read_notifications(me(request), named or None)
    if not named and getattr(request, "htmx", False):
        return HttpResponse(status=204)
    return redirect("notifications")


@login_required
@require_GET
def count_notifications(request: HttpRequest) -> HttpResponse:
    """The number on the bell, for open pages that were told of something new."""
    return HttpResponse(unread(me(request)) or "", content_type="text/plain")
