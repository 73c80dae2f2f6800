"""K9: a model that is missing, wrong or broken fails the scan, and never reads as empty.

Each failure goes the whole way through ``scan``: the run says ``missing`` or ``failed``
and the report is not complete, where a run that found nothing is ``ok`` and complete.
"""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from privacy.core import weights
from privacy.core.detectors import registry
from privacy.core.detectors.base import Detector
from privacy.core.detectors.faces import FaceDetector
from privacy.core.detectors.nudity import NudityDetector
from privacy.core.detectors.onnx import Session
from privacy.core.errors import ModelError, ModelMismatch, ModelMissing
from privacy.core.image import Picture
from privacy.core.scan import scan
from privacy.core.types import Finding, ScanReport, Status

MODELS = {"faces": "centerface", "plates": "platedet", "nudity": "nudenet"}


@pytest.fixture(autouse=True)
def nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.delenv("NOPEEK_MODELS", raising=False)


@pytest.fixture
def picture() -> Picture:
    return Picture(np.full((64, 64, 3), 120, np.uint8))


def put(monkeypatch: pytest.MonkeyPatch, detector: Detector) -> None:
    """Let the registry have ``detector`` loaded under its name."""
    key = (detector.name, registry._WHERE[detector.name])
    monkeypatch.setitem(registry._loaded, key, detector)


def only_run(report: ScanReport) -> tuple[Status, str]:
    (run,) = [run for run in report.runs if run.status is not Status.OFF]
    return run.status, run.detail


def constant(value: float, *outputs: tuple[int, ...]) -> bytes:
    """A model of (1, 3, n, n) inputs whose outputs hold nothing but ``value``."""
    names = [f"y{i}" for i in range(len(outputs))]
    nodes = [
        helper.make_node(
            "Constant",
            [],
            [name],
            value=helper.make_tensor(
                name, TensorProto.FLOAT, shape, [value] * int(np.prod(shape))
            ),
        )
        for name, shape in zip(names, outputs, strict=True)
    ]
    given = helper.make_tensor_value_info("x", 1, [1, 3, None, None])
    made = [
        helper.make_tensor_value_info(name, 1, list(shape))
        for name, shape in zip(names, outputs, strict=True)
    ]
    graph = helper.make_graph(nodes, "g", [given], made)
    opset = [helper.make_opsetid("", 13)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    content: bytes = model.SerializeToString()
    return content


@pytest.mark.parametrize("name", sorted(MODELS))
def test_k9_missing_weights(
    name: str, picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPEEK_WEIGHTS", str(tmp_path))
    with pytest.raises(ModelMissing):
        registry.get(name)
    report = scan(picture, only={name})
    status, detail = only_run(report)
    assert status is Status.MISSING
    assert "fetch" in detail
    assert not report.complete
    assert report.unchecked == (name,)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_k9_weights_of_another_hash(
    name: str, picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPEEK_WEIGHTS", str(tmp_path))
    file = tmp_path / weights.lock()[MODELS[name]].file
    file.write_bytes(constant(0, (1, 22, 10)))  # a valid model, not the pinned one
    with pytest.raises(ModelMismatch):
        registry.get(name)
    report = scan(picture, only={name})
    assert only_run(report)[0] is Status.FAILED
    assert not report.complete


def test_k9_one_changed_byte(
    picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if weights.state("nudenet") is not weights.State.OK:
        pytest.skip("nudenet is not fetched: python -m privacy.core weights fetch")
    content = bytearray(weights.read("nudenet"))
    content[len(content) // 2] ^= 1
    (tmp_path / weights.lock()["nudenet"].file).write_bytes(content)
    monkeypatch.setenv("NOPEEK_WEIGHTS", str(tmp_path))
    with pytest.raises(ModelMismatch):
        NudityDetector().load()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_k9_nan_and_infinite_outputs(
    value: float, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = FaceDetector()
    cells = (24, 24)  # 64 pixels, enlarged to 96, at a quarter
    shapes = [(1, depth, *cells) for depth in (1, 2, 2, 10)]
    faces._session = Session(constant(value, *shapes), threads=1)
    put(monkeypatch, faces)
    report = scan(picture, only={"faces"})
    status, detail = only_run(report)
    assert status is Status.FAILED
    assert "NaN" in detail
    assert not report.complete


def test_k9_a_run_that_found_nothing_is_another_state(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = FaceDetector()
    shapes = [(1, depth, 24, 24) for depth in (1, 2, 2, 10)]
    faces._session = Session(constant(0, *shapes), threads=1)
    put(monkeypatch, faces)
    report = scan(picture, only={"faces"})
    assert only_run(report)[0] is Status.OK
    assert report.findings == ()
    assert report.complete


@pytest.mark.parametrize("shape", [(1, 22, 0), (1, 21, 9), (22, 9)])
def test_k9_empty_and_misshapen_outputs(
    shape: tuple[int, ...], picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudity = NudityDetector()
    nudity._session = Session(constant(0, shape), threads=1)
    put(monkeypatch, nudity)
    report = scan(picture, only={"nudity"})
    assert only_run(report)[0] is Status.FAILED
    assert not report.complete


class Broken:
    """A detector that fails in the way it is told."""

    name = "faces"
    model = "broken"

    def __init__(
        self, error: Exception | None = None, until: threading.Event | None = None
    ) -> None:
        self.error, self.until = error, until

    def load(self) -> None:
        """Nothing to read."""

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        if self.until is not None:
            self.until.wait(30)
        if self.error:
            raise self.error
        return []


@pytest.mark.parametrize(
    "error",
    [
        ModelError("the model failed"),
        ValueError("42 Elm Street"),
        MemoryError(),
        RuntimeError("x"),
    ],
)
def test_k9_any_exception_is_a_failed_run_without_its_words(
    error: Exception, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(monkeypatch, Broken(error))
    report = scan(picture, only={"faces"})
    status, detail = only_run(report)
    assert status is Status.FAILED
    assert "Elm" not in detail
    assert not report.complete


def test_k9_a_detector_that_hangs_has_failed(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = threading.Event()
    put(monkeypatch, Broken(until=end))
    report = scan(picture, only={"faces"}, deadline=0.1)
    end.set()
    status, detail = only_run(report)
    assert status is Status.FAILED
    assert "0.1 seconds" in detail
    assert not report.complete
