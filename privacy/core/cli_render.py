"""``render`` and ``verify``."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from privacy.core.api import protect, with_style
from privacy.core.cli_findings import Source, opened
from privacy.core.cli_terminal import (
    complain,
    console,
    incomplete,
    pictures,
    progress,
)
from privacy.core.effect import Effect, effects
from privacy.core.errors import InvalidFindings, RefusedInput, in_words
from privacy.core.hands import ensure_noise
from privacy.core.image import Picture, Pixels
from privacy.core.policy import plan
from privacy.core.presets import load
from privacy.core.render import encode
from privacy.core.types import Finding, Style, Treatment
from privacy.core.verify import Verdict, verify

FORMATS = {".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".avif": "avif"}

SAME = 0.8
"""Correlation of detail from which on a masked place looks as it did before."""
_PLAIN = 1.0  # standard deviation of the detail below which there is nothing to hide


def render_command(options: argparse.Namespace) -> int:
    """0 done; 1 a mask did not hold, or the scan was not complete; 2 bad input."""
    source, target = Path(options.path), Path(options.output)
    findings = Source(options.findings)
    if not source.is_dir():
        return _render_file(source, target, findings, options)
    files, complaints = pictures([str(source)])
    for words in complaints:
        complain(words)
    status = 2 if complaints else 0
    with progress(files, 1, lines=options.json) as bar:
        for file, name in zip(files, outputs(source, files), strict=True):
            bar.begin(file)
            out = target / name
            try:
                out.parent.mkdir(parents=True, exist_ok=True)
                status = max(status, _render_file(file, out, findings, options))
            except InvalidFindings as error:
                complain(f"{file}: {error}")
                status = 2
            except (RefusedInput, OSError) as error:  # names the file itself
                complain(in_words(error))
                status = 2
            bar.step()
    return status


def outputs(folder: Path, files: Iterable[Path]) -> list[Path]:
    """A JPEG's name for each file; two that differ in their suffix keep apart."""
    places = [file.relative_to(folder) for file in files]
    stems = Counter(place.with_suffix("") for place in places)
    return [
        place.with_suffix(".jpg")
        if stems[place.with_suffix("")] == 1
        else place.with_name(place.name + ".jpg")
        for place in places
    ]


def _render_file(
    source: Path, target: Path, known: Source, options: argparse.Namespace
) -> int:
    form = output_format(target)
    rules = load(options.rules)
    if options.style:
        rules = with_style(rules, Treatment(Style(options.style)))
    if options.style == Style.NOISE:
        ensure_noise()
    picture = opened(source).picture()
    found = known.of(source, picture)
    if found.unchecked:
        return incomplete(f"{source}: not rendered", found.unchecked)
    tiers = (options.tier,)
    result = protect(
        picture, found.findings, rules, key(), tiers=tiers, attack=options.verify
    )[options.tier]
    data = encode(result.pixels, options.size, form)
    write(target, data)
    verdict = result.verdict
    known_by = {finding.id: finding for finding in found.findings}
    came_to = effects(picture, result.pixels, result.plan, known_by)
    if options.json:
        line: dict[str, Any] = {
            "file": str(target),
            "source": str(source),
            "tier": options.tier.word,
            "masked": len(result.plan.regions),
            "plan": result.plan.digest,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        if verdict is not None:
            line["verdict"] = verdict.as_json()
        if came_to:
            line["noise"] = [effect.as_json() for effect in came_to]
        print(json.dumps(line), flush=True)
    else:
        tell(came_to)
        if verdict is not None:
            _show(source, verdict)
    return 0 if verdict is None or verdict.clean else 1


def tell(came_to: Iterable[Effect]) -> None:
    """What noise came to, a line for each region and model, and what it is not."""
    out = console()
    for effect in came_to:
        out.print(f"  {effect.category} {effect.words}", markup=False)
    if came_to:
        out.print("  noise misleads models; people see what they saw", markup=False)


def verify_command(options: argparse.Namespace) -> int:
    """0 nothing leaks; 1 something does, or could not be checked; 2 bad input."""
    original = Path(options.original)
    picture = opened(original).picture()
    rendered = opened(Path(options.rendered)).pixels
    ratio = picture.width / picture.height
    # A thumbnail's sides are whole pixels: half of one on the shorter side.
    slack = 0.5 / min(rendered.shape[:2]) + 0.002
    if abs(rendered.shape[1] / rendered.shape[0] / ratio - 1) > slack:
        raise RefusedInput("mismatch", "the render has another shape than the original")
    found = Source(options.findings).of(original, picture)
    wanted = plan(found.findings, load(options.rules), options.tier)
    categories = {finding.id: finding.category for finding in found.findings}
    verdict = verify(picture, rendered, wanted, categories)
    masked = {region.id for region in wanted.regions}
    bare = unmasked(picture, rendered, (f for f in found.findings if f.id in masked))
    clean = verdict.clean and not bare and not found.unchecked
    if options.json:
        line = verdict.as_json()
        line["unmasked"] = bare
        line["unchecked"] += found.unchecked
        line["clean"] = clean
        print(json.dumps(line), flush=True)
    else:
        _show(original, verdict)
        out = console()
        for category in bare:
            out.print(f"  not masked at all: {category}")
        for name in found.unchecked:
            out.print(f"  the original could not be checked by {name}")
    return 0 if clean else 1


def unmasked(
    picture: Picture, rendered: Pixels, findings: Iterable[Finding]
) -> list[str]:
    """Categories of ``findings`` that look in the render as in the original.

    Compared is the detail, what a blur takes away: a mask has none of it, whatever
    its tone, while an encoder at any usable quality keeps it.
    """
    height, width = rendered.shape[:2]
    before = _detail(picture.resized(width, height))
    after = _detail(rendered)
    same: list[str] = []
    for finding in findings:
        x0, y0, x1, y1 = (round(v) for v in finding.box.pixels(width, height))
        place = slice(y0, max(y0 + 1, y1)), slice(x0, max(x0 + 1, x1))
        ours, theirs = before[place].ravel(), after[place].ravel()
        if ours.size < 2 or ours.std() < _PLAIN or theirs.std() < 1e-6:
            continue
        if float(np.corrcoef(ours, theirs)[0, 1]) > SAME:
            same.append(finding.category)
    return same


def _detail(pixels: Pixels) -> np.ndarray[Any, np.dtype[np.float32]]:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail: np.ndarray[Any, np.dtype[np.float32]] = grey - cv2.blur(grey, (15, 15))
    return detail


def key() -> bytes:
    """The secret that fixes grain and stickers: ``NOPEEK_MASK_KEY``, else a constant.

    On a terminal the same picture gives the same bytes everywhere, which is what tests
    and comparisons want; the site gives every photo a secret of its own.
    """
    return hashlib.sha256(
        os.environ.get("NOPEEK_MASK_KEY", "nopeek command line").encode()
    ).digest()


def output_format(target: Path) -> str:
    """The encoder for a file's suffix.

    Raises:
        ValueError: names those that there are.
    """
    try:
        return FORMATS[target.suffix.lower()]
    except KeyError:
        raise ValueError(
            f"{target.name}: the output ends in {', '.join(FORMATS)}"
        ) from None


def write(target: Path, data: bytes) -> None:
    """To a file of its own, then renamed: no tail of an older one can stay."""
    part = target.with_name(target.name + ".part")
    part.write_bytes(data)
    part.replace(target)


def _show(file: Path, verdict: Verdict) -> None:
    out = console()
    words = "nothing survives" if verdict.clean else "not clean"
    attacks = ", ".join(verdict.attacks) or "none needed"
    out.print(f"{file}: {words}; attacks: {attacks}", markup=False)
    for survivor in verdict.survivors:
        out.print(
            f"  {survivor.category} found again by {survivor.attack} "
            f"({survivor.confidence:.2f}) under region {survivor.region}"
        )
    for attack in verdict.unchecked:
        out.print(f"  could not attack with {attack}")
