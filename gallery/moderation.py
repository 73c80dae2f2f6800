"""Pages of reporting, of the queue, and of what was decided about one's own pictures."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gallery import events, storage
from gallery.access import access_evidence, access_media
from gallery.models import Media
from gallery.views import me
from privacy.policy_room import moderation
from privacy.policy_room.doors import staff_page
from privacy.policy_room.models import Report

MAY = "privacy.change_report"
PAGE = 20


@login_required
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Say that a picture one sees should not be shown."""
    grant = access_media(me(request), public_id)
    if grant.mine:
        raise Http404
    context = {"grant": grant, "reasons": Report.Reason.choices}
    if request.method == "GET":
        return render(request, "policy/report.html", context)
    owner_id = Media.objects.values_list("owner_id", flat=True).get(pk=grant.media_id)
    try:
        moderation.report(
            public_id,
            owner_id,
            grant.plan,
            me(request),
            request.POST.get("reason", ""),
            request.POST.get("words", ""),
        )
    except moderation.TooMany:
        wait = {"Retry-After": str(int(moderation.AN_HOUR.total_seconds()))}
        said = _("That were many reports. Wait an hour before the next one.")
        return HttpResponse(said, status=429, headers=wait)
    except moderation.Refused as error:
        context["problem"] = str(error)
        return render(request, "policy/report.html", context, status=400)
    messages.success(request, _("Thank you. Somebody looks at it."))
    return redirect("home")


@staff_page(reads=MAY)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, the oldest first; appeals before the rest."""
    waiting = ("open", "appealed")
    rows = Report.objects.filter(state__in=waiting).order_by("state", "created_at")
    page = Paginator(rows.select_related("owner"), PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "policy/reports.html", {"page": page})


@staff_page(reads=MAY)
@require_POST
def decide(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """hide, dismiss, restore or uphold."""
    row = get_object_or_404(Report, public_id=public_id)
    verb, why = request.POST.get("verb"), request.POST.get("why", "")
    try:
        if verb in ("hide", "dismiss"):
            row = moderation.decide(public_id, me(request), why, hide=verb == "hide")
        elif verb in ("restore", "uphold"):
            row = moderation.decide_appeal(
                public_id, me(request), why, restore=verb == "restore"
            )
        else:
            raise Http404
    except moderation.Refused as error:
        messages.error(request, str(error))
    else:
        if row.state != Report.State.DISMISSED:
            events.report_decided(row.owner)
    return redirect("policy-reports")


@staff_page(reads=MAY)
@require_GET
def evidence(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The picture as the reporter saw it, masked as it was for them."""
    row = get_object_or_404(Report, public_id=public_id)
    rendition = access_evidence(me(request), row)
    data = storage.get(storage.renditions(), rendition.key)
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def decisions_about_me(request: HttpRequest) -> HttpResponse:
    """What was decided about one's own pictures, and the appeal. Nobody is named."""
    if request.method == "POST":
        try:
            public_id = uuid.UUID(request.POST.get("report", ""))
            moderation.appeal(public_id, me(request), request.POST.get("words", ""))
        except ValueError as error:
            raise Http404 from error
        except moderation.Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Somebody else looks at it again."))
        return redirect("your-reports")
    about = Report.objects.filter(owner=me(request)).exclude(
        state__in=["open", "dismissed"]
    )
    return render(request, "policy/your_reports.html", {"rows": about.order_by("-pk")})
