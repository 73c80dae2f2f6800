"""Thresholds on evidence: what owners corrected tells what a threshold would come to.

A finding that its owner switched to be shown to everybody counts as a false alarm, one
that was left or hidden as real, and a region that an owner drew as one that nothing
found (it has no category, so it counts for none). Numbers alone, and none of few.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from privacy.core.taxonomy import all_categories, lookup
from privacy.core.types import Tier
from privacy.models import Finding
from privacy.policy_room import curves
from privacy.policy_room.doors import staff_page

LEAST, OWNERS = 10, 3
"""So many findings of so many owners before anything is told of a category."""
WIDTH, HEIGHT = 560, 240
MOST = 20_000


class ThresholdForm(forms.Form):
    """Which category, where, and what a miss costs against a needless mask."""

    category = forms.ChoiceField(
        label=_("Category"),
        choices=[(one.name, one.many) for one in all_categories() if one.name != "*"],
        initial="face",
    )
    threshold = forms.FloatField(
        label=_("Least confidence"),
        min_value=0,
        max_value=1,
        initial=0.5,
        widget=forms.NumberInput(attrs={"type": "range", "step": "0.05"}),
    )
    miss = forms.FloatField(
        label=_("A miss is as bad as so many needless masks"),
        min_value=0.1,
        max_value=1000,
        initial=10,
    )


@staff_page()
@require_GET
def thresholds(request: HttpRequest) -> HttpResponse:
    """The curve of one category with the point that was asked for and the cheapest."""
    initial = {name: one.initial for name, one in ThresholdForm.base_fields.items()}
    form = ThresholdForm(initial | request.GET.dict())
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        asked = form.cleaned_data
        labelled, owners = evidence(asked["category"])
        context |= {"words": lookup(asked["category"]).many, "count": len(labelled)}
        if len(labelled) >= LEAST and owners >= OWNERS:
            points = curves.curve(labelled, miss=asked["miss"])
            context |= {
                "points": points,
                "here": curves.at(labelled, asked["threshold"], miss=asked["miss"]),
                "best": curves.best(points),
                "precision": _path([point.precision for point in points]),
                "recall": _path([point.recall for point in points]),
                "x": WIDTH * min(1.0, asked["threshold"] / curves.STEPS[-1]),
                "width": WIDTH,
                "height": HEIGHT,
            }
    return render(request, "policy/thresholds.html", context)


def evidence(category: str) -> tuple[list[curves.Labelled], int]:
    """Findings with what their owners made of them, and of how many owners."""
    rows = Finding.objects.filter(
        category=category, manual=False, scan__current=True
    ).order_by("-pk")
    found = list(
        rows.values_list("confidence", "choice", "show_from", "scan__owner")[:MOST]
    )
    wrong = (Finding.Choice.SHOW, int(Tier.FULL))
    labelled = [
        curves.Labelled(confidence, (choice, show_from) != wrong)
        for confidence, choice, show_from, _owner in found
    ]
    return labelled, len({owner for *_rest, owner in found})


def _path(values: list[float]) -> str:
    return curves.line(values, WIDTH, HEIGHT)
