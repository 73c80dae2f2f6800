"""Pages of “I am in this photo”: for anybody, without an account and without scripts."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.addresses import client_ip
from gallery import claims
from gallery.access import access_media, access_post
from gallery.models import Media
from gallery.views import me
from privacy.claims import services
from privacy.claims.models import Claim
from privacy.policy_room.doors import staff_page

MAY = "privacy.change_report"
GRID = 8
"""A picture is marked on a grid of so many fields a side."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class AskForm(forms.Form):
    """Which picture, where, and how to reach whoever asks."""

    words = forms.CharField(
        label=gettext_lazy("Which person you are, in words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    contact = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy(
            "For the answer alone. Whoever shared the photo does not see it; it is "
            "forgotten thirty days after the answer."
        ),
    )
    at_once = forms.BooleanField(
        label=gettext_lazy("Mask it at once, until it is answered"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, asked_by: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asked_by is not None:  # an account is a contact
            del self.fields["contact"]


class AnywhereForm(AskForm):
    """For who has no more than a link."""

    link = forms.CharField(
        label=gettext_lazy("Link to the photo or the post"), max_length=300
    )
    field_order = ["link", "words", "contact"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["at_once"]

    def clean_link(self) -> uuid.UUID:
        found = _UUID.findall(self.cleaned_data["link"])
        if not found:
            raise forms.ValidationError(_("This is no link to a photo of this site."))
        return uuid.UUID(found[-1])


@require_http_methods(["GET", "POST"])
def anywhere(request: HttpRequest) -> HttpResponse:
    """The page of its own. The answer is the same whether there is such a photo or not,
    for whoever may not see it; who sees it marks the place."""
    asker = _asker(request)
    given = request.POST if request.method == "POST" else None
    form = AnywhereForm(given, asked_by=asker)
    if request.method != "POST" or not form.is_valid():
        status = 400 if form.errors else 200
        return render(request, "claims/ask.html", {"form": form}, status=status)
    subject = form.cleaned_data["link"]
    pictures = _pictures(request, subject)
    if len(pictures) == 1:
        return redirect("mask-me", pictures[0].public_id)
    if pictures:
        return render(request, "claims/which.html", {"pictures": pictures})
    return _filed(request, form, subject, owner_id=None)


@require_http_methods(["GET", "POST"])
def picture(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A photo that the asker sees, with a grid to mark the place on."""
    grant = access_media(request.user, public_id)
    if grant.mine:
        return redirect("compose", grant.post_public_id)
    given = request.POST if request.method == "POST" else None
    form = AskForm(given, asked_by=_asker(request))
    place = _place(request.POST.getlist("field"))
    if request.method == "POST" and form.is_valid() and place:
        owner_id = claims.owner_of(request.user, public_id)
        return _filed(request, form, public_id, owner_id=owner_id, place=place)
    context = {
        "grant": grant,
        "form": form,
        "rows": [
            [row * GRID + column for column in range(GRID)] for row in range(GRID)
        ],
        "chosen": request.POST.getlist("field"),
        "unmarked": request.method == "POST" and not place,
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "claims/picture.html", context, status=status)


@require_http_methods(["GET", "POST"])
def status(request: HttpRequest, secret: str) -> HttpResponse:
    """What became of a request: for whoever has its link. POST confirms or appeals."""
    row = services.by_secret(secret)
    if row is None:
        raise Http404
    if request.method == "POST":
        try:
            if request.POST.get("verb") == "confirm":
                confirmed = services.confirm(secret)
                if confirmed is not None:
                    claims.begun(confirmed)
            else:
                services.appeal(secret)
        except services.Refused as error:
            messages.error(request, str(error))
        return _locked(redirect("mask-me-status", secret))
    context = {"claim": row, "secret": secret}
    return _locked(render(request, "claims/status.html", context))


@login_required
@require_http_methods(["GET", "POST"])
def about_me(request: HttpRequest) -> HttpResponse:
    """Requests about one's own photos. Nobody's address is told."""
    owner = me(request)
    if request.method == "POST":
        row = get_object_or_404(
            Claim, public_id=_uuid(request.POST.get("claim", "")), owner=owner
        )
        mask = request.POST.get("verb") == "mask"
        try:
            claims.owner_answers(row, owner, request.POST.get("why", ""), mask=mask)
        except services.Refused as error:
            messages.error(request, str(error))
        return redirect("your-claims")
    asked = Claim.objects.filter(owner=owner).exclude(proof="", passed=False)
    rows = asked.exclude(state=Claim.State.UNCONFIRMED).order_by("-pk")[:50]
    found = []
    for row in rows:
        media = Media.objects.filter(public_id=row.subject, owner=owner).first()
        grant = access_media(owner, media.public_id) if media else None
        found.append({"row": row, "grant": grant})
    return render(request, "claims/yours.html", {"rows": found})


@staff_page(reads=MAY)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What owners declined and was asked again, and what has no owner to answer it."""
    rows = Claim.objects.filter(state__in=["waiting", "appealed"])
    page = Paginator(rows.order_by("state", "created_at"), 20)
    context = {"page": page.get_page(request.GET.get("page"))}
    return render(request, "policy/claims.html", context)


@staff_page(reads=MAY)
@require_POST
def decide(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """pass, mask or refuse."""
    row = get_object_or_404(Claim, public_id=public_id)
    verb, why = request.POST.get("verb"), request.POST.get("why", "")
    if verb not in ("pass", "mask", "refuse"):
        raise Http404
    try:
        if verb != "pass":
            claims.moderator_answers(row, me(request), why, mask=verb == "mask")
        elif not claims.pass_on(row, me(request)):
            messages.error(request, _("There is no such picture, or more than one."))
    except services.Refused as error:
        messages.error(request, str(error))
    return redirect("policy-claims")


def _filed(
    request: HttpRequest,
    form: forms.Form,
    subject: uuid.UUID,
    *,
    owner_id: int | None,
    place: list[float] | None = None,
) -> HttpResponse:
    asked = form.cleaned_data
    try:
        row, secret = services.file(
            subject,
            owner_id=owner_id,
            asker=_asker(request),
            contact=asked.get("contact", ""),
            words=asked["words"],
            place=place,
            at_once=asked.get("at_once", False),
            from_ip=client_ip(request),
        )
    except services.TooMany:
        wait = {"Retry-After": str(int(services.A_DAY.total_seconds()))}
        said = _("That were many requests. Try again tomorrow.")
        return HttpResponse(said, status=429, headers=wait)
    link = settings.SITE_URL.rstrip("/") + reverse("mask-me-status", args=[secret])
    if row.state == Claim.State.UNCONFIRMED:
        text = _("Somebody asked for this address that a photo be masked. If that was you, confirm it here:")  # fmt: skip
        send_mail(_("Confirm your request"), f"{text}\n\n{link}", None, [row.contact])
        # The link is in the mail alone: having it is the proof.
        return render(request, "claims/mailed.html")
    claims.begun(row)
    return _locked(redirect("mask-me-status", secret))


def _pictures(request: HttpRequest, subject: uuid.UUID) -> list[Any]:
    """Grants of what the asker sees under an id of a picture or a post."""
    try:
        return [access_media(request.user, subject)]
    except Http404:
        pass
    try:
        return list(access_post(request.user, subject).media)
    except Http404:
        return []


def _place(fields: list[str]) -> list[float] | None:
    """The box around the fields that were marked, in 0..1."""
    marked = [int(f) for f in fields if f.isdecimal() and int(f) < GRID * GRID]
    if not marked:
        return None
    columns, rows = [f % GRID for f in marked], [f // GRID for f in marked]
    return [
        min(columns) / GRID,
        min(rows) / GRID,
        (max(columns) + 1) / GRID,
        (max(rows) + 1) / GRID,
    ]


def _asker(request: HttpRequest) -> Any:
    return request.user if request.user.is_authenticated else None


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error


def _locked(response: HttpResponse) -> HttpResponse:
    """Its address is a secret: it is told to no other site and kept nowhere."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
