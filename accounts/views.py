"""Pages of a person's own people. Profiles show posts: see ``feeds``."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.circles import FOLLOWER_LANES, LANES, follow_back, lane, suggestions
from accounts.models import Closeness, User
from accounts.relations import access_person
from accounts.ties import ties

PREVIEW = 12
"""How many people of a list stand on the overview."""
PAGE = 50


def me(request: HttpRequest) -> User:
    """The person asking, on pages that ask for a login."""
    return cast("User", request.user)


def overview(user: User) -> dict[str, Any]:
    """The context of the people page: every list with its count and its first few.

    As many queries for three people as for three thousand.
    """
    lists = {name: lane(user, name) for name in LANES}
    first = {name: list(found[:PREVIEW]) for name, found in lists.items()}
    suggested = list(suggestions(user))
    unfollowed = list(follow_back(user))
    everyone = {one.pk: one for some in first.values() for one in some}
    everyone |= {one.pk: one for one in (*suggested, *unfollowed)}
    known = {tie.person.pk: tie for tie in ties(user, everyone.values())}

    def shown(name: str) -> dict[str, Any]:
        count = lists[name].count()
        return {
            "name": name,
            "count": count,
            "ties": [known[person.pk] for person in first[name]],
            "more": count > PREVIEW,
        }

    return {
        "lanes": [shown(name) for name in FOLLOWER_LANES],
        "requests": shown("requests"),
        "others": [shown(name) for name in LANES[len(FOLLOWER_LANES) + 1 :]],
        "suggestions": [known[person.pk] for person in suggested],
        "follow_back": [known[person.pk] for person in unfollowed],
        "closeness_choices": Closeness.choices,
    }


@login_required
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everyone around: three lanes of followers, requests, follows, blocks, mutes."""
    return render(request, "accounts/people.html", overview(me(request)))


@login_required
@require_GET
def find_person(request: HttpRequest) -> HttpResponse:
    """To the page of whom one knows the exact name of; there is no search by parts.

    A name that nobody has, or that is blocked, leads to the same 404 as their page.
    """
    name = request.GET.get("name", "").strip().removeprefix("@")
    return redirect("profile", username=access_person(me(request), name).username)


@login_required
@require_GET
def people_lane(request: HttpRequest, name: str) -> HttpResponse:
    """One list in full."""
    try:
        found = lane(me(request), name)
    except KeyError as error:
        raise Http404 from error
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "lane": {
            "name": name,
            "count": page.paginator.count,
            "ties": ties(me(request), page.object_list),
        },
        "page": page,
        "closeness_choices": Closeness.choices,
    }
    return render(request, "accounts/lane.html", context)
