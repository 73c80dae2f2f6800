"""What one shares beside the post itself: links, and the list of all that is shared."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gallery import links, services
from gallery.access import (
    access_own_link,
    access_own_post,
    own_albums,
    own_links,
    own_posts,
)
from gallery.models import Audience, Post
from gallery.sharing_forms import LinkForm
from gallery.views import me


@login_required
@require_http_methods(["GET", "POST"])
def post_links(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The links of one's own post, and the form for another one."""
    post = access_own_post(me(request), public_id)
    form = LinkForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return _links_page(request, post, form, status)
    try:
        link, token = links.make(post, **form.terms())
    except links.TierNeedsConfirmation:
        form.ask_for_yes()
        return _links_page(request, post, form, 409)
    except services.Refused as error:
        form.add_error(None, str(error))
        return _links_page(request, post, form, 409)
    # Shown in this very answer, since the token is kept nowhere.
    address = request.build_absolute_uri(reverse("link", args=[token]))
    context = {"post": post, "link": link, "address": address}
    return render(request, "gallery/link_made.html", context, status=201)


def _links_page(
    request: HttpRequest, post: Post, form: LinkForm, status: int
) -> HttpResponse:
    context = {
        "post": post,
        "form": form,
        "links": own_links(me(request)).filter(post=post),
        "address": request.build_absolute_uri(reverse("post", args=[post.public_id])),
    }
    return render(request, "gallery/links.html", context, status=status)


@login_required
@require_POST
def link_revoke(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Over at once, for whoever has it."""
    link = access_own_link(me(request), public_id)
    links.revoke(link)
    if request.htmx:  # type: ignore[attr-defined]
        link.refresh_from_db()
        return render(request, "gallery/_link.html", {"link": link})
    messages.success(request, _("The link is dead."))
    if request.POST.get("from") == "post":
        return redirect("post-links", link.post.public_id)
    return redirect("settings-shared")


@login_required
@require_POST
def post_saving(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Whether viewers are offered their version as a file."""
    post = access_own_post(me(request), public_id)
    services.describe(post, saving_open=request.POST.get("open") == "1")
    messages.success(request, _("Saved. It holds from now on."))
    return redirect("post" if post.published_at else "compose", post.public_id)


@login_required
@require_GET
def shared(request: HttpRequest) -> HttpResponse:
    """Everything that one shares: links, audiences of posts, albums."""
    user = me(request)
    published = own_posts(user).filter(published_at__isnull=False)
    counted = dict(published.order_by().values_list("audience").annotate(n=Count("pk")))
    links_of_mine = list(own_links(user)[:200])
    context = {
        "live": [link for link in links_of_mine if not link.ending],
        "over": [link for link in links_of_mine if link.ending][:50],
        "audiences": [
            {"value": one.value, "label": one.label, "count": counted.get(one.value, 0)}
            for one in reversed(Audience)
        ],
        "albums": own_albums(user).exclude(audience=Audience.ONLY_ME),
        "saving": published.filter(saving_open=True).count(),
    }
    return render(request, "gallery/shared.html", context)
