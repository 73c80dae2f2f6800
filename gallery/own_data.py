"""One's own data: export of everything, and deletion of the account.

Both ask for the password (or second factor) again if it was not given just now.
"""

from __future__ import annotations

import uuid

from allauth.account.decorators import reauthentication_required
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from gallery import exports, services, vault
from gallery.models import Export
from gallery.views import me


@login_required
@require_GET
def settings_data(request: HttpRequest) -> HttpResponse:
    """What can be taken along, and the way out."""
    context = {"exports": exports.available(me(request))}
    name = "_exports.html" if request.htmx else "settings_data.html"  # type: ignore[attr-defined]
    return render(request, f"gallery/{name}", context)


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def export_start(request: HttpRequest) -> HttpResponse:
    """Have the zip made. (A GET is where one lands after logging in again.)"""
    if request.method == "POST":
        exports.request_export(me(request))
    return redirect("settings-data")


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_GET
def export_file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """The zip, for its owner alone; once, or again within minutes if it broke off."""
    return download(access_own_export(me(request), public_id))


def access_own_export(owner: User, public_id: uuid.UUID) -> Export:
    """A finished export of one's own.

    Raises:
        Http404: not there, not one's own, not ready, or withdrawn.
    """
    export = Export.objects.filter(
        owner=owner, public_id=public_id, state="ready"
    ).first()
    if export is None or not owner.is_present or exports.is_over(export):
        raise Http404
    return export


def download(export: Export) -> HttpResponseBase:
    """Stream an export, once every chunk of it has verified."""
    try:
        chunks = exports.fetch(export)
    except vault.VaultError as error:
        raise Http404 from error
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    response["Content-Length"] = str(export.bytes)
    response["Content-Disposition"] = 'attachment; filename="nopeek-export.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def account_delete(request: HttpRequest) -> HttpResponse:
    """Ask for one's name as a confirmation, then erase the account."""
    user = me(request)
    if request.method == "POST" and request.POST.get("username") == user.username:
        receipt = services.erase_account(user)
        logout(request)
        return redirect("receipt", receipt.signed())
    wrong = request.method == "POST"
    return render(
        request,
        "gallery/account_delete.html",
        {"wrong": wrong},
        status=400 if wrong else 200,
    )
