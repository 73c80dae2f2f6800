"""The gallery's bar for several photos at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import User
from gallery import albums, bulk, services
from gallery.access import access_own_album
from gallery.audience import NeedsConfirmation
from gallery.bulk import Done, Strictness
from gallery.models import Album, Audience, Media
from gallery.views import me
from privacy.core.types import Style

VERBS = ("audience", "strictness", "style", "album", "reviewed", "delete")


class BulkForm(forms.Form):
    """What is to be done, with what it needs."""

    do = forms.ChoiceField(choices=[(verb, verb) for verb in VERBS])
    audience = forms.ChoiceField(choices=Audience.choices, required=False)
    strictness = forms.ChoiceField(
        choices=[(one.value, one.value) for one in Strictness], required=False
    )
    style = forms.ChoiceField(
        choices=[("", ""), *((one.value, one.value) for one in bulk.STYLES)],
        required=False,
    )
    album = forms.UUIDField(required=False)
    album_name = forms.CharField(required=False, max_length=80)
    confirmed = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = self.cleaned_data
        verb = given.get("do")
        if verb in ("audience", "strictness") and not given.get(verb):
            raise forms.ValidationError(_("Choose what it should be."))
        if verb == "album" and not (given.get("album") or given.get("album_name")):
            raise forms.ValidationError(_("Choose an album, or name a new one."))
        return given


@login_required
@require_POST
def gallery_bulk(request: HttpRequest) -> HttpResponse:
    """Change, file or delete the chosen photos, all of them or none."""
    form = BulkForm(_named(request.POST))
    if not form.is_valid():
        error = next(iter(form.errors.values()))[0]
        messages.error(request, str(error))
        return redirect("gallery")
    given = form.cleaned_data
    try:
        wanted = [UUID(text) for text in request.POST.getlist("media")]
        media = bulk.chosen(me(request), wanted)
        if given["do"] == "delete":
            return _delete(request, media, confirmed=given["confirmed"])
        done = carry_out(me(request), media, given)
    except ValueError:
        messages.error(request, _("Those are not photos of yours."))
    except services.Refused as error:
        messages.error(request, str(error))
    except NeedsConfirmation as question:
        context = {"media": media, "given": given, "gains": question.gains}
        return render(request, "gallery/bulk_confirm.html", context, status=409)
    else:
        messages.success(request, words_for(done))
    return redirect("gallery")


def _named(given: QueryDict) -> dict[str, str]:
    """The form's fields; a button ``do_audience=close`` says verb and value at once."""
    fields = {name: str(value) for name, value in given.items()}
    for verb in VERBS:
        if (value := fields.pop(f"do_{verb}", None)) is not None:
            fields |= {"do": verb, verb: value}
    return fields


def carry_out(owner: User, media: list[Media], given: dict[str, Any]) -> Done:
    """Everything but deleting.

    Raises:
        NeedsConfirmation, services.Refused, Http404: nothing has been changed.
    """
    confirmed = given["confirmed"]
    match given["do"]:
        case "audience":
            return bulk.set_audience(media, given["audience"], confirmed=confirmed)
        case "strictness":
            how = Strictness(given["strictness"])
            return bulk.set_strictness(media, how, confirmed=confirmed)
        case "style":
            style = Style(given["style"]) if given["style"] else None
            return bulk.set_style(media, style, confirmed=confirmed)
        case "album":
            return bulk.put_into(media, _album(owner, given))
        case _:
            return bulk.mark_reviewed(media)


def _album(owner: User, given: dict[str, Any]) -> Album:
    if given.get("album"):
        return access_own_album(owner, given["album"])
    return albums.make(owner, given["album_name"])


def _delete(
    request: HttpRequest, media: list[Media], *, confirmed: bool
) -> HttpResponse:
    if not confirmed:
        context = {"media": media, "given": {"do": "delete"}}
        return render(request, "gallery/bulk_confirm.html", context, status=409)
    context = {"receipts": bulk.delete(media)}
    return render(request, "gallery/receipts.html", context)


def words_for(done: Done) -> str:
    """What happened, and what had to stay as it is."""
    words = ngettext("%(n)d changed.", "%(n)d changed.", done.changed) % {
        "n": done.changed
    }
    if done.left:
        words += " " + ngettext(
            "%(n)d stayed as it is.", "%(n)d stayed as they are.", done.left
        ) % {"n": done.left}
    return words
