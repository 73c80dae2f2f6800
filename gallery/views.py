"""One's own gallery, and what is done to a post as a whole."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from gallery import dossiers, services
from gallery.access import access_own_media, access_own_post, own_albums, own_media
from gallery.audience import NeedsConfirmation
from gallery.bulk import STYLES, Strictness
from gallery.erasure import Receipt
from gallery.forms import (
    HIGH,
    RISK_FILTERS,
    SENSITIVE,
    STATES,
    AudienceForm,
    FilterForm,
    ShowForm,
)
from gallery.models import Audience, Media, TierView
from gallery.states import REVIEWABLE, State
from privacy.core.types import Tier
from privacy.models import Finding

PAGE = 24


def me(request: HttpRequest) -> User:
    """The person asking, on pages that ask for a login."""
    return cast("User", request.user)


@login_required
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """Everything that one has uploaded, with labels, risk and state."""
    user = me(request)
    albums = list(own_albums(user))
    form = FilterForm(request.GET, albums=albums)
    wanted = form.cleaned_data if form.is_valid() else {}
    show = _show(request)
    found = filtered(own_media(user), wanted).order_by("-pk")
    if show == "hide":
        found = found.exclude(sensitive())
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "cards": dossiers.cards(user, list(page)),
        "filtered": any(wanted.values()),
        "albums": albums,
        "show": show,
        "shows": ShowForm.base_fields["show"].choices,  # type: ignore[attr-defined]
        "counts": counts(user),
        "strictness": Strictness,
        "styles": STYLES,
        "audiences": Audience.choices,
    }
    name = "_cards.html" if request.htmx else "gallery.html"  # type: ignore[attr-defined]
    return render(request, f"gallery/{name}", context)


def _show(request: HttpRequest) -> str:
    """The way of looking that was asked for now or last; auto before that."""
    form = ShowForm(request.GET)
    if form.is_valid() and request.session.get("gallery_show") != request.GET["show"]:
        request.session["gallery_show"] = form.cleaned_data["show"]
    return str(request.session.get("gallery_show", "auto"))


def sensitive() -> Q:
    """SQL: something sensitive was found in the photo, or much would be seen of it."""
    return Q(_with(Q(category__in=SENSITIVE))) | Q(_risky(HIGH))


def counts(user: User) -> dict[str, int]:
    """How many photos there are, and how many want the owner's eyes."""
    open_states = [state.value for state in REVIEWABLE]
    return own_media(user).aggregate(
        total=Count("pk"),
        new=Count("pk", filter=Q(reviewed_at=None, state__in=open_states)),
        high=Count("pk", filter=Q(_risky(HIGH))),
        review=Count("pk", filter=Q(state=State.NEEDS_REVIEW)),
    )


def filtered(media: QuerySet[Media], wanted: dict[str, Any]) -> QuerySet[Media]:
    """Those of ``media`` that a FilterForm asks for; empty words ask for nothing."""
    if state := wanted.get("state"):
        media = media.filter(state__in=[one.value for one in STATES[state]])
        if state == "new":
            media = media.filter(reviewed_at__isnull=True)
    if audience := wanted.get("audience"):
        media = media.filter(post__audience=audience)
    if risk := wanted.get("risk"):
        media = media.filter(_risky(RISK_FILTERS[risk]))
    if album := wanted.get("album"):
        media = media.filter(album_items__album__public_id=album)
    if category := wanted.get("category"):
        within = Q(category=category) | Q(category__startswith=f"{category}.")
        media = media.filter(_with(within))
    return media


def _with(what: Q) -> Exists:
    """Something of the kind was found at the last scan."""
    found = Finding.objects.filter(
        what, scan__subject=OuterRef("public_id"), scan__current=True
    )
    return Exists(found)


def _risky(between: tuple[int, int]) -> Exists:
    """The score of the tier that is shown most, as on the badge."""
    return Exists(
        TierView.objects.filter(
            media=OuterRef("pk"), tier=Tier.NONE, risk__range=between
        )
    )


@login_required
@require_POST
def post_audience(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Change who may see a post. Loosening is asked about first."""
    post = access_own_post(me(request), public_id)
    form = AudienceForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_("There is no such audience."), status=400)
    try:
        services.set_audience(
            post,
            form.cleaned_data["audience"],
            confirmed=form.cleaned_data["confirmed"],
        )
    except NeedsConfirmation as question:
        context = {
            "post": post,
            "audience": form.cleaned_data["audience"],
            "gains": question.gains,
        }
        return render(request, "gallery/loosen.html", context, status=409)
    messages.success(request, _("Saved. It holds from now on."))
    return _back(request, post.public_id, published=bool(post.published_at))


@login_required
@require_http_methods(["GET", "POST"])
def post_delete(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ask, then delete a post for good and show the receipt."""
    post = access_own_post(me(request), public_id)
    if request.method == "GET":
        return render(request, "gallery/delete.html", {"post": post})
    receipt = services.delete_post(post)
    return redirect("receipt", receipt.signed())


@login_required
@require_POST
def media_delete(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take one picture out of its post for good; also how an upload is cancelled."""
    media = access_own_media(me(request), public_id)
    draft = media.post.published_at is None
    receipt = services.delete_media(media)
    if draft:
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse("")
        return redirect("compose", media.post.public_id)
    return redirect("receipt", receipt.signed())


@require_GET
def receipt(request: HttpRequest, text: str) -> HttpResponse:
    """What was deleted and when, for whoever holds the receipt; no account is needed."""
    try:
        shown = Receipt.read(text)
    except ValueError as error:
        raise Http404 from error
    return render(request, "gallery/receipt.html", {"receipt": shown})


def _back(request: HttpRequest, post: uuid.UUID, *, published: bool) -> HttpResponse:
    return redirect("post" if published else "compose", post)
