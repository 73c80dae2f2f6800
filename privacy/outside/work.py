"""HEAVY: looks at a picture that another program sent, and answers. For workers alone.

The answer is JSON with the HTTP status that it comes under. Everything fails closed: a
check that could not run gives no picture, and neither does a mask that did not hold.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.utils import timezone

from privacy import decisions
from privacy.core.api import Protected, protect, with_style
from privacy.core.errors import RefusedInput
from privacy.core.formats import Limits
from privacy.core.image import Picture
from privacy.core.policy import RuleSet
from privacy.core.presets import preset
from privacy.core.render import encode
from privacy.core.sanitise import sanitise
from privacy.core.scan import scan
from privacy.core.score import Score, score
from privacy.core.types import Finding, ScanReport, Style, Tier, Treatment
from privacy.outside import jobs, known
from privacy.outside.models import Job
from privacy.outside.wishes import TYPES

log = structlog.get_logger(__name__)

_STATUS = {"unsupported": 415, "too_large": 413}
Answer = dict[str, Any]


def carry_out(public_id: uuid.UUID, wanted: dict[str, Any], secret: bytes) -> None:
    """Answer a job, unless it has been answered, given up or is past its time."""
    job = Job.objects.select_related("key").filter(public_id=public_id).first()
    if job is None or job.state != Job.State.QUEUED:
        return
    if job.expires_at <= timezone.now():
        return
    try:
        data = jobs.picture_of(job, secret)
    except (FileNotFoundError, InvalidTag):
        return  # given up meanwhile
    jobs.finish(job, secret, answer(data, wanted, job.key.owner_id if job.key else 0))


def answer(data: bytes, wanted: dict[str, Any], owner_id: int) -> Answer:
    """What becomes of one picture.

    Args:
        wanted: from ``privacy.outside.wishes``.
        owner_id: whose findings are kept; 0 keeps none.
    """
    limits = Limits(
        bytes=settings.NOPEEK_LIMITS["bytes"], pixels=settings.NOPEEK_LIMITS["pixels"]
    )
    try:
        picture = sanitise(data, limits).picture()
        if wanted["do"] == "viper":
            return _viper(picture, wanted)
        return _looked_at(picture, data, wanted, owner_id)
    except RefusedInput as error:
        return problem(_STATUS.get(error.code, 422), error.code, str(error))
    except Exception as error:  # noqa: BLE001 - an answer all the same, and closed
        log.warning("outside.failed", error=type(error).__name__)  # may quote contents
        said = "The picture could not be processed. Try again later."
        return problem(500, "failed", said)


def problem(status: int, code: str, detail: str) -> Answer:
    return {"status": status, "code": code, "detail": detail}


def _looked_at(
    picture: Picture, data: bytes, wanted: dict[str, Any], owner_id: int
) -> Answer:
    report = known.report_of(owner_id, data) if owner_id else None
    cached = report is not None
    if report is None:
        report = scan(picture)
        if owner_id:
            known.remember(owner_id, data, report)
    name = wanted["rules"]
    rules = decisions.live_rules() if name == "site" else preset(name)
    scores = score(report.findings, rules)
    body: Answer = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": report.width,
        "height": report.height,
        "complete": report.complete,
        "unchecked": list(report.unchecked),
        "cached": cached,
        "findings": [finding.as_json() for finding in report.findings],
        "tiers": {tier.word: _score(scores[tier]) for tier in Tier},
    }
    if wanted["do"] == "analyse":
        return {"status": 200, "body": body}
    if not report.complete:
        names = ", ".join(report.unchecked)
        said = f"Nothing was masked, since these checks could not run: {names}."
        return problem(503, "unchecked", said)
    tiers = [Tier(number) for number in wanted["tiers"]]
    key = known.mask_key(owner_id, data)
    shown = protect(picture, report.findings, rules, key, tiers=tiers)
    body["tiers"] = {
        tier.word: _score(scores[tier]) | _masked(shown[tier], wanted) for tier in tiers
    }
    return {"status": 200, "body": body}


def _score(found: Score) -> Answer:
    return found.as_json() | {"level": found.level}


def _masked(made: Protected, wanted: dict[str, Any]) -> Answer:
    """The picture of one tier, or why there is none."""
    verdict = made.verdict
    shape: Answer = {"masked": len(made.plan.regions), "image": None, "problem": ""}
    if verdict is None or verdict.unchecked:
        return shape | {"problem": "The masks could not be tested."}
    if verdict.survivors:
        kinds = ", ".join(sorted({one.category for one in verdict.survivors}))
        return shape | {"problem": f"Something can still be made out: {kinds}."}
    data = encode(made.pixels, wanted["size"], wanted["format"])
    return shape | {"image": _file(data, wanted["format"])}


def _file(data: bytes, form: str) -> Answer:
    return {
        "type": TYPES[form],
        "sha256": hashlib.sha256(data).hexdigest(),
        "base64": base64.b64encode(data).decode(),
    }


def _viper(picture: Picture, wanted: dict[str, Any]) -> Answer:
    """VIPER's lists and levels; its detections are those of this very picture."""
    report: ScanReport = scan(picture, only=("objects",))
    if not report.complete:
        said = "Nothing was masked, since the check for objects could not run."
        return problem(503, "unchecked", said)
    rules: RuleSet = with_style(preset("viper"), Treatment(Style(wanted["style"])))
    tier = Tier(wanted["tier"])
    found: tuple[Finding, ...] = report.findings
    key = hashlib.sha256(picture.pixels.tobytes()).digest()
    shown = protect(picture, found, rules, key, tiers=(tier,), attack=False)[tier]
    data = encode(shown.pixels, "full", "jpeg")
    return {"status": 200, "body": {"image": _file(data, "jpeg")}}
