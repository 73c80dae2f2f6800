"""Break-glass: a member of staff looks at one private original, and its owner knows.

It needs a reason, a login confirmed just now, and ends by itself. Every look is in the
audit log before the first byte is read, so it is there even if the answer fails.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from allauth.account.decorators import reauthentication_required
from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from gallery import events, vault, withholding
from gallery.access import access_behind_glass
from gallery.models import Media
from gallery.views import me
from privacy.policy_room import audit
from privacy.policy_room.doors import staff_page
from privacy.policy_room.models import GlassPass

LASTS = timedelta(minutes=10)
MAY = "privacy.add_glasspass"


class GlassForm(forms.Form):
    """Which picture, and why."""

    picture = forms.UUIDField(label=_("Id of the picture"))
    reason = forms.CharField(
        label=_("Why"),
        min_length=20,
        max_length=300,
        help_text=_("Its owner reads this. At least 20 letters."),
    )


@staff_page(reads=MAY)
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def glass(request: HttpRequest) -> HttpResponse:
    """Ask for a reason; then the picture can be seen for ten minutes."""
    form = GlassForm(request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        media = Media.objects.filter(public_id=form.cleaned_data["picture"]).first()
        if media is None:
            form.add_error("picture", _("There is no such picture."))
        else:
            open_glass(me(request), media, form.cleaned_data["reason"])
            return redirect("policy-glass-look", media.public_id)
    status = 400 if form.errors else 200
    return render(request, "policy/glass.html", {"form": form}, status=status)


@staff_page(reads=MAY)
@require_GET
def look(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The page with the picture, while the pass lasts."""
    media = access_behind_glass(me(request), public_id)
    passed = GlassPass.objects.filter(subject=public_id, staff=me(request))
    context = {"media": media, "pass": passed.order_by("-pk").first()}
    return render(request, "policy/glass_look.html", context)


@staff_page(reads=MAY)
@require_GET
def picture(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The clear picture. The log has it before it is read."""
    media = access_behind_glass(me(request), public_id)
    audit.record("original.viewed", me(request), public_id)
    try:
        held = vault.has(media, withholding.PLAIN)
        kind = withholding.PLAIN if held else "owner_feed"
        data = vault.open_sealed(media, kind)
    except vault.VaultError as error:
        raise Http404 from error
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


@transaction.atomic
def open_glass(staff: User, media: Media, reason: str) -> GlassPass:
    """Let ``staff`` look at one original for ``LASTS``; its owner is told."""
    made = GlassPass.objects.create(
        subject=media.public_id,
        staff=staff,
        reason=reason,
        ends_at=timezone.now() + LASTS,
    )
    told = {"reason": reason, "until": made.ends_at.isoformat()}
    audit.record("glass.opened", staff, media.public_id, told)
    events.original_viewed(media)
    return made
