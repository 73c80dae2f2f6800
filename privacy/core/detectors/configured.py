"""Better models that an operator has configured, behind the same Protocol.

Nothing here imports torch, ultralytics or insightface: the adapters do, when they load.
A file is hashed before it is opened wherever its hash is given, and a pickle (``.pt``)
is opened only then: it runs as code, so somebody must have vouched for these very bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from privacy.core import taxonomy, weights
from privacy.core.detectors.base import Detector
from privacy.core.detectors.choices import Choice
from privacy.core.errors import ModelError, ModelMismatch, ModelMissing

_ADAPTERS = {
    "ultralytics": "privacy.core.detectors.with_ultralytics:UltralyticsDetector",
    "insightface": "privacy.core.detectors.with_insightface:InsightFaceDetector",
    "yolox": "privacy.core.detectors.with_onnx:YoloxDetector",
    "yunet": "privacy.core.detectors.with_onnx:YunetDetector",
}
_PICKLES = (".pt", ".pth", ".pkl", ".ckpt")
_ALIASES = {"license_plate": "licence_plate", "number_plate": "licence_plate"}
_WORDS = {"faces": "face", "plates": "plate"}
_WHOLE = {"faces": "face", "plates": "licence_plate"}


def build(choice: Choice) -> Detector:
    """The detector for this choice, not loaded yet.

    Raises:
        ModelError: as ``checked``; nothing of the model is opened before it passes.
    """
    checked(choice)
    module, _, name = _ADAPTERS[choice.kind].partition(":")
    make = cast("Callable[[Choice], Detector]", getattr(import_module(module), name))
    return make(choice)


def checked(choice: Choice) -> Path:
    """The model's path, once it may be opened.

    Raises:
        ModelMissing: no such file.
        ModelMismatch: its SHA-256 is not the one that the operator gave.
        ModelError: a pickle whose hash nobody has pinned.
    """
    path = choice.path
    if path.is_dir():
        if choice.sha256 and folder_digest(path) != choice.sha256:
            raise ModelMismatch(f"{choice.name}: {path.name} has another SHA-256")
        return path
    if not path.is_file():
        raise ModelMissing(f"{choice.name}: no model at {path}; see NOPEEK_MODELS")
    if choice.sha256:
        return weights.verified(path, choice.sha256, choice.name)
    if path.name.lower().endswith(_PICKLES):
        found = weights.digest(path)
        if weights.pinned(found) is None:
            raise ModelError(
                f"{choice.name}: {path.name} is a pickle, which runs as code when it is "
                f"opened. If you trust its origin, give sha256 = {found!r} beside its "
                "path in the TOML file of NOPEEK_MODELS, or export it to ONNX."
            )
        return weights.verified(path, found, choice.name)
    return path


def folder_digest(path: Path) -> str:
    """One SHA-256 for a folder (OpenVINO): over names and hashes of its files, sorted.

    The same as ``cd FOLDER && sha256sum * | sha256sum`` where it holds plain files.
    """
    files = sorted(p for p in path.iterdir() if p.is_file())
    lines = "".join(f"{weights.digest(p)}  {p.name}\n" for p in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def categories(choice: Choice, names: Mapping[int, str]) -> dict[int, str]:
    """Which category each of the model's classes means; those left out are dropped.

    Raises:
        ModelError: none of them is what this detector looks for.
    """
    if choice.labels:
        found = {i: choice.labels[n] for i, n in names.items() if n in choice.labels}
    elif choice.name == "objects":
        found = {i: _object(name) for i, name in names.items()}
    elif len(names) == 1:
        found = dict.fromkeys(names, _WHOLE[choice.name])
    else:
        word = _WORDS[choice.name]
        found = {i: _WHOLE[choice.name] for i, n in names.items() if word in n.lower()}
    if not found:
        known = ", ".join(list(names.values())[:8])
        raise ModelError(
            f"{choice.name}: none of the model's classes ({known} …) fits; give labels "
            "in the TOML file of NOPEEK_MODELS"
        )
    return found


def _object(label: str) -> str:
    plain = label.strip().lower().replace(" ", "_").replace("-", "_")
    plain = _ALIASES.get(plain, plain)
    return plain if taxonomy.is_known(plain) and plain != "*" else f"object.{plain}"


def library(name: str) -> Any:
    """Import a library of the heavy path.

    Raises:
        ModelMissing: says what to install.
    """
    try:
        return import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise ModelMissing(
            f"the configured model needs {package}, which does not import here "
            f"({error}); run: python -m pip install -c requirements.lock {package}. "
            "Or unset NOPEEK_MODELS to use the default models."
        ) from error
