"""People in your photos: who is there, what they are called, and what is wished."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from gallery import services
from gallery.access import access_own_album
from gallery.audience import NeedsConfirmation
from gallery.erasure import Receipt
from gallery.people import book, floors, portraits, verbs
from gallery.people.models import Face, Person
from gallery.views import me
from privacy.policy_room.yours import read

PAGE = 60


@login_required
@require_GET
def faces(request: HttpRequest) -> HttpResponse:
    """Everybody who was found, named or not, and the switch."""
    user = me(request)
    found = book.of(user.pk)
    people = _people(user) if found else []
    lone = Face.objects.filter(owner=user, person=None).order_by("-pk")
    page = Paginator(lone, PAGE).get_page(request.GET.get("page"))
    context = {
        "book": found,
        "named": [one for one in people if one.name],
        "unnamed": [one for one in people if not one.name],
        "page": page,
    }
    return render(request, "gallery/faces.html", context)


def _people(user: User) -> list[Person]:
    """With ``many``, how many faces there are, and ``face``, the one that stands for
    them: two queries however many people."""
    rows = Person.objects.filter(owner=user).annotate(many=Count("faces"))
    people: list[Person] = list(rows.filter(many__gt=0).order_by("-many", "pk"))
    first: dict[int, Face] = {}
    for face in Face.objects.filter(owner=user, person__in=people).order_by("-pk"):
        if face.person_id is not None:
            first[face.person_id] = face
    for one in people:
        one.face = first.get(one.pk)  # type: ignore[attr-defined]
    return people


@login_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """On: faces are compared from now on. Off: all of it is erased, with a receipt."""
    user = me(request)
    if request.POST.get("on") == "1":
        verbs.switch_on(user)
        messages.success(request, _("On. Your older photos are looked at as well."))
        return redirect("faces")
    try:
        receipt = verbs.withdraw(user)
    except services.Refused as error:
        messages.info(request, str(error))
        return redirect("faces")
    return redirect("receipt", receipt.signed())


@login_required
@require_GET
def person(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One person: every face, the name, the wish, and whom to join them with."""
    user = me(request)
    them = _person(user, public_id)
    rows = them.faces.select_related("media__post").order_by("-pk")
    context = {
        "person": them,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "wishes": Person.Wish.choices,
        "others": [one for one in _people(user) if one.pk != them.pk and one.name],
    }
    return render(request, "gallery/faces_person.html", context)


@login_required
@require_POST
def change(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Rename, wish, merge or forget (``do``); what shows more is asked about."""
    user = me(request)
    them = _person(user, public_id)
    confirmed = request.POST.get("confirmed") == "1"
    match request.POST.get("do", ""):
        case "rename":
            verbs.rename(them, request.POST.get("name", ""))
            messages.success(request, _("Saved."))
        case "wish" if request.POST.get("wish", "") in Person.Wish.values:
            wish = request.POST.get("wish", "")
            return _asked(
                request,
                lambda: verbs.set_wish(them, wish, confirmed=confirmed),
                them,
            )
        case "merge":
            into = _person(user, _id(request.POST.get("into", "")))
            return _asked(
                request, lambda: verbs.merge(them, into, confirmed=confirmed), into
            )
        case "forget":
            receipt: Receipt = verbs.forget(them)
            return redirect("receipt", receipt.signed())
        case _:
            messages.error(request, _("Choose what to do with them."))
    return redirect("faces-person", public_id)


@login_required
@require_POST
def face(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """``do=not``: this is not them. ``do=is``: it is ``person``, or somebody new."""
    user = me(request)
    found = _face(user, public_id)
    confirmed = request.POST.get("confirmed") == "1"
    if request.POST.get("do") == "not":
        return _asked(
            request, lambda: verbs.not_them(found, confirmed=confirmed), found.person
        )
    named = request.POST.get("person", "")
    them = _person(user, _id(named)) if named else None
    name = request.POST.get("name", "")
    if them is None and name.strip():  # a name that is there already is that person
        same = Person.objects.filter(owner=user, name__iexact=name.strip()[:60])
        them = same.order_by("pk").first()
    return _asked(
        request, lambda: verbs.is_them(found, them, name, confirmed=confirmed), them
    )


@login_required
@require_http_methods(["GET", "HEAD"])
def portrait(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The face, cut out of the owner's own copy, for the owner alone."""
    user = me(request)
    data = portraits.portrait(user, _face(user, public_id))
    response = HttpResponse(data, content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@login_required
@require_POST
def album_rules(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What this album's photos mask beyond the site's rules and one's own."""
    row = access_own_album(me(request), public_id)
    count = floors.keep(row, read(request.POST))
    said = ngettext(
        "Kept. It holds for %(n)d photo from now on.",
        "Kept. It holds for %(n)d photos from now on.",
        count,
    )
    messages.success(request, said % {"n": count})
    return redirect("album", public_id)


def _asked(
    request: HttpRequest, act: Callable[[], object], after: Person | None
) -> HttpResponse:
    """Do it, or ask first; then to the person's page."""
    try:
        act()
    except NeedsConfirmation as question:
        context: dict[str, Any] = {"gains": question.gains, "given": _given(request)}
        return render(request, "gallery/faces_confirm.html", context, status=409)
    except services.Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved. It holds from now on."))
    if after is not None and Person.objects.filter(pk=after.pk).exists():
        return redirect("faces-person", after.public_id)
    return redirect("faces")


def _given(request: HttpRequest) -> dict[str, Any]:
    kept = request.POST.items()
    return {k: v for k, v in kept if k not in ("csrfmiddlewaretoken", "confirmed")}


def _person(user: User, public_id: uuid.UUID) -> Person:
    found = verbs.access_person(user, public_id)
    if found is None:
        raise Http404
    return found


def _face(user: User, public_id: uuid.UUID) -> Face:
    found = verbs.access_face(user, public_id)
    if found is None:
        raise Http404
    return found


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error
