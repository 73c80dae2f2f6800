"""From files to a published post: share, compose, upload, and where things stand."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gallery import dossiers, services, stickers, upload, words
from gallery.access import access_own_media, access_own_post, own_posts, see_post_as
from gallery.delivery import who
from gallery.forms import AltForm, AudienceForm, PostForm, ShareForm
from gallery.models import Audience, Media, Post
from gallery.progress import progress
from gallery.views import me
from privacy.core.errors import RefusedInput
from privacy.styles import offered

_STATUS = {"unsupported": 415, "too_large": 413}


@login_required
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """Drafts, and the form that starts a new post from some files."""
    form = ShareForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        post = services.start_post(me(request))
        for file in form.cleaned_data["photos"]:
            try:
                upload.accept(me(request), post, file)
            except RefusedInput as error:
                messages.error(request, f"{file.name}: {error}")
        return redirect("compose", post.public_id)
    drafts = own_posts(me(request)).filter(published_at__isnull=True)
    context = {
        "form": form,
        "drafts": dossiers.drafts(me(request), drafts.order_by("-pk")[:12]),
    }
    return render(request, "gallery/share.html", context)


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """An empty draft, for scripts that upload file by file and show how far each is."""
    post = services.start_post(me(request))
    return JsonResponse(
        {
            "id": str(post.public_id),
            "upload": reverse("upload", args=[post.public_id]),
            "compose": reverse("compose", args=[post.public_id]),
        },
        status=201,
    )


@login_required
@require_POST
def upload_file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take one file into a draft: 201, or 413, 415 or 422 with what to do."""
    post = access_own_post(me(request), public_id)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return _problem(400, "no_file", _("There was no file in it."))
    if post.published_at:
        return _problem(422, "published", _("This post is out: start another one."))
    try:
        media = upload.accept(me(request), post, file)
    except RefusedInput as error:
        return _problem(_STATUS.get(error.code, 422), error.code, str(error))
    except OSError:
        return _problem(507, "storage", _("There is no room for it now. Try later."))
    if request.htmx:  # type: ignore[attr-defined]
        return _status(request, media, 201)
    return JsonResponse(
        {
            "id": str(media.public_id),
            "state": media.state,
            "status": reverse("media-status", args=[media.public_id]),
        },
        status=201,
    )


@login_required
@require_GET
def media_status(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Where a picture stands: the fragment that the socket's messages refresh."""
    return _status(request, access_own_media(me(request), public_id))


@login_required
@require_POST
def media_retry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Send a picture through the line once more."""
    media = access_own_media(me(request), public_id)
    try:
        services.retry(media)
    except services.Refused as error:
        messages.error(request, str(error))
    if request.htmx:  # type: ignore[attr-defined]
        return _status(request, access_own_media(me(request), public_id))
    return redirect("compose", media.post.public_id)


@login_required
@require_http_methods(["GET", "POST"])
def compose(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Review a draft or a post: findings, words, audience, and how others see it."""
    post = access_own_post(me(request), public_id)
    if request.method == "POST":
        return _save(request, post)
    context: dict[str, Any] = {
        "post": post,
        "form": PostForm(instance=post),
        "audience_form": AudienceForm(initial={"audience": post.audience}),
        "see_as": request.GET.get("as", ""),
        "stickers": stickers.of(me(request).pk),
        "styles": offered(),
        "words": words.WORDS,
    }
    if "photo" in request.GET:
        return _part(request, post, context)
    context["dossiers"] = dossiers.of_post(me(request), post)
    if context["see_as"]:
        context |= _seen_as(request, post, context["see_as"])
    return render(request, "gallery/compose.html", context)


def _part(request: HttpRequest, post: Post, context: dict[str, Any]) -> HttpResponse:
    """One picture's part of the page, for the script; ``audience`` as if it were set."""
    audience = request.GET.get("audience", "")
    try:
        photo = uuid.UUID(request.GET["photo"])
    except ValueError as error:
        raise Http404 from error
    known = audience if audience in Audience.values else ""
    found = dossiers.of_post(me(request), post, known, photo)
    if not found:
        raise Http404
    return render(request, "gallery/_dossier.html", {**context, "one": found[0]})


def _seen_as(request: HttpRequest, post: Post, word: str) -> dict[str, Any]:
    """What the named person or tier gets of the post; byte for byte, see ``delivery``."""
    try:
        person = who(me(request), word)
    except Http404:
        return {"seen_nobody": True}
    return {"seen": see_post_as(me(request), post.public_id, person)}


def _save(request: HttpRequest, post: Post) -> HttpResponse:
    form = PostForm(request.POST)
    if form.is_valid():
        services.describe(post, **form.cleaned_data)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("The caption is too long."))
    return redirect("compose", post.public_id)


@login_required
@require_POST
def media_alt(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Set the words for one picture."""
    media = access_own_media(me(request), public_id)
    form = AltForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_("The alt text is too long."), status=400)
    services.set_alt(media, **form.cleaned_data)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(_("Saved."))
    return redirect("compose", media.post.public_id)


@login_required
@require_POST
def publish(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Post it, saving the words that came along."""
    post = access_own_post(me(request), public_id)
    form = PostForm(request.POST)
    if "caption" in request.POST and form.is_valid():
        services.describe(post, **form.cleaned_data)
    audience = AudienceForm(request.POST)
    if audience.is_valid() and post.published_at is None:
        services.set_audience(post, audience.cleaned_data["audience"])
    try:
        services.publish(post)
    except services.Refused as error:
        messages.error(request, str(error))
        return redirect("compose", post.public_id)
    return redirect("post", post.public_id)


@login_required
@require_POST
def order(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Put the pictures of a post into the order of ``media`` (ids, repeated)."""
    post = access_own_post(me(request), public_id)
    try:
        wanted = [uuid.UUID(text) for text in request.POST.getlist("media")]
    except ValueError:
        return HttpResponse(_("Those are not pictures of this post."), status=400)
    services.order_media(post, wanted)
    return redirect("compose", post.public_id)


def _status(request: HttpRequest, media: Media, code: int = 200) -> HttpResponse:
    context = {"media": media, "progress": progress(media)}
    return render(request, "gallery/_status.html", context, status=code)


def _problem(status: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse(
        {"type": "about:blank", "status": status, "code": code, "detail": detail},
        status=status,
        content_type="application/problem+json",
    )
