"""Regions of one's own pictures, edited from the compose page.

Scripts send and get JSON; forms post the same verbs and come back to the page.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gallery import dossiers, editing, services
from gallery.access import access_own_media
from gallery.audience import NeedsConfirmation
from gallery.models import Media
from gallery.views import me
from privacy import review
from privacy.core.types import Box, Point, Style
from privacy.models import Finding

_MOST = 1000


class _Wrong(Exception):
    """What was sent makes no sense; the text says what would."""


@login_required
@require_http_methods(["GET", "POST", "PATCH"])
def regions(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The regions of a picture.

    POST draws another one and says which; with ``id`` one that was deleted comes back.
    PATCH makes several ``changes`` as one, each as to ``region`` with its ``id``.
    """
    media = access_own_media(me(request), public_id)
    if request.method == "GET":
        return JsonResponse(_shape(request, public_id))

    def act(given: dict[str, Any]) -> str:
        if request.method == "PATCH":
            confirmed = _yes(given.get("confirmed"))
            editing.change_all(media, _changes(given), confirmed=confirmed)
            return ""
        outline = _outline(given)
        return editing.add(
            media,
            None if outline else _box(given),
            outline=outline,
            brush=_brush(given),
            look=_change(given, str(given["id"]), place=False)
            if "id" in given
            else None,
        )

    return carry_out(request, media, act)


@login_required
@require_http_methods(["POST", "PATCH", "DELETE"])
def region(request: HttpRequest, public_id: uuid.UUID, region: str) -> HttpResponse:
    """Switch, move or remove one region. A form says DELETE by ``remove=1``.

    With ``same=1`` everything of its category gets the same choice and look.
    """
    media = access_own_media(me(request), public_id)

    def act(given: dict[str, Any]) -> None:
        confirmed = _yes(given.get("confirmed"))
        if request.method == "DELETE" or _yes(given.get("remove")):
            editing.remove(media, region, confirmed=confirmed)
            return
        change = _change(given, region)
        if _yes(given.get("same")):
            category = review.category_of(public_id, region)
            editing.choose_kind(
                media,
                category,
                change.choice or Finding.Choice.AUTO,
                change.show_from or 0,
                style=change.style,
                art=change.art,
                confirmed=confirmed,
            )
            return
        editing.change_all(media, [change], confirmed=confirmed)

    return carry_out(request, media, act)


@login_required
@require_POST
def kind(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The same choice for all findings of one category, or ``among`` them for some."""
    media = access_own_media(me(request), public_id)

    def act(given: dict[str, Any]) -> None:
        editing.choose_kind(
            media,
            str(given.get("category", "")),
            _choice(given) or Finding.Choice.AUTO,
            _show_from(given) or 0,
            style=_style(given),
            art=_art(given),
            among=str(given.get("among", "")),
            confirmed=_yes(given.get("confirmed")),
        )

    return carry_out(request, media, act)


def carry_out(request: HttpRequest, media: Media, act: Any) -> HttpResponse:
    """Do ``act`` with what was sent, and answer as scripts and forms expect it.

    ``act`` may raise what the verbs of ``gallery.editing`` raise.
    """
    script = request.content_type == "application/json" or request.method != "POST"
    added = None
    try:
        given = _given(request)
        added = act(given)
    except review.NoSuchRegion as error:
        raise Http404 from error
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
        more = {"added": added} if added else {}
        return JsonResponse(_shape(request, media.public_id) | more)
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


def _outline(given: dict[str, Any]) -> tuple[Point, ...]:
    raw = given.get("outline") or []
    try:
        points = tuple((float(x), float(y)) for x, y in raw)
    except (TypeError, ValueError) as error:
        raise _Wrong(_("An outline is points x, y in 0..1.")) from error
    if not all(0 <= value <= 1 for point in points for value in point):
        raise _Wrong(_("An outline is points x, y in 0..1."))
    return points


def _brush(given: dict[str, Any]) -> float:
    try:
        brush = float(given.get("brush") or 0)
    except (TypeError, ValueError) as error:
        raise _Wrong(_("A brush is a radius in 0..1.")) from error
    if not 0 <= brush <= 1:
        raise _Wrong(_("A brush is a radius in 0..1."))
    return brush


def _change(
    given: dict[str, Any], region: str, *, place: bool = True
) -> editing.Change:
    boxed = place and ("box" in given or "x0" in given)
    return editing.Change(
        region,
        choice=_choice(given),
        show_from=_show_from(given),
        style=_style(given),
        art=_art(given),
        box=_box(given) if boxed else None,
        outline=_outline(given) if place else (),
        brush=_brush(given),
    )


def _changes(given: dict[str, Any]) -> list[editing.Change]:
    raw = given.get("changes")
    if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
        raise _Wrong(_("Changes are a list of objects, each with an id."))
    if not 0 < len(raw) <= _MOST:
        raise _Wrong(_("That is too many changes at once."))
    return [_change(one, str(one.get("id", ""))) for one in raw]


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
    if style is None:
        return None
    word, _colon, _name = str(style).partition(":")
    if word and word not in [one.value for one in Style]:
        raise _Wrong(_("There is no such style."))
    return word


def _art(given: dict[str, Any]) -> str:
    """A form names a sticker within the style: ``sticker:`` and its id."""
    _word, _colon, name = str(given.get("style") or "").partition(":")
    return str(given.get("art") or name)[:40]


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
                        "brush": one.brush,
                        "choice": one.choice,
                        "show_from": one.show_from,
                        "style": one.style,
                        "art": one.art,
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
