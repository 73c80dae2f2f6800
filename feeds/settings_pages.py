"""The settings page of notifications."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.views import me
from feeds.wishes import KINDS, Wanted, mail_is_set_up, set_wishes, wishes_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """What one is told of, kind by kind; by mail where the operator has set it up."""
    held = wishes_of(me(request))
    if request.method == "POST":
        ticked = set(request.POST.getlist("in_app"))
        mailed = set(request.POST.getlist("by_mail"))
        given = {
            name: Wanted(
                name in ticked, name in mailed if mail_is_set_up() else was.by_mail
            )
            for name, was in held.items()
        }
        set_wishes(me(request), given)
        messages.success(request, _("Saved."))
        return redirect("settings-notifications")
    context = {
        "kinds": [(kind, held[kind.name]) for kind in KINDS],
        "mail": mail_is_set_up(),
    }
    return render(request, "feeds/settings_notifications.html", context)
