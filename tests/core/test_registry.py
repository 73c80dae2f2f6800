"""The registry: names, lazy loading, one load a process, configured models, no torch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from privacy.core.detectors import registry
from privacy.core.detectors.base import Detector
from privacy.core.detectors.choices import Choice, read_choices
from privacy.core.errors import ModelError, ModelMissing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NOPEEK_MODELS", raising=False)
    registry.forget()
    yield
    registry.forget()


def test_the_names() -> None:
    assert registry.NAMES == (
        "objects", "faces", "plates", "text", "codes", "documents", "nudity",
    )  # fmt: skip


def test_get_loads_once_whoever_asks() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: registry.get("objects"), range(16)))
    assert len({id(detector) for detector in found}) == 1
    assert isinstance(found[0], Detector)
    assert found[0].name == "objects"


def test_unknown_names_are_refused() -> None:
    for ask in (registry.get, registry.second):
        with pytest.raises(ModelError, match="no detector named 'ufos'"):
            ask("ufos")


def test_importing_the_registry_loads_no_ml_and_a_scan_loads_no_torch() -> None:
    script = """
import sys
from privacy.core.detectors import registry
early = {"onnxruntime", "torch", "onnx", "rapidocr"} & set(sys.modules)
assert not early, early
import numpy as np
from privacy.core import scan
from privacy.core.image import Picture
picture = Picture(np.full((64, 64, 3), 90, np.uint8))
registry.get("objects").detect(picture)
late = {"torch", "ultralytics", "insightface", "openvino"} & set(sys.modules)
assert not late, late
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_k9_a_failure_to_load_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "yolox.onnx"
    monkeypatch.setenv("NOPEEK_MODELS", f"objects={path}")
    with pytest.raises(ModelMissing, match="no model at"):
        registry.get("objects")
    with pytest.raises(ModelMissing):
        registry.get("objects")
    monkeypatch.delenv("NOPEEK_MODELS")
    assert registry.get("objects").model == "centernet"


def test_the_second_opinion_on_faces_is_another_model() -> None:
    second = registry.second("faces")
    assert second is not None
    assert second.model == "nudenet"
    assert registry.second("faces") is second
    assert registry.second("plates") is None


def test_the_default_is_the_second_where_another_is_configured(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPEEK_MODELS", f"objects={shared}/weights/yolox_nano.onnx")
    second = registry.second("objects")
    assert second is not None
    assert (registry.get("objects").model, second.model) == (
        "yolox_nano.onnx",
        "centernet",
    )


def test_choices_inline() -> None:
    found = read_choices("objects=/m/yolo11n.pt; faces=/m/scrfd_2.5g.onnx;")
    assert found["objects"] == Choice("objects", Path("/m/yolo11n.pt"), "ultralytics")
    assert found["faces"].kind == "insightface"
    assert read_choices("faces=/m/yunet.onnx")["faces"].kind == "yunet"


def test_choices_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(
        '[plates]\npath = "best.onnx"\nsize = 960\nthreshold = 0.3\n'
        f'sha256 = "{"AB" * 32}"\nlabels = {{ plate = "licence_plate" }}\n',
        "utf-8",
    )
    plates = read_choices(str(path))["plates"]
    assert plates.path == tmp_path / "best.onnx"
    assert (plates.size, plates.threshold, plates.sha256) == (960, 0.3, "ab" * 32)
    assert plates.labels == {"plate": "licence_plate"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("text=/m/x.onnx", "has no other models"),
        ("objects=", "needs a path"),
        ("/nowhere/models.toml", "cannot read"),
        ("objects.toml", "cannot read"),
    ],
)
def test_choices_that_cannot_be_read_are_errors(
    text: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPEEK_MODELS", text)
    with pytest.raises(ModelError, match=says):
        registry.get("objects")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('path = "x.onnx"\nkind = "magic"', "kind is one of"),
        ('path = "x.onnx"\nsha256 = "abc"', "64 hexadecimal"),
        ('path = "x.onnx"\ncolour = "red"', "unknown keys"),
        ('path = "x.onnx"\nsize = "big"', "objects"),
    ],
)
def test_choices_with_wrong_entries_are_errors(
    body: str, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "models.toml"
    path.write_text(f"[objects]\n{body}\n", "utf-8")
    with pytest.raises(ModelError, match=says):
        read_choices(str(path))
