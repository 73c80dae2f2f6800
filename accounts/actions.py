"""What is done to a person, by a form or by htmx: ``POST /u/<name>/<verb>``.

Each verb works without JavaScript (it goes back to where the form stood) and, with
htmx, answers with the fragment in which the form stood: the people page or a button.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from accounts import lanes, services
from accounts.adapter import is_own_path
from accounts.forms import ClosenessForm
from accounts.models import Closeness, User
from accounts.relations import Absent, access_person, blocked_either_way
from accounts.ties import tie_with
from accounts.views import me, overview

Verb = Callable[[User, User], object]


def _blocked_by(user: User, username: str) -> User:
    """Someone on the user's own list of the blocked.

    Raises:
        Absent: there is nobody of that name on it.
    """
    found = (
        User.objects.filter(blocks_in__blocker=user)
        .alias(folded=Lower("username"))
        .filter(folded=username.lower())
        .first()
    )
    if found is None:
        raise Absent
    return found


VERBS: dict[str, Verb] = {
    "follow": services.follow,
    "withdraw": services.withdraw,
    "accept": services.accept,
    "decline": services.decline,
    "remove": services.remove_follower,
    "block": services.block,
    "mute": services.mute,
    "unmute": services.unmute,
}


@login_required
@require_POST
def act(request: HttpRequest, username: str, verb: str) -> HttpResponse:
    """One of ``VERBS``; the address table names them."""
    person = access_person(me(request), username)
    VERBS[verb](me(request), person)
    return answer(request, person)


@login_required
@require_POST
def unblock(request: HttpRequest, username: str) -> HttpResponse:
    """Only whom one has blocked can be unblocked; anyone else is a 404."""
    person = _blocked_by(me(request), username)
    services.unblock(me(request), person)
    return answer(request, person)


@login_required
@require_POST
def closeness(request: HttpRequest, username: str) -> HttpResponse:
    """Set how close a follower is held. The follower is not told."""
    form = ClosenessForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    person = access_person(me(request), username)
    services.set_closeness(me(request), person, form.cleaned_data["closeness"])
    return answer(request, person)


@login_required
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Move everybody chosen on the people page to one lane. They are not told.

    Says what happened in words: by htmx as the event ``nopeek:said``, which a live
    region of the page reads out, else as a message.
    """
    form = ClosenessForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    if names := request.POST.getlist("person"):
        closeness = form.cleaned_data["closeness"]
        words = _moved(lanes.move(me(request), names, closeness), closeness)
    else:
        words = _("Choose somebody first.")
    if getattr(request, "htmx", False):
        part = render(request, "accounts/_people.html", overview(me(request)))
        return trigger_client_event(part, "nopeek:said", {"words": words})
    messages.success(request, words)
    back = request.POST.get("next")
    return redirect(back if back and is_own_path(request, back) else "people")


def _moved(people: list[User], closeness: Closeness) -> str:
    facts = {
        "n": len(people),
        "name": people[0].name,
        "lane": Closeness(closeness).label,
    }
    if len(people) == 1:
        return _("%(name)s is now in the lane: %(lane)s.") % facts
    return _("%(n)d people are now in the lane: %(lane)s.") % facts


def answer(request: HttpRequest, person: User) -> HttpResponse:
    """The fragment that asked, or the way back to the page of the form."""
    if getattr(request, "htmx", False):
        if request.headers.get("HX-Target") == "people":
            return render(request, "accounts/_people.html", overview(me(request)))
        if _is_there(me(request), person):
            context = {"tie": tie_with(me(request), person)}
            return render(request, "accounts/_relation.html", context)
        response = HttpResponse()
        response.headers["HX-Redirect"] = "/people/"
        return response
    back = request.POST.get("next")
    return redirect(back if back and is_own_path(request, back) else "people")


def _is_there(user: User, person: User) -> bool:
    return (
        User.objects.filter(pk=person.pk)
        .filter(~Q(blocked_either_way(user, "pk")))
        .exists()
    )
