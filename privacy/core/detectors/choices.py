"""``NOPEEK_MODELS``: which better models an operator has put in place of the defaults.

Either the path of a TOML file:

    [objects]
    path = "/models/yolo11n.pt"     # relative paths start at the TOML file
    sha256 = "…"                    # required for .pt; checked wherever it is given
    kind = "ultralytics"            # guessed from the file where it is left out
    size = 640                      # input side, where the model leaves it open
    threshold = 0.3
    labels = { license_plate = "licence_plate" }

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
KINDS = ("ultralytics", "insightface", "yolox", "yunet")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One model that replaces a default. ``size`` is the model's input side in pixels.

    ``labels`` maps the model's own class names to categories; classes that it leaves
    out are judged by their name.
    """

    name: str
    path: Path
    kind: str
    sha256: str = ""
    size: int = 0
    threshold: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)


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
    if name not in REPLACEABLE:
        known = ", ".join(REPLACEABLE)
        raise ModelError(f"NOPEEK_MODELS: {name!r} has no other models; use {known}")
    if not isinstance(entry, dict) or not str(entry.get("path", "")):
        raise ModelError(f"NOPEEK_MODELS: {name} needs a path")
    unknown = set(entry) - {"path", "kind", "sha256", "size", "threshold", "labels"}
    if unknown:
        raise ModelError(f"NOPEEK_MODELS: {name} has unknown keys {sorted(unknown)}")
    path = base / Path(str(entry["path"])).expanduser()
    kind = str(entry.get("kind") or _guess(path))
    sha256 = str(entry.get("sha256", "")).lower()
    if kind not in KINDS:
        raise ModelError(f"NOPEEK_MODELS: {name}: kind is one of {', '.join(KINDS)}")
    if sha256 and not _SHA256.fullmatch(sha256):
        raise ModelError(f"NOPEEK_MODELS: {name}: sha256 is 64 hexadecimal digits")
    try:
        return Choice(
            name=name,
            path=path,
            kind=kind,
            sha256=sha256,
            size=int(entry.get("size", 0)),
            threshold=float(entry.get("threshold", 0.0)),
            labels={str(k): str(v) for k, v in dict(entry.get("labels", {})).items()},
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
