"""The room itself: what holds, drafts with what they would come to, and the history."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from privacy.core.errors import InvalidRules
from privacy.core.presets import NAMES, preset
from privacy.decisions import parsed
from privacy.models import RuleSet as RuleSetRow
from privacy.policy_room import drafts, matrix, replay, rollout, versions
from privacy.policy_room.doors import staff_page
from privacy.policy_room.examples import examples
from privacy.policy_room.figures import figures
from privacy.policy_room.models import Draft, Rollout

TUNE = "privacy.change_ruleset"


@staff_page()
@require_GET
def room(request: HttpRequest) -> HttpResponse:
    """What holds now, who works at what, and how it came to be."""
    rows = RuleSetRow.objects.order_by("-version").select_related("author", "rollout")
    page = Paginator(rows, 10).get_page(request.GET.get("page"))
    context = {
        "live": RuleSetRow.objects.filter(live=True).first(),
        "drafts": drafts.open_drafts().order_by("-changed_at"),
        "page": page,
        "history": [
            {
                "row": row,
                "words": matrix.words_of(row.diff),
                "genuine": not row.signature or versions.is_genuine(row),
            }
            for row in page
        ],
        "presets": NAMES,
        "may_tune": request.user.has_perm(TUNE),
    }
    return render(request, "policy/room.html", context)


@staff_page(writes=TUNE)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A draft from the live rules, or from a preset."""
    name = request.POST.get("preset", "")
    if name and name not in NAMES:
        raise Http404
    try:
        draft = drafts.begin(request.user, preset(name) if name else None)
    except drafts.Refused as error:
        messages.error(request, str(error))
        return redirect("policy")
    return redirect("policy-draft", draft.public_id)


@staff_page(writes=TUNE)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The matrix of a draft, and beside it what the draft would come to."""
    row = get_object_or_404(Draft.objects.select_related("base"), public_id=public_id)
    if request.method == "POST":
        return _save(request, row)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "policy/_whatif.html", _what_if(request, row))
    return render(request, "policy/draft.html", _context(request, row))


def _save(request: HttpRequest, row: Draft) -> HttpResponse:
    try:
        made = matrix.read(request.POST, parsed(row.body))
        reason = request.POST.get("reason", row.reason)
        row = drafts.change(row, made, reason, _edition(request), request.user)
    except (matrix.BadForm, drafts.Outdated, drafts.Refused) as error:
        context = _context(request, row) | {"problem": str(error)}
        status = 400 if isinstance(error, matrix.BadForm) else 409
        return render(request, "policy/draft.html", context, status=status)
    messages.success(request, _("Kept. Nothing has changed for anybody yet."))
    verb = request.POST.get("then")
    if verb == "replay":
        replay.begin(row)
    opened = request.POST.get("open") or ",".join(request.POST.getlist("opened"))
    target = redirect("policy-draft", row.public_id)
    if opened:
        target["Location"] += f"?open={opened}"
    return target


@staff_page(writes=TUNE)
@require_POST
def draft_verb(request: HttpRequest, public_id: uuid.UUID, verb: str) -> HttpResponse:
    """replay, cancel, submit, approve, apply, drop."""
    row = get_object_or_404(Draft, public_id=public_id)
    edition = _edition(request)
    try:
        match verb:
            case "replay":
                replay.begin(row)
            case "cancel":
                replay.cancel(row)
            case "submit":
                drafts.submit(row, edition, request.user)
            case "approve":
                drafts.approve(row, edition, request.user)
            case "apply":
                made = drafts.apply(row, edition, request.user)
                said = _("Version %(n)d holds from now on.") % {"n": made.version}
                messages.success(request, said)
                return redirect("policy")
            case "drop":
                drafts.drop(row, edition, request.user)
                return redirect("policy")
            case _:
                raise Http404
    except InvalidRules as error:
        messages.error(request, str(error))
    except (drafts.Refused, drafts.Outdated) as error:
        messages.error(request, str(error))
    return redirect("policy-draft", row.public_id)


@staff_page(writes=TUNE)
@require_POST
def rollback(request: HttpRequest, version: int) -> HttpResponse:
    """An earlier version's rules hold again, as a new version."""
    try:
        made = drafts.roll_back(version, request.user)
    except (drafts.Refused, drafts.Outdated, InvalidRules) as error:
        messages.error(request, str(error))
    else:
        said = _("Back to version %(old)d, as version %(n)d.")
        messages.success(request, said % {"old": version, "n": made.version})
    return redirect("policy")


@staff_page(writes=TUNE)
@require_POST
def rollout_verb(request: HttpRequest, version: int, verb: str) -> HttpResponse:
    """on, pause, resume."""
    row = get_object_or_404(Rollout, ruleset__version=version)
    if verb == "on":
        rollout.go_on(row, request.user)
    elif verb in ("pause", "resume"):
        rollout.pause(row, request.user, paused=verb == "pause")
    else:
        raise Http404
    return redirect("policy")


def _context(request: HttpRequest, row: Draft) -> dict[str, Any]:
    rules, base = parsed(row.body), parsed(row.base.body)
    opened = [name for name in request.GET.get("open", "").split(",") if name]
    diff = versions.difference(base, rules)
    return {
        **_what_if(request, row),
        "rows": matrix.rows(rules, base, opened),
        "weak": matrix.weaknesses(),
        "tiers": matrix.TIERS,
        "opened": opened,
        "problems": rules.problems(),
        "words": matrix.words_of(diff),
        "may_tune": request.user.has_perm(TUNE),
        "may_approve": row.state == Draft.State.WAITING
        and row.author_id != request.user.pk,
        "is_open": row.state in drafts.OPEN,
    }


def _what_if(request: HttpRequest, row: Draft) -> dict[str, Any]:
    found = replay.latest(row)
    return {
        "draft": row,
        "replay": found,
        "figures": figures(found) if found else None,
        "examples": examples(request.user, found) if found else (),
    }


def _edition(request: HttpRequest) -> int:
    text = request.POST.get("edition", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0
