"""Thresholds on evidence: what owners corrected, or a labelled set, tells what a
threshold would come to.

A finding that its owner switched to be shown to everybody counts as a false alarm, one
that was left or hidden as real, and a region that an owner drew as one that nothing
found (it has no category, so it counts for none). Numbers alone, and none of few.
"""

from __future__ import annotations

import json
import uuid
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
from privacy.samples import evidence as samples
from privacy.samples.models import SampleSet

LEAST, OWNERS = 10, 3
"""So many findings of so many owners before anything is told of a category."""
WIDTH, HEIGHT = 560, 240
MOST = 20_000


class ThresholdForm(forms.Form):
    """Which category, where, and what a miss costs against a needless mask."""

    source = forms.ChoiceField(label=_("Evidence"), required=False)
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sets = SampleSet.objects.filter(state=SampleSet.State.DONE).order_by("-pk")
        choices: list[tuple[str, Any]] = [("", _("what owners corrected"))]
        choices += [(str(row.public_id), row.name) for row in sets]
        self.fields["source"].choices = choices  # type: ignore[attr-defined]


@staff_page()
@require_GET
def thresholds(request: HttpRequest) -> HttpResponse:
    """The curve of one category with the point that was asked for and the cheapest."""
    initial = {name: one.initial for name, one in ThresholdForm.base_fields.items()}
    form = ThresholdForm(initial | request.GET.dict())
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        context |= _figures(form.cleaned_data)
    return render(request, "policy/thresholds.html", context)


def _figures(asked: dict[str, Any]) -> dict[str, Any]:
    """The curve, or, where there is too little to go by, no more than how much."""
    miss, unfound, enough = asked["miss"], 0, False
    if asked["source"]:
        sample = SampleSet.objects.get(public_id=uuid.UUID(asked["source"]))
        labelled, unfound = samples.of(sample, asked["category"])
        enough = len(labelled) + unfound >= LEAST
    else:
        sample = None
        labelled, owners = evidence(asked["category"])
        enough = len(labelled) >= LEAST and owners >= OWNERS
    found: dict[str, Any] = {
        "words": lookup(asked["category"]).many,
        "count": len(labelled) + unfound,
        "sample": sample,
    }
    if not enough:
        return found
    points = curves.curve(labelled, unfound, miss)
    here = curves.at(labelled, asked["threshold"], unfound, miss)
    best = curves.best(points)
    return found | {
        "points": points,
        "chosen": here,
        "best": best,
        "best_x": _x(best.threshold),
        "precision": _path([point.precision for point in points]),
        "recall": _path([point.recall for point in points]),
        "x": _x(here.threshold),
        "here_precision": round(HEIGHT * (1 - here.precision), 1),
        "here_recall": round(HEIGHT * (1 - here.recall), 1),
        "told": json.dumps([_told(point) for point in points]),
        "width": WIDTH,
        "height": HEIGHT,
        "grid": [round(HEIGHT * step / 4, 1) for step in range(5)],
    }


def _told(point: curves.At) -> dict[str, float]:
    """A point for the script that lets it be dragged."""
    return {
        "t": point.threshold,
        "masked": point.masked,
        "needless": point.needless,
        "missed": point.missed,
        "cost": round(point.cost, 1),
        "precision": round(point.precision, 4),
        "recall": round(point.recall, 4),
    }


def _x(threshold: float) -> float:
    return round(WIDTH * min(1.0, threshold / curves.STEPS[-1]), 1)


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
