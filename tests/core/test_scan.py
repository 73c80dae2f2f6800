"""K9 and the scan's own promises: lanes, deadline, progress, isolation, determinism.

Whatever single models do when they break is in test_model_failures.py; here stands what
the ensemble makes of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from privacy.core.detectors import registry, text
from privacy.core.image import Picture
from privacy.core.sanitise import sanitise
from privacy.core.scan import lanes, run_one, scan
from privacy.core.types import Box, DetectorRun, Finding, Status
from tests.core.drawn import ground, write

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def page() -> Picture:
    """A drawn sheet: something for text, codes and documents to agree on."""
    lines = ["Call me: +49 30 901820", "maria.keller@example.org"]
    return Picture(write(ground(420, 300), lines, (60, 100), 24)[0])


class Recorded:
    """Stands in for a model where the test is about the scan: does as it is told."""

    model = "recorded"

    def __init__(self, name: str, act: Callable[[], list[Finding]]) -> None:
        self.name, self._act = name, act

    def load(self) -> None:
        """Nothing to read."""

    def detect(
        self, picture: Picture, *, threshold: float | None = None
    ) -> list[Finding]:
        return self._act()


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the registry have a recorded detector under a name."""
    monkeypatch.delenv("NOPEEK_MODELS", raising=False)
    monkeypatch.setattr(registry, "_loaded", dict(registry._loaded))

    def put(name: str, act: Callable[[], list[Finding]]) -> None:
        key = (name, registry._WHERE[name])
        monkeypatch.setitem(registry._loaded, key, Recorded(name, act))

    return put


def statuses(runs: tuple[DetectorRun, ...]) -> dict[str, Status]:
    return {run.name: run.status for run in runs}


# --- what is run ---------------------------------------------------------------------------


def test_every_detector_has_a_run_in_a_fixed_order(page: Picture) -> None:
    report = scan(page, only=("codes", "text"))
    assert tuple(run.name for run in report.runs) == registry.NAMES
    told = statuses(report.runs)
    assert {name for name, status in told.items() if status is Status.OK} == {
        "codes",
        "text",
    }
    assert all(s is Status.OFF for n, s in told.items() if n not in ("codes", "text"))
    assert report.complete
    assert report.unchecked == ()
    assert {f.detector for f in report.findings} == {"text"}


def test_off_wins_over_only(page: Picture) -> None:
    report = scan(page, only=("codes", "text"), off=("text",))
    assert statuses(report.runs)["text"] is Status.OFF
    assert not any(finding.category.startswith("text") for finding in report.findings)


@pytest.mark.parametrize("names", [{"only": ("feces",)}, {"off": ("txt",)}])
def test_a_name_that_no_detector_has_is_refused(
    page: Picture, names: dict[str, tuple[str, ...]]
) -> None:
    with pytest.raises(ValueError, match="unknown detector"):
        scan(page, **names)  # type: ignore[arg-type]


def test_a_report_without_runs_is_not_complete(page: Picture) -> None:
    report = scan(page, only=())
    assert report.complete  # all of them are off, by wish
    empty = type(report)(1, 1, (), ())
    assert not empty.complete


def test_findings_are_the_same_when_a_picture_is_scanned_again(shared: Path) -> None:
    """Fresh pictures, so that nothing cached is compared with itself."""
    files = (shared / "devset" / "images").glob("coco_*.jpg")
    file = min(files, key=lambda path: path.stat().st_size)
    data = file.read_bytes()
    first, second = (
        [f.as_json() for f in scan(sanitise(data).picture()).findings] for _ in range(2)
    )
    assert first
    assert first == second


# --- lanes, progress, deadline -----------------------------------------------------------------


def test_lanes_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOPEEK_LANES", "3")
    assert lanes() == 3
    for nonsense in ("", "0", "-1", "two"):
        monkeypatch.setenv("NOPEEK_LANES", nonsense)
        assert lanes() == min(2, len(os.sched_getaffinity(0)))


def test_two_lanes_run_beside_each_other(
    page: Picture, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPEEK_LANES", "2")
    meeting = threading.Barrier(2, timeout=20)

    def meet() -> list[Finding]:
        meeting.wait()  # passes only when the other one is running
        return []

    put("faces", meet)
    put("plates", meet)
    assert scan(page, only=("faces", "plates")).complete


def test_one_lane_takes_the_slowest_first(
    page: Picture, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPEEK_LANES", "1")
    order: list[str] = []

    def note(name: str) -> list[Finding]:
        order.append(name)
        return []

    for name in ("codes", "faces", "text"):
        put(name, partial(note, name))
    told: list[str] = []
    report = scan(
        page,
        only=("codes", "faces", "text"),
        progress=lambda run: told.append(run.name),
    )
    assert report.complete
    assert order == ["text", "faces", "codes"]
    assert told == order  # progress is told of each once, as it ends


def test_k9_a_failed_detector_takes_nothing_from_the_others(
    page: Picture, put: Callable[..., None]
) -> None:
    def fail() -> list[Finding]:
        raise RuntimeError("12 Elm Street")

    put("faces", fail)
    told: list[DetectorRun] = []
    report = scan(page, only=("faces", "text"), progress=told.append)
    assert not report.complete
    assert report.unchecked == ("faces",)
    assert any(f.category == "text.phone" for f in report.findings)
    assert {run.name: run.status for run in told} == {
        "faces": Status.FAILED,
        "text": Status.OK,
    }
    assert "Elm" not in json.dumps([run.as_json() for run in report.runs])


def test_k9_a_hang_ends_at_the_deadline_and_what_comes_late_is_dropped(
    page: Picture, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPEEK_LANES", "2")
    woken, ended = threading.Event(), threading.Event()
    late = Finding("face", Box(0.1, 0.1, 0.2, 0.2), 0.9, "faces")

    def hang() -> list[Finding]:
        woken.wait(20)
        ended.set()
        return [late]

    put("faces", hang)
    put("codes", lambda: [Finding("code.qr", Box(0.5, 0.5, 0.6, 0.6), 0.9, "codes")])
    report = scan(page, only=("faces", "codes"), deadline=0.4)
    before = report.findings
    woken.set()
    assert ended.wait(20)
    told = statuses(report.runs)
    assert (told["faces"], told["codes"]) == (Status.FAILED, Status.OK)
    assert report.unchecked == ("faces",)
    assert [finding.category for finding in before] == ["code.qr"]
    assert report.findings is before
    failed = next(run for run in report.runs if run.name == "faces")
    assert failed.ms == pytest.approx(400)
    assert "0.4 seconds" in failed.detail


def test_k9_a_lane_that_hangs_does_not_hold_up_what_comes_after_it(
    page: Picture, put: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one lane, what never began has failed as well: nothing is taken as clear."""
    monkeypatch.setenv("NOPEEK_LANES", "1")
    woken = threading.Event()

    def hang() -> list[Finding]:
        woken.wait(20)
        return []

    put("text", hang)
    put("codes", list)
    report = scan(page, only=("text", "codes"), deadline=0.2)
    woken.set()
    assert report.unchecked == ("text", "codes")
    assert report.findings == ()


def test_k9_without_any_weights_nothing_is_taken_as_clear(
    page: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPEEK_WEIGHTS", str(tmp_path))
    monkeypatch.delenv("NOPEEK_MODELS", raising=False)
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.setattr(text, "_loaded", [])
    fresh = Picture(page.pixels)
    report = scan(fresh)
    told = statuses(report.runs)
    gone = {"faces", "plates", "text", "documents", "nudity"}
    assert all(told[name] is Status.MISSING for name in gone)
    assert told["codes"] is Status.OK  # a library, no weights
    assert gone <= set(report.unchecked)
    assert not report.complete
    for run in report.runs:
        if run.status is Status.MISSING:
            assert "weights fetch" in run.detail


def test_k9_a_model_that_fails_in_one_picture_works_in_the_next(page: Picture) -> None:
    """A failure is not remembered: one bad picture must not stop the site."""
    run, _ = run_one("text", page)
    assert run.status is Status.OK

    class Spoilt(Picture):
        def fitted(self, *_args: object, **_more: object) -> object:  # type: ignore[override]
            raise ValueError("spoilt")

    run, found = run_one("text", Spoilt(np.full((64, 64, 3), 9, np.uint8)))
    assert (run.status, found, run.detail) == (Status.FAILED, [], "ValueError")
    assert run_one("text", Picture(page.pixels))[0].status is Status.OK


def test_a_run_says_which_model_and_how_long(page: Picture) -> None:
    run, findings = run_one("text", Picture(page.pixels))
    assert run.model == "ocr-lines+ocr-reading"
    assert run.ms > 0
    assert len(findings) == 2


# --- a process of its own -----------------------------------------------------------------------


def test_a_default_scan_needs_neither_torch_nor_django(tmp_path: Path) -> None:
    """Heavy libraries are loaded for the models that are configured, and only then."""
    program = """
import sys, threading
import numpy as np
from privacy.core.image import Picture
from privacy.core.scan import scan
heavy = ("torch", "torchvision", "ultralytics", "insightface", "openvino", "rapidocr",
         "tensorflow", "django", "matplotlib", "pandas")
assert "onnxruntime" not in sys.modules
assert not any(name.startswith("privacy.core.detectors.faces") for name in sys.modules)
report = scan(Picture(np.full((96, 128, 3), 127, np.uint8)))
assert report.complete, report.unchecked
assert "onnxruntime" in sys.modules
print([name for name in heavy if name in sys.modules])
"""
    environment = {k: v for k, v in os.environ.items() if k != "NOPEEK_MODELS"}
    environment["NOPEEK_THREADS"] = "1"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "[]"
