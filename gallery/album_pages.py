"""Pages of albums: one's own to change, others' to look at through the one door."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.relations import access_person
from gallery import albums, services
from gallery.access import (
    access_album,
    access_own_album,
    access_own_media,
    album_grants,
    album_media,
    media_grants,
    own_media,
    visible_albums,
)
from gallery.models import Album, Media
from gallery.people import floors
from gallery.sharing_forms import AlbumForm
from gallery.views import me
from privacy.policy_room import yours

PAGE = 60


@login_required
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """One's own albums, and the form for another one."""
    user = me(request)
    form = AlbumForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = albums.make(user, **form.cleaned_data)
        except services.Refused as error:
            form.add_error(None, str(error))
        else:
            return redirect("album", made.public_id)
    mine = visible_albums(user).filter(owner=user).order_by("-pk")
    context = {"form": form, "albums": album_grants(user, mine)}
    status = 422 if form.errors else 200
    return render(request, "gallery/albums.html", context, status=status)


@require_GET
def of_person(request: HttpRequest, username: str) -> HttpResponse:
    """What the viewer may see of somebody's albums; of none there is the same page."""
    person = access_person(request.user, username)
    found = visible_albums(request.user).filter(owner=person).order_by("-pk")
    context = {"person": person, "albums": album_grants(request.user, found)}
    return render(request, "gallery/albums_of.html", context)


@require_GET
def album(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One album, with what of it the viewer may see."""
    grant = access_album(request.user, public_id)
    rows = album_media(request.user, grant)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"album": grant, "page": page, "pictures": media_grants(page)}
    if grant.mine:
        initial = {"name": grant.name, "audience": grant.audience}
        context["form"] = AlbumForm(initial=initial)
        context["rules"] = yours.choices_of(floors.body_of(grant.album_id))
    return render(request, "gallery/album.html", context)


@login_required
@require_POST
def album_change(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Rename it, or choose who may see it."""
    row = access_own_album(me(request), public_id)
    form = AlbumForm(request.POST)
    if form.is_valid():
        albums.change(row, **form.cleaned_data)
        messages.success(request, _("Saved. It holds from now on."))
    else:
        messages.error(request, _("An album needs a name of at most 80 characters."))
    return redirect("album", public_id)


@login_required
@require_POST
def album_delete(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The list goes, the photos stay."""
    albums.delete(access_own_album(me(request), public_id))
    messages.success(request, _("The album is gone. Its photos are still there."))
    return redirect("albums")


@login_required
@require_POST
def album_items(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Add, remove or order ``media`` (ids, repeated), or make one the cover (``do``)."""
    row = access_own_album(me(request), public_id)
    try:
        wanted = [uuid.UUID(text) for text in request.POST.getlist("media")]
    except ValueError:
        return HttpResponse(_("Those are not photos of yours."), status=400)
    try:
        _do(request, row, request.POST.get("do", ""), wanted)
    except services.Refused as error:
        messages.error(request, str(error))
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    return redirect("album", public_id)


def _do(request: HttpRequest, row: Album, verb: str, wanted: list[uuid.UUID]) -> None:
    match verb:
        case "order":
            albums.order(row, wanted)
        case "add":
            albums.add(row, _mine(request, wanted))
        case "remove":
            albums.remove(row, _mine(request, wanted))
        case "cover" if len(wanted) == 1:
            albums.set_cover(row, access_own_media(me(request), wanted[0]))
        case _:
            raise services.Refused("verb", _("Choose what to do with them."))


def _mine(request: HttpRequest, wanted: list[uuid.UUID]) -> list[Media]:
    """The own ones among them, in the order in which they were named."""
    found = {
        one.public_id: one
        for one in own_media(me(request)).filter(public_id__in=wanted)
    }
    return [found[key] for key in wanted if key in found]
