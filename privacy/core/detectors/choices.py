"""``NOPEEK_MODELS``: which better models an operator has put in place of the defaults.

Either the path of a TOML file:

    [objects]
    path = "/models/yolo11n.pt"     # relative paths start at the TOML file
    sha256 = "…"                    # required for .pt; checked wherever it is given
    kind = "ultralytics"            # guessed from the file where it is left out
    size = 640                      # input side, where the model leaves it open
    threshold = 0.3
    labels = { license_plate = "licence_plate" }

    [remove]                        # what the style "remove" paints with
    path = "/models/lama_fp32.onnx"
    sha256 = "…"                    # required
    peak = 255                      # what the model gives for white: 255 or 1

    [cartoon]                       # optional: avatars by a diffusion model, on a GPU
    path = "/models/flux-fill"      # a folder as diffusers saves it
    sha256 = "…"                    # required, of the folder and all below (docs/masking.md)
    lora = "/models/cartoon.safetensors"
    lora_sha256 = "…"

or the paths alone, inline: ``objects=/models/yolo11n.onnx;faces=/models/scrfd.onnx``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from privacy.core.errors import ModelError

REPLACEABLE = ("objects", "faces", "plates")
PAINTERS = {"remove": "lama", "cartoon": "diffusers"}
"""Models that draw rather than find, and the one kind that each may be."""
KINDS = ("ultralytics", "insightface", "yolox", "yunet", *PAINTERS.values())
_KEYS = frozenset(
    {
        *("path", "kind", "sha256", "size", "threshold", "labels"),
        *("peak", "lora", "lora_sha256"),
    }
)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One model that replaces a default. ``size`` is the model's input side in pixels.

    ``labels`` maps the model's own class names to categories; classes that it leaves
    out are judged by their name. ``peak`` and ``lora`` are for painters.
    """

    name: str
    path: Path
    kind: str
    sha256: str = ""
    size: int = 0
    threshold: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    peak: float = 255.0
    lora: Path | None = None
    lora_sha256: str = ""


def read_choices(text: str) -> dict[str, Choice]:
    """Read the value of ``NOPEEK_MODELS``, by detector name.

    Raises:
        ModelError: names what is wrong and what is accepted.
    """
    if "=" not in text:
        return _from_file(Path(text))
    chosen: dict[str, Choice] = {}
    for part in filter(None, (p.strip() for p in text.split(";"))):
        name, _, path = part.partition("=")
        chosen[name.strip()] = _choice(name.strip(), {"path": path.strip()}, Path())
    return chosen


def _from_file(path: Path) -> dict[str, Choice]:
    try:
        entries = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"NOPEEK_MODELS: cannot read {path}: {error}") from error
    return {name: _choice(name, entry, path.parent) for name, entry in entries.items()}


def _choice(name: str, entry: Any, base: Path) -> Choice:
    if name not in (*REPLACEABLE, *PAINTERS):
        known = ", ".join((*REPLACEABLE, *PAINTERS))
        raise ModelError(f"NOPEEK_MODELS: {name!r} has no other models; use {known}")
    if not isinstance(entry, dict) or not str(entry.get("path", "")):
        raise ModelError(f"NOPEEK_MODELS: {name} needs a path")
    unknown = set(entry) - _KEYS
    if unknown:
        raise ModelError(f"NOPEEK_MODELS: {name} has unknown keys {sorted(unknown)}")
    path = base / Path(str(entry["path"])).expanduser()
    kind = str(entry.get("kind") or PAINTERS.get(name) or _guess(path))
    sha256 = str(entry.get("sha256", "")).lower()
    lora_sha256 = str(entry.get("lora_sha256", "")).lower()
    paints = kind in PAINTERS.values()
    if kind not in KINDS or (
        (paints or name in PAINTERS) and PAINTERS.get(name) != kind
    ):
        raise ModelError(f"NOPEEK_MODELS: {name}: kind is one of {', '.join(KINDS)}")
    if any(text and not _SHA256.fullmatch(text) for text in (sha256, lora_sha256)):
        raise ModelError(f"NOPEEK_MODELS: {name}: sha256 is 64 hexadecimal digits")
    if paints and (not sha256 or bool(entry.get("lora")) != bool(lora_sha256)):
        raise ModelError(f"NOPEEK_MODELS: {name} needs the sha256 of what it loads")
    try:
        return Choice(
            name=name,
            path=path,
            kind=kind,
            sha256=sha256,
            size=int(entry.get("size", 0)),
            threshold=float(entry.get("threshold", 0.0)),
            labels={str(k): str(v) for k, v in dict(entry.get("labels", {})).items()},
            peak=float(entry.get("peak", 255.0)),
            lora=base / Path(str(entry["lora"])).expanduser() if lora_sha256 else None,
            lora_sha256=lora_sha256,
        )
    except (TypeError, ValueError) as error:
        raise ModelError(f"NOPEEK_MODELS: {name}: {error}") from error


def _guess(path: Path) -> str:
    file = path.name.lower()
    for word, kind in (
        ("yolox", "yolox"),
        ("yunet", "yunet"),
        ("scrfd", "insightface"),
        ("det_", "insightface"),
    ):
        if word in file:
            return kind
    return "ultralytics"
