"""``/settings/keys/``: keys for other programs."""

from __future__ import annotations

import uuid

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from privacy.outside import keys
from privacy.outside.forms import KeyForm


@login_required
@require_http_methods(["GET", "HEAD"])
def settings_keys(request: HttpRequest) -> HttpResponse:
    """The keys that hold, with their last use, and the form for another one."""
    return _page(request, KeyForm())


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def key_new(request: HttpRequest) -> HttpResponse:
    """Make a key and show it, this once. (A GET is where one lands after logging in
    again.)"""
    if request.method != "POST":
        return redirect("settings-keys")
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        made, text = keys.issue(_who(request), **form.cleaned_data)
    except keys.TooMany:
        messages.error(request, _("You have as many keys as one can have."))
        return redirect("settings-keys")
    return _page(request, KeyForm(), made=made, text=text)


@login_required
@require_POST
def key_revoke(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a key back; what it asked for is forgotten."""
    if not keys.revoke(_who(request), public_id):
        raise Http404
    messages.success(request, _("The key no longer holds."))
    return redirect("settings-keys")


def _who(request: HttpRequest) -> int:
    return int(request.user.pk or 0)


def _page(request: HttpRequest, form: KeyForm, **made: object) -> HttpResponse:
    context = {"form": form, "keys": keys.alive(_who(request)), **made}
    status = 422 if form.errors else 200
    return render(request, "outside/keys.html", context, status=status)
