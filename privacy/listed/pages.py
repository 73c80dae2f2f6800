"""The page of lists and matches, for moderators. It shows no picture."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from privacy.listed import lists
from privacy.listed.decide import Refused, decide
from privacy.listed.models import HashList, Match
from privacy.policy_room.doors import staff_page

MAY = "privacy.change_report"
KEEP = "listed.add_hashlist"
MOST_BYTES = 70 * 1024 * 1024


class ListForm(forms.Form):
    """A list as a text file."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    source = forms.CharField(
        label=gettext_lazy("Where it is from"), max_length=200, required=False
    )
    file = forms.FileField(
        label=gettext_lazy("Text file"),
        help_text=gettext_lazy("One PDQ hash a line: 64 hexadecimal digits."),
    )


@staff_page(reads=MAY, writes=KEEP)
@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Lists with their state, and matches that wait; POST keeps a list."""
    if request.method == "GET":
        return render(request, "policy/listed.html", _context(request, ListForm()))
    form = ListForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > MOST_BYTES:
                raise lists.BadList(_("This file is too large for a list."))
            text = file.read().decode("ascii")
            row = lists.keep(
                form.cleaned_data["name"],
                text,
                form.cleaned_data["source"],
                request.user,
            )
        except UnicodeDecodeError:
            form.add_error("file", _("This is no text file of hashes."))
        except lists.BadList as error:
            form.add_error("file", str(error))
        else:
            said = _("Kept: %(n)d hashes.") % {"n": row.count}
            messages.success(request, said)
            return redirect("policy-listed")
    return render(request, "policy/listed.html", _context(request, form), status=400)


@staff_page(reads=MAY, writes=KEEP)
@require_POST
def switch(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Compare with this list, or no longer."""
    row = get_object_or_404(HashList, public_id=public_id)
    lists.switch(row, request.user, active=request.POST.get("active") == "yes")
    return redirect("policy-listed")


@staff_page(reads=MAY)
@require_POST
def answer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """confirm or release."""
    get_object_or_404(Match, public_id=public_id)
    verb = request.POST.get("verb")
    if verb not in ("confirm", "release"):
        raise Http404
    try:
        decide(
            public_id,
            request.user,
            request.POST.get("why", ""),
            release=verb == "release",
        )
    except Refused as error:
        messages.error(request, str(error))
    return redirect("policy-listed")


def _context(request: HttpRequest, form: ListForm) -> dict[str, Any]:
    waiting = Match.objects.filter(state=Match.State.WAITING).order_by("created_at")
    rows = waiting.select_related("listed")
    return {
        "form": form,
        "may_keep": request.user.has_perm(KEEP),
        "page": Paginator(rows, 20).get_page(request.GET.get("page")),
        "lists": [
            {"row": row, "whole": lists.is_whole(row)}
            for row in HashList.objects.order_by("name")
        ],
    }
