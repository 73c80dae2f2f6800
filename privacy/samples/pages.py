"""The page of sample sets: upload, how far they are, and delete."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from privacy import tasks
from privacy.policy_room import audit
from privacy.policy_room.doors import staff_page
from privacy.samples import reading
from privacy.samples.models import SamplePicture, SampleSet

TUNE = "privacy.change_ruleset"


class SetForm(forms.Form):
    """A zip with pictures and labels."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    file = forms.FileField(label=gettext_lazy("Zip file"))


@staff_page(writes=TUNE)
@require_http_methods(["GET", "POST"])
def samples(request: HttpRequest) -> HttpResponse:
    """The sets; POST keeps another one and has it looked at."""
    sent = request.method == "POST"
    form = SetForm(request.POST, request.FILES) if sent else SetForm()
    if request.method == "POST" and form.is_valid():
        try:
            row = reading.keep(
                form.cleaned_data["name"], form.cleaned_data["file"], request.user
            )
        except reading.BadSet as error:
            form.add_error("file", str(error))
        else:
            tasks.enqueue(tasks.look_at_samples, row.pk)
            messages.success(request, _("Kept. The workers look at it now."))
            return redirect("policy-samples")
    return render(
        request,
        "policy/samples.html",
        _context(request, form),
        status=400 if form.errors else 200,
    )


@staff_page(writes=TUNE)
@require_POST
def delete(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A set with all of its pictures."""
    row = get_object_or_404(SampleSet, public_id=public_id)
    audit.record("samples.deleted", request.user, public_id)
    row.delete()
    return redirect("policy-samples")


@staff_page()
@require_GET
def picture(request: HttpRequest, public_id: uuid.UUID, number: int) -> HttpResponse:
    """The small clean copy of one picture of a set."""
    rows = SamplePicture.objects.filter(
        sample__public_id=public_id, findings__isnull=False, pk=number
    )
    row = get_object_or_404(rows)
    response = HttpResponse(bytes(row.data), content_type="image/jpeg")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def _context(request: HttpRequest, form: SetForm) -> dict[str, Any]:
    rows = list(SampleSet.objects.order_by("-pk"))
    return {
        "form": form,
        "may_tune": request.user.has_perm(TUNE),
        "sets": [
            {
                "row": row,
                "pictures": SamplePicture.objects.filter(
                    sample=row, findings__isnull=False
                ).values_list("pk", flat=True)[:8],
            }
            for row in rows
        ],
        "running": any(row.state == SampleSet.State.SCANNING for row in rows),
    }
