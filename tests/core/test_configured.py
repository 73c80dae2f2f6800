"""Configured models: pickles under their hash alone, and the three families for real."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from privacy.bench.accuracy import accuracy
from privacy.bench.datasets import load as load_set
from privacy.core import weights
from privacy.core.detectors import configured
from privacy.core.detectors.base import Detector
from privacy.core.detectors.choices import Choice, read_choices
from privacy.core.errors import ModelError, ModelMismatch, ModelMissing
from privacy.core.image import Picture

ROOT = Path(__file__).resolve().parents[2]


def picture(shared: Path, name: str) -> Picture:
    with Image.open(shared / "devset" / "images" / name) as image:
        return Picture(np.asarray(image.convert("RGB")))


def load(text: str) -> Detector:
    (choice,) = read_choices(text).values()
    detector = configured.build(choice)
    detector.load()
    return detector


def installed(library: str) -> None:
    """Skip where it is not, without importing it: that is for the adapter to do."""
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed (the heavy path)")


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_a_pickle_that_nobody_pinned_is_not_opened(tmp_path: Path) -> None:
    went_off, path = tmp_path / "went_off", tmp_path / "model.pt"
    path.write_bytes(pickle.dumps(Bomb(went_off)))
    with pytest.raises(ModelError, match="is a pickle"):
        configured.build(Choice("objects", path, "ultralytics"))
    with pytest.raises(ModelMismatch):
        configured.build(Choice("objects", path, "ultralytics", sha256="0" * 64))
    assert not went_off.exists()


def test_hashes_are_checked_wherever_they_are_given(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"model")
    good = weights.digest(path)
    assert configured.checked(Choice("objects", path, "yolox", sha256=good)) == path
    with pytest.raises(ModelMismatch):
        configured.checked(Choice("objects", path, "yolox", sha256="0" * 64))
    with pytest.raises(ModelMissing):
        configured.checked(Choice("objects", tmp_path / "none.onnx", "yolox"))


def test_a_folder_has_one_hash_over_all_its_files(tmp_path: Path) -> None:
    for name in ("model.xml", "model.bin"):
        (tmp_path / name).write_bytes(name.encode())
    listing = subprocess.run(
        "sha256sum * | sha256sum",
        shell=True, cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    good = configured.folder_digest(tmp_path)
    assert listing.stdout.split()[0] == good
    choice = Choice("objects", tmp_path, "ultralytics", sha256=good)
    assert configured.checked(choice) == tmp_path
    (tmp_path / "model.bin").write_bytes(b"other")
    with pytest.raises(ModelMismatch):
        configured.checked(choice)


def test_classes_become_categories() -> None:
    def means(name: str, *classes: str, **labels: str) -> dict[int, str]:
        choice = Choice(name, Path("m"), "ultralytics", labels=labels)
        return configured.categories(choice, dict(enumerate(classes)))

    assert means("objects", "person", "cell phone", "License_Plate", "zeppelin") == {
        0: "person",
        1: "object.cell_phone",
        2: "licence_plate",
        3: "object.zeppelin",
    }
    assert means("plates", "0") == {0: "licence_plate"}
    assert means("faces", "body", "Human face") == {1: "face"}
    assert means("faces", "a", "b", b="face") == {1: "face"}
    with pytest.raises(ModelError, match="give labels"):
        means("faces", "cat", "dog")


def test_a_library_that_is_missing_is_named_with_what_to_run() -> None:
    """The light installation has no torch."""
    with pytest.raises(ModelMissing, match=r"pip install .* no_such_library"):
        configured.library("no_such_library.engine")


def test_the_light_installation_says_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "yolo.onnx"
    path.write_bytes(b"model")
    script = (
        "import sys; sys.modules['ultralytics'] = None\n"
        "sys.modules['ultralytics.utils'] = None\n"
        "from privacy.core.detectors import registry\n"
        "from privacy.core.errors import ModelMissing\n"
        "try: registry.get('objects')\n"
        "except ModelMissing as error: print(error)\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "NOPEEK_MODELS": f"objects={path}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "needs ultralytics" in done.stdout


@pytest.mark.shared
def test_yolox_and_yunet_run_on_the_plain_session(shared: Path) -> None:
    yolox = load(f"objects={shared}/weights/yolox_nano.onnx")
    found = {f.category for f in yolox.detect(picture(shared, "coco_000000000139.jpg"))}
    assert {"person", "object.tv", "object.chair"} <= found

    yunet = load(f"faces={shared}/weights/face_detection_yunet_2026may.onnx")
    crowd = picture(shared, "face_9_Press_Conference_Press_Conference_9_129.jpg")
    faces = yunet.detect(crowd)
    assert faces
    for face in faces:
        assert len(face.landmarks) == 5
        eye = face.landmarks[0]
        assert face.box.x0 <= eye[0] <= face.box.x1
        assert face.box.y0 <= eye[1] <= face.box.y1
    assert len(yunet.detect(crowd, threshold=0.05)) >= len(faces)


@pytest.mark.shared
def test_a_model_of_another_kind_is_an_error(shared: Path) -> None:
    folder = shared / "weights"
    frame = Picture(np.zeros((64, 64, 3), np.uint8))
    for name, file, kind in (
        ("objects", "face_detection_yunet_2026may.onnx", "yolox"),
        ("faces", "scrfd_2.5g.onnx", "yunet"),
    ):
        detector = configured.build(Choice(name, folder / file, kind))
        detector.load()
        with pytest.raises(ModelError):
            detector.detect(frame)
    with pytest.raises(ModelError, match="faces and nothing else"):
        load(f"objects={folder}/scrfd_2.5g.onnx")


@pytest.mark.heavy
@pytest.mark.shared
@pytest.mark.long
@pytest.mark.parametrize("file", ["yolov8n_int8.onnx", "yolo11n_int8_openvino"])
def test_yolo_runs_through_ultralytics(shared: Path, file: str) -> None:
    installed("ultralytics")
    yolo = load(f"objects={shared}/weights/{file}")
    found = yolo.detect(picture(shared, "coco_000000000139.jpg"))
    assert {"person", "object.tv", "object.chair"} <= {f.category for f in found}
    assert all(f.detector == "objects" for f in found)


@pytest.mark.heavy
@pytest.mark.shared
@pytest.mark.long
@pytest.mark.parametrize(
    ("model", "library", "group", "recall", "precision"),
    [
        ("objects={}/yolo11n_int8_openvino", "ultralytics", "coco", 0.58, 0.80),
        ("objects={}/yolov8n_int8.onnx", "ultralytics", "coco", 0.53, 0.74),
        ("objects={}/yolox_nano.onnx", "", "coco", 0.49, 0.72),
        ("faces={}/scrfd_2.5g.onnx", "insightface", "face", 0.85, 0.88),
        ("faces={}/face_detection_yunet_2026may.onnx", "", "face", 0.78, 0.56),
    ],
)
def test_configured_models_reach_what_is_published(
    shared: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    library: str,
    group: str,
    recall: float,
    precision: float,
) -> None:
    """Through the whole scan, as NOPEEK_MODELS sets it; docs/detectors.md has the figures."""
    if library:
        installed(library)
    monkeypatch.setenv("NOPEEK_MODELS", model.format(shared / "weights"))
    report = accuracy(list(load_set(shared / "devset", (group,))))
    row = report.as_json()["tables"]["Groups"][0]
    assert row["recall"] >= recall
    assert row["precision"] >= precision


@pytest.mark.heavy
@pytest.mark.shared
def test_a_pinned_pickle_runs_through_ultralytics(shared: Path) -> None:
    """Loaded by torch's restricted unpickler; its hash stands in weights.lock."""
    installed("ultralytics")
    try:
        path = weights.ensure("safelicensing")
    except ModelMissing:
        pytest.skip("fetch the optional weights safelicensing first")
    plates = load(f"plates={path}")
    (found,) = plates.detect(picture(shared, "plate_eu_4097f681.jpg"))
    assert found.category == "licence_plate"
    assert Image.open.__module__ == "PIL.Image"  # it would install decoders at need


@pytest.mark.heavy
def test_a_pinned_pickle_that_runs_code_is_refused(tmp_path: Path) -> None:
    installed("ultralytics")
    import torch

    went_off, path = tmp_path / "went_off", tmp_path / "model.pt"
    torch.save({"model": Bomb(went_off)}, path)
    choice = Choice("objects", path, "ultralytics", sha256=weights.digest(path))
    with pytest.raises(ModelError, match="does not load"):
        configured.build(choice).load()
    assert not went_off.exists()


@pytest.mark.heavy
@pytest.mark.shared
@pytest.mark.long
def test_segmentation_models_give_outlines(shared: Path) -> None:
    installed("ultralytics")
    try:
        path = weights.ensure("platedet")
    except ModelMissing:
        pytest.skip("fetch the weights first")
    plates = load(f"plates={path}")
    (plate, *_) = plates.detect(picture(shared, "plate_eu_4097f681.jpg"))
    assert len(plate.outline) >= 4
    xs, ys = zip(*plate.outline, strict=True)
    assert plate.box.x0 - 0.02 <= min(xs) < max(xs) <= plate.box.x1 + 0.02
    assert plate.box.y0 - 0.02 <= min(ys) < max(ys) <= plate.box.y1 + 0.02


@pytest.mark.heavy
@pytest.mark.shared
def test_scrfd_runs_through_insightface(
    shared: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    installed("insightface")
    scrfd = load(f"faces={shared}/weights/scrfd_2.5g.onnx")
    crowd = picture(shared, "face_9_Press_Conference_Press_Conference_9_129.jpg")
    faces = scrfd.detect(crowd)
    assert faces
    assert all(len(face.landmarks) == 5 for face in faces)
    assert len(scrfd.detect(crowd, threshold=0.05)) >= len(faces)
    assert capfd.readouterr().out == ""


@pytest.mark.heavy
@pytest.mark.long
def test_the_heavy_libraries_touch_neither_network_nor_home(tmp_path: Path) -> None:
    """Every socket and look-up is refused; whatever is written to HOME is seen."""
    installed("ultralytics")
    script = """
import socket, sys
asked = []
def refuse(*args, **kwargs):
    asked.append(args)
    raise OSError("no network in this test")
socket.getaddrinfo = refuse
socket.socket.connect = refuse
from PIL import Image
opens = Image.open
from privacy.core.detectors import with_ultralytics
with_ultralytics._import_quietly()
import ultralytics, openvino
ultralytics.YOLO
assert not asked, asked
assert Image.open is opens  # it would install decoders at need
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
