"""Pages of a person's own people and settings. Profiles show posts: see ``feeds``."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import services
from accounts.circles import FOLLOWER_LANES, LANES, follow_back, lane, suggestions
from accounts.forms import PrivacyForm, ProfileForm
from accounts.models import Closeness, User
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


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_profile(request: HttpRequest) -> HttpResponse:
    """Name and words about oneself."""
    return _settings(request, ProfileForm, "settings-profile")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_privacy(request: HttpRequest) -> HttpResponse:
    """Who may follow, the language and the time zone."""
    return _settings(request, PrivacyForm, "settings-privacy")


def _settings(
    request: HttpRequest, form_class: type[ProfileForm | PrivacyForm], name: str
) -> HttpResponse:
    data: QueryDict | None = request.POST if request.method == "POST" else None
    # A row of its own: a form that does not validate must not colour the page's user.
    form = form_class(data, instance=User.objects.get(pk=me(request).pk))
    if form.is_valid():
        services.update_profile(me(request), **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(name)
    status = 422 if form.errors else 200
    template = f"accounts/{name.replace('-', '_')}.html"
    return render(request, template, {"form": form}, status=status)
