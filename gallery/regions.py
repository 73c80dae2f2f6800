"""Regions of one's own pictures, edited from the compose page.

Scripts send and get JSON; forms post the same verbs and come back to the page.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gallery import dossiers, editing, services
from gallery.access import access_own_media
from gallery.audience import NeedsConfirmation
from gallery.models import Media
from gallery.views import me
from privacy.core.types import Box, Style
from privacy.models import Finding


class _Wrong(Exception):
    """What was sent makes no sense; the text says what would."""


@login_required
@require_http_methods(["GET", "POST"])
def regions(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The regions of a picture; POST draws another one."""
    media = access_own_media(me(request), public_id)
    if request.method == "GET":
        return JsonResponse(_shape(request, public_id))
    return _do(request, media, lambda given: editing.add(media, _box(given)))


@login_required
@require_http_methods(["POST", "PATCH", "DELETE"])
def region(request: HttpRequest, public_id: uuid.UUID, region: str) -> HttpResponse:
    """Switch, move or remove one region. A form says DELETE by ``remove=1``."""
    media = access_own_media(me(request), public_id)

    def act(given: dict[str, Any]) -> None:
        confirmed = _yes(given.get("confirmed"))
        if request.method == "DELETE" or _yes(given.get("remove")):
            editing.remove(media, region, confirmed=confirmed)
            return
        editing.change(
            media,
            region,
            choice=_choice(given),
            show_from=_show_from(given),
            style=_style(given),
            box=_box(given) if "box" in given or "x0" in given else None,
            confirmed=confirmed,
        )

    return _do(request, media, act)


@login_required
@require_POST
def kind(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The same choice for all findings of one category."""
    media = access_own_media(me(request), public_id)

    def act(given: dict[str, Any]) -> None:
        editing.choose_kind(
            media,
            str(given.get("category", "")),
            _choice(given) or Finding.Choice.AUTO,
            _show_from(given) or 0,
            confirmed=_yes(given.get("confirmed")),
        )

    return _do(request, media, act)


def _do(request: HttpRequest, media: Media, act: Any) -> HttpResponse:
    script = request.content_type == "application/json" or request.method != "POST"
    try:
        given = _given(request)
        act(given)
    except _Wrong as error:
        return JsonResponse({"detail": str(error), "code": "wrong"}, status=400)
    except services.Refused as error:
        if script:
            return JsonResponse({"detail": str(error), "code": error.code}, status=409)
        messages.error(request, str(error))
    except NeedsConfirmation as question:
        if script:
            words = {"code": "confirm", "gains": question.gains.words()}
            return JsonResponse(words, status=409)
        context = {"media": media, "gains": question.gains, "given": given}
        return render(request, "gallery/unmask.html", context, status=409)
    if script:
        return JsonResponse(_shape(request, media.public_id))
    return redirect("compose", media.post.public_id)


def _given(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json":
        return dict(request.POST.items())
    try:
        given = json.loads(request.body or b"{}")
    except ValueError as error:
        raise _Wrong(_("That is not JSON.")) from error
    if not isinstance(given, dict):
        raise _Wrong(_("An object is needed."))
    return given


def _box(given: dict[str, Any]) -> Box:
    raw = given.get("box") or [given.get(key) for key in ("x0", "y0", "x1", "y1")]
    try:
        x0, y0, x1, y1 = (float(value) for value in raw)
    except (TypeError, ValueError) as error:
        raise _Wrong(_("A box is x0, y0, x1, y1 in 0..1.")) from error
    # Written so that NaN is refused too.
    if not (0 <= x0 <= x1 - editing.LEAST and 0 <= y0 <= y1 - editing.LEAST):
        raise _Wrong(_("The region is too small."))
    if not (x1 <= 1 and y1 <= 1):
        raise _Wrong(_("A box is x0, y0, x1, y1 in 0..1."))
    return Box(x0, y0, x1, y1)


def _choice(given: dict[str, Any]) -> str | None:
    choice = given.get("choice")
    if choice is not None and choice not in Finding.Choice.values:
        raise _Wrong(_("A choice is auto, hide or show."))
    return choice


def _show_from(given: dict[str, Any]) -> int | None:
    word = given.get("show_from")
    if word is None:
        return None
    if str(word) not in ("0", "1", "2"):
        raise _Wrong(_("Shown from 0, 1 or 2 on."))
    return int(word)


def _style(given: dict[str, Any]) -> str | None:
    style = given.get("style")
    if style and style not in [one.value for one in Style]:
        raise _Wrong(_("There is no such style."))
    return style


def _yes(value: object) -> bool:
    return value is True or value in ("1", "true", "on")


def _shape(request: HttpRequest, public_id: uuid.UUID) -> dict[str, Any]:
    media = access_own_media(me(request), public_id)
    dossier = dossiers.of_media(me(request), [media])[0]
    return {
        "id": str(public_id),
        "version": media.version,
        "state": media.state,
        "kinds": [
            {
                "category": kind.category,
                "words": kind.words,
                "same": kind.same,
                "regions": [
                    {
                        "id": one.region,
                        "box": [one.x0, one.y0, one.x1, one.y1],
                        "outline": one.outline,
                        "choice": one.choice,
                        "show_from": one.show_from,
                        "style": one.style,
                        "evidence": one.evidence,
                        "manual": one.manual,
                    }
                    for one in kind.findings
                ],
            }
            for kind in dossier.kinds
        ],
        "risks": [
            {
                "tier": risk.tier.word,
                "score": risk.score,
                "step": risk.step,
                "masked": risk.masked,
                "ready": risk.ready,
                "reasons": list(risk.reasons),
            }
            for risk in dossier.risks
        ],
    }
