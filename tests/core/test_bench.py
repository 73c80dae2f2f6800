"""The bench's own arithmetic: a wrong ruler would make every figure wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from privacy.bench import survivors
from privacy.bench.__main__ import main
from privacy.bench.accuracy import Seen, counted
from privacy.bench.datasets import GROUPS, Label, load
from privacy.bench.leak import _showing
from privacy.bench.metrics import Boxes, Tally, boxes_of, coverage, match, tally
from privacy.bench.report import Report, Table
from privacy.core.types import Box, Finding, Style
from tests.core.drawn import ground, paste, symbol

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


@pytest.fixture
def codes(tmp_path: Path) -> tuple[Path, Path]:
    """A set of two codes, and the lines of a scan that found one of them."""
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    entries, lines = {}, []
    for name, known in (("code_a.png", True), ("code_b.png", False)):
        code = symbol(zxingcpp.BarcodeFormat.QRCode, "a payload", 4)
        pixels = paste(ground(300, 260), code, (150, 130))
        half = code.shape[0] / 2
        place = [150 - half, 130 - half, 150 + half, 130 + half]
        Image.fromarray(pixels).save(folder / "images" / name)
        entries[name] = [{"label": "qr code", "box": place}]
        box = Box.from_pixels(*place, 300, 260)
        found = Finding("code.qr", box, 0.9, "codes")
        lines.append(
            {
                "file": str(folder / "images" / name),
                "findings": [found.as_json()] if known else [],
            }
        )
    (folder / "labels.json").write_text(json.dumps(entries))
    (tmp_path / "lines.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder, tmp_path / "lines.jsonl"


def test_verify_goes_on_where_it_stopped(
    codes: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["verify", "--data", str(codes[0]), "--findings", str(codes[1])]
    words += ["--out", str(out), "--styles", "fill,veil"]
    assert main([*words, "--seconds", "0"]) == 0
    assert "not tried yet 4" in capsys.readouterr().out
    assert main([*words, "--limit", "1"]) == 0
    assert main(words) == 0
    rows = [json.loads(row) for row in (out / "verify.jsonl").read_text().splitlines()]
    assert len(rows) == 4  # those of the second run were not tried again
    assert {(r["file"], r["style"]) for r in rows} == {
        (name, style)
        for name in ("code_a.png", "code_b.png")
        for style in ("fill", "veil")
    }
    shape = json.loads((out / "verify.json").read_text())
    (fill, veil) = shape["tables"]["Found again under masks"]
    assert (fill["style"], fill["pictures"], fill["regions"]) == ("fill", 2, 1)
    assert fill["survivors"] == veil["survivors"] == 0


def test_verify_tells_what_survives(
    codes: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: were the original written in place of the render, it would be told."""
    example = next(load(codes[0]))
    box = Box.from_pixels(*example.labels[0].box, 300, 260)
    found = [Finding("code.qr", box, 0.9, "codes")]
    good = survivors.tried(example, found, Style.FILL)
    assert (good["regions"], good["left"], good["file_left"]) == (1, [], [])
    monkeypatch.setattr(survivors, "encode", lambda *_: example.path.read_bytes())
    bad = survivors.tried(example, found, Style.FILL)
    assert [hit["category"] for hit in bad["file_left"]] == ["code.qr"]
    tables = survivors._report([good, bad], 0).as_json()["tables"]
    (row,) = tables["Found again under masks"]
    assert (row["survivors in the file"], row["pictures held back"]) == (1, 1)
    assert tables["What survives"][0]["category"] == "code.qr"


@pytest.mark.long
@pytest.mark.shared
@pytest.mark.parametrize("style", survivors.STYLES)
def test_i6_i7_long_nothing_survives_in_a_sample_of_the_set(
    shared: Path, style: Style
) -> None:
    """Each sixth picture of each group, as found by the whole scan, as it is published."""
    examples = list(load(shared / "devset"))
    sample = [
        example
        for group in GROUPS
        for example in [e for e in examples if e.group == group][::6]
    ]
    report = survivors.survivors(sample, survivors.Trial(styles=(style,)))
    (row,) = report.as_json()["tables"]["Found again under masks"]
    assert row["pictures"] == len(sample) >= 20
    assert row["regions"] > 100
    assert (row["survivors"], row["survivors in the file"]) == (0, 0), report.markdown()


def test_an_unknown_bench_or_folder_is_an_error(tmp_path: Path) -> None:
    for arguments in (["beauty"], ["speed", "--data", str(tmp_path)]):
        with pytest.raises(SystemExit):
            main(arguments)
