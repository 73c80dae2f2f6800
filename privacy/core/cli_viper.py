"""``viper IMAGE MOD``: VIPER's own interface, lists, levels and score."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from privacy.core.api import protect, with_style
from privacy.core.cli_findings import opened
from privacy.core.cli_render import key, output_format, tell, write
from privacy.core.cli_terminal import console, incomplete
from privacy.core.effect import effects
from privacy.core.hands import ensure_noise
from privacy.core.presets import preset
from privacy.core.render import encode
from privacy.core.scan import scan
from privacy.core.score import viper_score
from privacy.core.types import Style, Tier, Treatment

MODIFIERS = {
    "blur": Style.BLUR, "br": Style.BLUR,
    "block": Style.FILL, "bk": Style.FILL,
    "noise": Style.NOISE, "ne": Style.NOISE,
    "saliency": Style.SALIENCY, "sy": Style.SALIENCY,
}  # fmt: skip
"""VIPER's modifiers and their aliases."""


def viper_command(options: argparse.Namespace) -> int:
    """0 done; 1 the detector could not run; 2 bad input."""
    style = MODIFIERS.get(options.modifier.lower())
    if style is None:
        raise ValueError(
            f"unknown modifier {options.modifier!r}: use {', '.join(MODIFIERS)}"
        )
    if style is Style.NOISE:
        ensure_noise()
    target = Path(options.output)
    form = output_format(target)
    picture = opened(Path(options.image)).picture()
    report = scan(picture, only=("objects",))
    if not report.complete:
        return incomplete(f"{options.image}: not rendered", report.unchecked)
    tier = Tier(options.relationship)
    rules = with_style(preset("viper"), Treatment(style))
    shown = protect(picture, report.findings, rules, key(), tiers=(tier,), attack=False)
    write(target, encode(shown[tier].pixels, "full", form))
    by_id = {finding.id: finding for finding in report.findings}
    came_to = effects(picture, shown[tier].pixels, shown[tier].plan, by_id)
    private = {region.id for region in shown[tier].plan.regions}
    left = [finding for finding in report.findings if finding.id not in private]
    before = viper_score(report.findings, rules, tier)
    after = viper_score(left, rules, tier)
    if options.json:
        line: dict[str, Any] = {
            "file": str(target),
            "private": len(private),
            "other": len(left),
            "score": {"before": before, "after": after},
        }
        if came_to:
            line["noise"] = [effect.as_json() for effect in came_to]
        print(json.dumps(line), flush=True)
    else:
        console().print(
            f"private objects {len(private)}, other objects {len(left)}, "
            f"privacy score {before:.2f} -> {after:.2f} (lower is better)"
        )
        tell(came_to)
    return 0
