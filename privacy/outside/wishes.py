"""LIGHT: what another program may ask for, as plain data that a message can carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from privacy.core.presets import NAMES
from privacy.core.types import Style, Tier
from privacy.outside.problems import Problem

TYPES = {"jpeg": "image/jpeg", "webp": "image/webp"}
MODIFIERS = {
    "blur": Style.BLUR, "br": Style.BLUR,
    "block": Style.FILL, "bk": Style.FILL,
    "noise": Style.NOISE, "ne": Style.NOISE,
    "saliency": Style.SALIENCY, "sy": Style.SALIENCY,
}  # fmt: skip
"""VIPER's modifiers and their aliases."""


def analysis(given: Mapping[str, Any]) -> dict[str, Any]:
    """``rules``: a preset, or ``site`` (the default) for the site's own."""
    return {"do": "analyse", "rules": _rules(given)}


def protection(given: Mapping[str, Any], tiers: Sequence[str]) -> dict[str, Any]:
    """``rules`` as in ``analysis``, ``tiers``, ``format`` and ``size`` in pixels.

    Raises:
        Problem: 400, names what is accepted.
    """
    words = [word for text in tiers for word in text.split(",") if word.strip()]
    try:
        found = [Tier.parse(word) for word in words] or list(Tier)
    except ValueError as error:
        raise Problem(400, "tiers", str(error)) from error
    form = str(given.get("format") or "jpeg").lower()
    if form not in TYPES:
        known = ", ".join(TYPES)
        raise Problem(400, "format", f"There is no format {form!r}: use {known}.")
    size = str(given.get("size") or "2048")
    if not size.isdigit() or not 16 <= int(size) <= 8192:
        raise Problem(400, "size", "The size is the longer side, 16 to 8192 pixels.")
    return {
        "do": "protect",
        "rules": _rules(given),
        "tiers": sorted({int(tier) for tier in found}),
        "format": form,
        "size": int(size),
    }


def viper(given: Mapping[str, Any]) -> dict[str, Any]:
    """VIPER's ``modifier`` and ``relationship``; without the latter nothing is trusted.

    Raises:
        Problem: 400, names what is accepted.
    """
    word = str(given.get("modifier") or "").strip().lower()
    if word not in MODIFIERS:
        known = ", ".join(MODIFIERS)
        raise Problem(400, "modifier", f"Unknown modifier {word!r}: use {known}.")
    level = str(given.get("relationship") or "0").strip()
    if level not in ("0", "1", "2"):
        said = "The relationship is 0 (full blocking), 1 (semi blocking) or 2 (none)."
        raise Problem(400, "relationship", said)
    return {"do": "viper", "style": MODIFIERS[word].value, "tier": int(level)}


def _rules(given: Mapping[str, Any]) -> str:
    name = str(given.get("rules") or "site")
    if name not in ("site", *NAMES):
        known = ", ".join(("site", *NAMES))
        raise Problem(400, "rules", f"There are no rules {name!r}: use {known}.")
    return name
