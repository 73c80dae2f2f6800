"""Why a picture is risky, what is suggested, and what of it is done unasked."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from gallery import services, suggesting, tasks
from gallery.access import access_own_media, own_media_grants
from gallery.regions import carry_out
from gallery.views import me
from gallery.why import heat_of, why
from privacy import advice
from privacy.personal import learning


class UnaskedForm(forms.Form):
    """From which risk on."""

    least = forms.ChoiceField(
        label=gettext_lazy("Take suggestions unasked"),
        choices=[
            ("", gettext_lazy("Never: I look first")),
            ("70", gettext_lazy("When the risk is an alarm (70 and more)")),
            ("45", gettext_lazy("When the risk is warm (45 and more)")),
            ("20", gettext_lazy("Whenever there is one (20 and more)")),
        ],
        required=False,
        help_text=gettext_lazy(
            "Holds for photos that you upload from now on. Only hides more, never less, "
            "and you can undo it in the photo's review."
        ),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_suggestions(request: HttpRequest) -> HttpResponse:
    """Whether suggestions are taken by themselves; off by default."""
    who = int(me(request).pk)
    now = advice.unasked(who)
    form = UnaskedForm(request.POST or None, initial={"least": now or ""})
    if request.method == "POST" and form.is_valid():
        least = form.cleaned_data["least"]
        advice.set_unasked(who, int(least) if least else None)
        messages.success(request, _("Saved."))
        return redirect("settings-suggestions")
    status = 422 if form.errors else 200
    context = {
        "form": form,
        "taste": learning.settings_of(who),
        "known": [(one, suggesting.learned_words(one)) for one in learning.known(who)],
    }
    return render(request, "privacy/settings_suggestions.html", context, status=status)


@login_required
@require_POST
def learned(request: HttpRequest) -> HttpResponse:
    """Whether to learn from corrections, and with ``forget`` what was learned is gone."""
    who = int(me(request).pk)
    if "forget" in request.POST:
        learning.reset(who)
        messages.success(request, _("Forgotten. The site's score decides again."))
    else:
        learning.set_up(
            who, learns="learns" in request.POST, unasked="unasked" in request.POST
        )
        messages.success(request, _("Saved."))
    return redirect("settings-suggestions")


@login_required
@require_POST
def as_usual(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Do with one category as its owner usually does; showing more asks first."""
    media = access_own_media(me(request), public_id)

    def act(given: dict[str, Any]) -> None:
        suggesting.take_usual(
            media,
            str(given.get("category", "")),
            hides=given.get("hides") in ("1", True),
            confirmed=given.get("confirmed") in ("1", True),
        )

    return carry_out(request, media, act)


@login_required
@require_POST
def suggestion(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take what is suggested for a picture, as one edit.

    Scripts (``Accept: application/json``) get ``undo``: the body that undoes it when
    it is sent to ``regions`` by PATCH.
    """
    media = access_own_media(me(request), public_id)
    script = request.accepts("application/json") and not request.accepts("text/html")
    try:
        undo = suggesting.take(media)
    except services.Refused as error:
        if script:
            return JsonResponse({"detail": str(error), "code": error.code}, status=409)
        messages.error(request, str(error))
        return redirect("compose", media.post.public_id)
    count = len(undo["changes"])
    if script:
        return JsonResponse({"taken": count, "undo": undo})
    said = ngettext("%(n)d region hidden.", "%(n)d regions hidden.", count)
    messages.success(request, said % {"n": count})
    return redirect("compose", media.post.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def region_why(request: HttpRequest, public_id: uuid.UUID, region: str) -> HttpResponse:
    """Why a region was found: in words, and on demand where the detector looked.

    A POST has the map made; htmx asks again until it is there.
    """
    media = access_own_media(me(request), public_id)
    found = why(media, region)
    asked = request.method == "POST" or "asked" in request.GET
    if request.method == "POST" and not found.map and not found.finding.manual:
        tasks.enqueue_heat(public_id, region)
    context = {
        "why": found,
        "media": media,
        "grant": own_media_grants(me(request), [media])[0],
        "asked": asked and not found.map and not found.finding.manual,
    }
    part = bool(request.htmx)  # type: ignore[attr-defined]
    name = "privacy/_heat.html" if part else "privacy/why.html"
    return render(request, name, context)


@login_required
@require_http_methods(["GET", "HEAD"])
def region_heat(
    request: HttpRequest, public_id: uuid.UUID, region: str
) -> HttpResponse:
    """The heat map, for the owner alone."""
    data = heat_of(access_own_media(me(request), public_id), region)
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="image/png")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
