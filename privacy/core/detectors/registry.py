"""Which detectors there are, and the one place that loads them.

Detector modules, and the ML libraries behind them, are imported from the dotted names
below on first use, never at import: a web process that only asks for the names stays
light. A loaded detector is kept for the life of the process that scans.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from privacy.core.detectors.base import Detector
from privacy.core.detectors.choices import Choice, read_choices
from privacy.core.errors import ModelError

_WHERE = {
    "objects": "privacy.core.detectors.objects:ObjectDetector",
    "faces": "privacy.core.detectors.faces:FaceDetector",
    "plates": "privacy.core.detectors.plates:PlateDetector",
    "text": "privacy.core.detectors.text:TextDetector",
    "codes": "privacy.core.detectors.codes:CodeDetector",
    "documents": "privacy.core.detectors.documents:DocumentDetector",
    "nudity": "privacy.core.detectors.nudity:NudityDetector",
}

NAMES = tuple(_WHERE)
"""Every detector, in the order in which a scan starts them."""

_ASKED = {"vision": "privacy.core.detectors.vision:VisionDetector"}
"""Detectors that run only where an operator has set them up: see ``names``."""

_SECOND = {"faces": "privacy.core.detectors.second_faces:SecondFaceDetector"}
"""Independent detectors of the same things, trained apart from the default ones."""

_loaded: dict[tuple[str, str], Detector] = {}
_locks = {name: threading.Lock() for name in (*NAMES, *_ASKED)}


def names() -> tuple[str, ...]:
    """``NAMES``, and those beside them that are set up here."""
    return (*NAMES, "vision") if os.environ.get("NOPEEK_OLLAMA_URL") else NAMES


def get(name: str) -> Detector:
    """The loaded detector of this name: the configured one, else the default.

    Loads once a process, whichever thread asks first. A failure is not remembered, so
    that fetching the weights is enough to recover.

    Raises:
        ModelError: no such detector, a model that cannot be used, or a
            ``NOPEEK_MODELS`` that cannot be read: never a silent fall back to the
            default when a better model was asked for.
    """
    with _known(name):
        if name in _ASKED:
            asked = name, os.environ.get("NOPEEK_OLLAMA_URL", "")
            return _once(asked, lambda: _make(_ASKED[name]))
        choice = configured().get(name)
        if choice is None:
            return _once((name, _WHERE[name]), lambda: _make(_WHERE[name]))
        dotted = "privacy.core.detectors.configured:build"
        return _once((name, repr(choice)), lambda: _load(dotted)(choice))


def second(name: str) -> Detector | None:
    """Another opinion, for attacking a render; None where there is none at hand.

    Where a better model is configured, the default one is the second. For faces it is
    NudeNet, which tells faces too.

    Raises:
        ModelError: as for ``get``.
    """
    with _known(name):
        dotted = _WHERE[name] if name in configured() else _SECOND.get(name)
        return _once((name, dotted), lambda: _make(dotted)) if dotted else None


def configured() -> Mapping[str, Choice]:
    """What ``NOPEEK_MODELS`` asks for, by detector; empty where it is not set.

    Raises:
        ModelError: it cannot be read, or names a detector that cannot be replaced.
    """
    text = os.environ.get("NOPEEK_MODELS", "").strip()
    return read_choices(text) if text else {}


def forget() -> None:
    """Drop what is loaded, for a process that was forked or changes its models."""
    _loaded.clear()


def _known(name: str) -> threading.Lock:
    if name not in _locks:
        raise ModelError(f"no detector named {name!r}; there are {', '.join(NAMES)}")
    return _locks[name]


def _once(key: tuple[str, str], make: Callable[[], Detector]) -> Detector:
    if key not in _loaded:
        detector = make()
        detector.load()
        _loaded[key] = detector
    return _loaded[key]


def _make(dotted: str) -> Detector:
    return cast("Detector", _load(dotted)())


def _load(dotted: str) -> Callable[..., Any]:
    module, _, name = dotted.partition(":")
    return cast("Callable[..., Any]", getattr(import_module(module), name))
