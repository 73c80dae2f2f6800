"""YOLO models through the ultralytics package: .pt, ONNX and OpenVINO, boxes and outlines.

The package wants a settings file, looks for the network at import, installs what it
misses and reports home; its environment is set, before it is imported, so that it does
none of that. torch comes with it, so importing it is left to ``load``.
"""

from __future__ import annotations

import contextlib
import copy
import os
import sys
import tempfile
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from privacy.core.detectors.choices import Choice
from privacy.core.detectors.configured import categories, checked, library
from privacy.core.detectors.gradcam import Floats, attention
from privacy.core.errors import ModelError
from privacy.core.image import Picture
from privacy.core.types import Box, Finding, Point

THRESHOLD = 0.25
OUTLINE_POINTS = 200  # an outline that is finer is thinned out, never cut


class UltralyticsDetector:
    """Whatever ultralytics can load, for the detector that ``choice`` names."""

    def __init__(self, choice: Choice) -> None:
        self.name = choice.name
        self.model = choice.path.name
        self._choice = choice
        self._threshold = choice.threshold or THRESHOLD
        self._yolo: Any = None
        self._module: Any = None
        self._categories: dict[int, str] = {}
        self._lock = threading.Lock()  # its predictor keeps state between calls

    def load(self) -> None:
        path = checked(self._choice)
        quiet = _import_quietly()
        quiet.LOGGER.setLevel("ERROR")
        yolo_class = library("ultralytics").YOLO
        try:
            if path.is_dir():
                path = _as_openvino(path)
            if path.suffix == ".pt":
                _restrict_unpickling()
            yolo = yolo_class(str(path), verbose=False)
            yolo_names = dict(yolo.names)
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"{self.model} does not load: {error}") from error
        self._categories = categories(self._choice, yolo_names)
        self._yolo = yolo

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        if self._yolo is None:
            raise ModelError(f"{self.name}: load the detector before it detects")
        options: dict[str, Any] = {
            "conf": self._threshold if threshold is None else threshold,
            "iou": 0.5,
            "max_det": 1000,
            "verbose": False,
            "save": False,
            "device": "cpu" if os.environ.get("NOPEEK_DEVICE") != "cuda" else 0,
        }
        if self._choice.size:
            options["imgsz"] = self._choice.size
        bgr = np.ascontiguousarray(picture.pixels[..., ::-1])
        try:
            with self._lock:
                result = self._yolo.predict(bgr, **options)[0]
        except Exception as error:
            raise ModelError(f"{self.model} failed: {error}") from error
        return self._findings(result, picture)

    def module(self) -> Any:
        """The torch module within, in evaluation mode, for whoever needs gradients.

        Raises:
            ModelError: not loaded, or not a .pt (other runtimes have no gradients).
        """
        if not self.attends or self._yolo is None:
            raise ModelError(f"{self.model} has no gradients: only a loaded .pt has")
        with self._lock:
            if self._module is None:
                # A copy: the predictor fuses layers of its own, and without gradients.
                self._module = copy.deepcopy(self._yolo.model).float().eval()
                self._module.requires_grad_(False)
        return self._module

    @property
    def attends(self) -> bool:
        """Whether ``attend`` can tell where it looked."""
        return self._choice.path.suffix == ".pt"

    def attend(self, picture: Picture, finding: Finding) -> Floats | None:
        """Where it looked for ``finding``: (h, w) float32, 0..1, of the whole picture.

        None where it does not see the thing again.

        Raises:
            ModelError: as for ``module``.
        """
        view = picture.letterbox(self._choice.size or 640)
        x0, y0, x1, y1 = finding.box.pixels(picture.width, picture.height)
        scale, dx, dy = view.scale, view.pad_x, view.pad_y
        planes = view.pixels.transpose(2, 0, 1)[None].astype(np.float32) / 255
        found = attention(
            self.module(),
            np.ascontiguousarray(planes),
            (x0 * scale + dx, y0 * scale + dy, x1 * scale + dx, y1 * scale + dy),
        )
        if found is None:
            return None
        left, top = round(dx), round(dy)
        right = left + max(1, round(picture.width * scale))
        return found[top : top + max(1, round(picture.height * scale)), left:right]

    def _findings(self, result: Any, picture: Picture) -> list[Finding]:
        boxes = result.boxes
        corners = np.asarray(boxes.xyxy.cpu().numpy(), dtype=np.float64)
        scores = np.asarray(boxes.conf.cpu().numpy(), dtype=np.float64)
        kinds = np.asarray(boxes.cls.cpu().numpy(), dtype=np.int64)
        if not (np.isfinite(corners).all() and np.isfinite(scores).all()):
            raise ModelError(f"{self.model}: output holds NaN or infinity")
        outlines = [] if result.masks is None else result.masks.xy
        found = []
        rows = zip(corners.tolist(), scores, kinds, strict=True)
        for i, ((x0, y0, x1, y1), score, kind) in enumerate(rows):
            if int(kind) not in self._categories:
                continue
            box = Box.from_pixels(x0, y0, x1, y1, picture.width, picture.height)
            if box.area <= 0:
                continue
            found.append(
                Finding(
                    category=self._categories[int(kind)],
                    box=box,
                    confidence=min(1.0, float(score)),
                    detector=self.name,
                    outline=_outline(outlines[i], picture) if len(outlines) else (),
                )
            )
        return found


def _outline(points: Any, picture: Picture) -> tuple[Point, ...]:
    """In 0..1; empty where the model drew less than a triangle: the box then counts."""
    polygon = np.asarray(points, dtype=np.float32).reshape(-1, 2)
    tolerance = 0.5
    while len(polygon) > OUTLINE_POINTS:
        polygon = cv2.approxPolyDP(polygon, tolerance, True).reshape(-1, 2)
        tolerance *= 2
    if len(polygon) < 3:
        return ()
    unit = (polygon / (picture.width, picture.height)).clip(0, 1)
    return tuple((float(x), float(y)) for x, y in unit)


def _import_quietly() -> Any:
    """Import ultralytics' base with nothing asked, installed, written or reported."""
    if "ultralytics" not in sys.modules:
        os.environ["YOLO_CONFIG_DIR"] = tempfile.mkdtemp(prefix="nopeek-yolo-")
        os.environ["YOLO_OFFLINE"] = "true"
        os.environ["YOLO_AUTOINSTALL"] = "false"
        os.environ["YOLO_VERBOSE"] = "false"
        # openvino reports each import unless its reporting module is absent.
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    base = library("ultralytics.utils")
    if base.ONLINE:
        raise ModelError("ultralytics was imported before NoPeek could keep it offline")
    base.SETTINGS["sync"] = False
    # It replaces Pillow's way of opening files by one that installs decoders at need;
    # what this process may decode is not for a detector's library to say.
    patches = library("ultralytics.utils.patches")
    Image.open = getattr(patches, "_image_open", Image.open)
    return base


def _restrict_unpickling() -> None:
    """Load even a pinned pickle by torch's restricted unpickler alone.

    It rebuilds model layers and plain data and runs nothing else. Configuration objects
    of omegaconf, which older training runs stored, are plain data too.
    """
    tasks = library("ultralytics.nn.tasks")
    if not (hasattr(tasks, "SAFE_LOAD") and tasks._SafeLoad.SUPPORTED):  # noqa: SLF001
        raise ModelError("this ultralytics or torch is too old to load .pt safely")
    tasks.SAFE_LOAD = True  # the environment is read at import, perhaps not ours
    allowed = [dict, set, defaultdict, Any]
    with contextlib.suppress(ImportError):
        from omegaconf import DictConfig, ListConfig, base, nodes

        allowed += [DictConfig, ListConfig, base.ContainerMetadata, base.Metadata]
        allowed += [nodes.AnyNode]
    library("torch.serialization").add_safe_globals(allowed)


def _as_openvino(path: Path) -> Path:
    """ultralytics tells an OpenVINO folder by its name alone, so give it that name."""
    if path.name.endswith("_openvino_model"):
        return path
    link = Path(tempfile.mkdtemp(prefix="nopeek-ov-")) / f"{path.name}_openvino_model"
    link.symlink_to(path.resolve(), target_is_directory=True)
    return link
