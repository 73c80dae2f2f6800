"""The bench's own arithmetic: a wrong ruler would make every figure wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from privacy.bench.__main__ import main
from privacy.bench.accuracy import Seen, counted
from privacy.bench.datasets import Label, load
from privacy.bench.leak import _showing
from privacy.bench.metrics import Boxes, Tally, boxes_of, coverage, match, tally
from privacy.bench.report import Report, Table
from privacy.core.types import Box, Finding

side = st.integers(0, 8)
drawn = st.lists(st.tuples(side, side, side, side), max_size=5).map(
    lambda rows: boxes_of([(x, y, x + w + 1, y + h + 1) for x, y, w, h in rows])
)


@settings(deadline=None)
@given(drawn, drawn)
def test_coverage_is_what_counting_pixels_says(labels: Boxes, found: Boxes) -> None:
    canvas = np.zeros((20, 20), bool)
    for x0, y0, x1, y1 in found.astype(int):
        canvas[y0:y1, x0:x1] = True
    counted_pixels = [
        canvas[y0:y1, x0:x1].mean() for x0, y0, x1, y1 in labels.astype(int)
    ]
    assert np.allclose(coverage(labels, found), counted_pixels)


@settings(deadline=None)
@given(drawn, drawn)
def test_every_label_and_finding_is_used_once(labels: Boxes, found: Boxes) -> None:
    pairs = match(labels, found, [0.5] * len(found))
    used = [index for index in pairs if index >= 0]
    assert len(used) == len(set(used))
    made = tally(labels, boxes_of([]), found, [0.5] * len(found))
    assert made.hits + made.alarms == len(found)
    assert made.hits <= made.labels == len(labels)


def test_duplicates_are_false_alarms_and_ignored_ones_are_not() -> None:
    labels, ignored = boxes_of([(0, 0, 10, 10)]), boxes_of([(50, 50, 90, 90)])
    found = boxes_of([(0, 0, 10, 10), (1, 0, 10, 10), (60, 60, 70, 70), (20, 0, 30, 9)])
    made = tally(labels, ignored, found, [0.5, 0.9, 0.8, 0.7])
    assert (made.hits, made.alarms) == (1, 2)
    assert made.covered == 1
    assert made.recall == 1
    assert made.precision == pytest.approx(1 / 3)


def test_a_found_label_that_sticks_out_is_a_leak() -> None:
    made = tally(
        boxes_of([(0, 0, 10, 10)]), boxes_of([]), boxes_of([(0, 0, 10, 8)]), [0.9]
    )
    assert (made.hits, made.covered, made.leaks) == (1, 0, 1)
    assert made.coverage == pytest.approx(0.8)


def test_tallies_add_up() -> None:
    one = Tally(hits=1, labels=2, alarms=1, covered=1, leaks=0, share=1.5)
    assert one + one == Tally(2, 4, 2, 2, 0, 3.0)
    assert Tally().recall == Tally().precision == 1.0


def test_a_narrower_category_counts_as_the_wider_one() -> None:
    finding = Finding("code.qr", Box(0, 0, 0.1, 0.1), 0.9, "codes")
    other = Finding("codec", Box(0, 0, 0.1, 0.1), 0.9, "x")
    seen = Seen(
        (Label("code", (0, 0, 10, 10)),),
        (finding, other),
        boxes_of([(0, 0, 10, 10), (0, 0, 10, 10)]),
    )
    made = counted([seen], ("code",))
    assert (made.hits, made.labels, made.alarms) == (1, 1, 0)


def test_what_shows_of_a_label() -> None:
    mask = np.zeros((20, 20), bool)
    mask[:10] = True
    assert _showing(Label("text", (0, 5, 10, 15)), mask) == pytest.approx(0.5)
    assert _showing(Label("text", (0, 0, 10, 10)), mask) == 0
    assert _showing(Label("text", (0, 12, 5, 19)), mask) == 1


def test_labels_are_read_as_the_taxonomy_names_them(tmp_path: Path) -> None:
    entry = {"label": "cell phone", "box": [1, 2, 3, 8], "ignore": True}
    (tmp_path / "images").mkdir()
    Image.new("RGB", (4, 9)).save(tmp_path / "images" / "coco_1.png")
    (tmp_path / "labels.json").write_text(json.dumps({"coco_1.png": [entry]}))
    (example,) = load(tmp_path)
    assert list(load(tmp_path, ("face",))) == []
    assert example.labels == (Label("object.cell_phone", (1, 2, 3, 8), ignore=True),)
    assert example.labels[0].side == 2
    assert (example.picture().width, example.picture().height) == (4, 9)


def test_reports_are_written_for_people_and_machines(tmp_path: Path) -> None:
    table = Table("Time", ("what", "ms"), (("a|b", 0.25), ("c", None)), "Note.")
    Report("speed", [table], {"cores": 2}).write(tmp_path / "out")
    text = (tmp_path / "out" / "speed.md").read_text()
    assert "| a\\|b | 0.250 |" in text
    assert "cores 2" in text
    shape = json.loads((tmp_path / "out" / "speed.json").read_text())
    assert shape["tables"]["Time"][1] == {"what": "c", "ms": None}


def test_an_unknown_bench_or_folder_is_an_error(tmp_path: Path) -> None:
    for arguments in (["beauty"], ["speed", "--data", str(tmp_path)]):
        with pytest.raises(SystemExit):
            main(arguments)
