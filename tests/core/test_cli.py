"""The command line as people and programs use it: words, JSON, exit status."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from PIL import Image

from privacy.core import cli_scan, cli_terminal, weights
from privacy.core.cli import _parser, main
from privacy.core.cli_render import outputs, unmasked
from privacy.core.cli_terminal import unfit_weights
from privacy.core.cli_viper import MODIFIERS
from privacy.core.detectors import registry
from privacy.core.detectors.faces import FaceDetector
from privacy.core.image import Picture, Pixels
from privacy.core.presets import VIPER_MOST_PRIVATE, VIPER_SEMI_PRIVATE
from privacy.core.render import render
from privacy.core.types import Box, Finding, Plan, Region, Style, Treatment
from tests.core.drawn import ground, write

ROOT = Path(__file__).resolve().parents[2]
SECRET = "4929 1187 6650 4321"
TIERS = ("full", "semi", "none")


def schema(title: str) -> dict[str, Any]:
    """A JSON Schema of docs/json.md, by its ``title``."""
    text = (ROOT / "docs" / "json.md").read_text("utf-8")
    for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL):
        shape: dict[str, Any] = json.loads(block)
        if shape.get("title") == title:
            return shape
    raise AssertionError(f"docs/json.md has no schema titled {title!r}")


def conforms(shape: Any, title: str) -> None:
    jsonschema.Draft202012Validator(schema(title)).validate(shape)


@pytest.fixture
def nopeek(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command in this process: status, standard output, standard error."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(word) for word in words])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


Nopeek = Callable[..., tuple[int, str, str]]


def save(pixels: Pixels, path: Path, **more: Any) -> Path:
    Image.fromarray(pixels).save(path, **more)
    return path


@pytest.fixture(scope="module")
def page() -> tuple[Pixels, list[Box]]:
    lines = [SECRET, "maria.ott@wald.example", "Opening hours"]
    pixels, boxes, _ = write(ground(420, 300), lines, (60, 90), 22)
    return pixels, boxes


@pytest.fixture
def photo(tmp_path: Path, page: tuple[Pixels, list[Box]]) -> Path:
    exif = Image.Exif()
    exif[0x010F] = "Canon"
    exif[0x0132] = "2024:05:17 10:11:12"
    return save(page[0], tmp_path / "page.jpg", quality=92, exif=exif)


@pytest.fixture
def findings(tmp_path: Path, page: tuple[Pixels, list[Box]]) -> Path:
    """A secret, a plate and plain text: masked for three tiers, two and one."""
    places = [
        ("text.card", page[1][0]),
        ("licence_plate", Box(0.7, 0.02, 0.95, 0.12)),
        ("text", page[1][2]),
    ]
    shapes = [{"category": c, "box": list(box.as_tuple())} for c, box in places]
    file = tmp_path / "findings.json"
    file.write_text(json.dumps({"findings": shapes}))
    return file


# --- scan -------------------------------------------------------------------------------------


def test_scan_json_is_one_documented_object_a_line(nopeek: Nopeek, photo: Path) -> None:
    status, out, err = nopeek("scan", photo, "--json", "--only", "text,codes")
    assert (status, err) == (0, "")
    (line,) = out.splitlines()
    shape = json.loads(line)
    conforms(shape, "a line of scan --json")
    assert shape["file"] == str(photo)
    assert (shape["width"], shape["height"]) == (420, 300)
    assert set(shape["detectors"]) == set(registry.NAMES)
    assert shape["detectors"]["text"]["status"] == "ok"
    assert shape["detectors"]["faces"] == {"status": "off", "ms": 0.0}
    assert {"text.email"} <= {finding["category"] for finding in shape["findings"]}
    assert {item["group"] for item in shape["metadata"]["removed"]} >= {
        "device",
        "time",
    }
    risks = [shape["score"][tier]["risk"] for tier in TIERS]
    assert risks == sorted(risks)
    assert SECRET not in out
    assert "maria" not in out


def test_scan_in_words_names_each_thing_and_each_tier(
    nopeek: Nopeek, photo: Path
) -> None:
    status, out, _ = nopeek("scan", photo, "--only", "text")
    assert status == 0
    assert "page.jpg" in out
    assert "e-mail address" in out
    for tier in TIERS:
        assert f"{tier} " in out
    assert "risk" in out
    assert "maria" not in out


def test_scan_does_a_folder_names_bad_input_and_does_the_rest(
    nopeek: Nopeek, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    (folder / "deeper").mkdir(parents=True)
    save(ground(64, 48), folder / "a.png")
    save(ground(48, 64), folder / "deeper" / "b.WEBP", format="webp")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    (folder / "notes.txt").write_text("no picture, and not asked for")
    (folder / "empty").mkdir()
    gone, bare = tmp_path / "gone.jpg", folder / "empty"
    status, out, err = nopeek("scan", folder, gone, bare, "--json", "--only", "codes")
    assert status == 2
    lines = [json.loads(line) for line in out.splitlines()]
    names = [Path(line["file"]).name for line in lines]
    assert names == ["a.png", "broken.jpg", "b.WEBP"]
    assert [("error" in line) for line in lines] == [False, True, False]
    for line in lines:
        title = "a line for a refused file" if "error" in line else None
        conforms(line, title or "a line of scan --json")
    assert lines[1]["error"]["code"] in ("damaged", "unsupported")
    for name in ("broken.jpg", "gone.jpg", "empty"):
        assert name in err
    assert "notes" not in out + err


def test_scan_says_2_when_model_files_are_missing(
    nopeek: Nopeek, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPEEK_WEIGHTS", str(tmp_path))
    monkeypatch.delenv("NOPEEK_MODELS", raising=False)
    monkeypatch.setattr(registry, "_loaded", {})
    status, out, err = nopeek("scan", photo, "--json", "--only", "faces,codes")
    assert status == 2
    assert "centerface" in err
    assert "python -m privacy.core weights fetch" in err
    shape = json.loads(out)
    conforms(shape, "a line of scan --json")
    assert shape["complete"] is False
    assert shape["detectors"]["faces"]["status"] == "missing"
    assert shape["detectors"]["codes"]["status"] == "ok"
    status, out, _ = nopeek("scan", photo, "--only", "faces")
    assert status == 2
    assert "faces missing" in out
    assert "weights fetch" in out
    words = ("--tier", "full", "-o", tmp_path / "o.jpg")
    status, out, err = nopeek("render", photo, *words)
    assert (status, out) == (2, "")
    assert "not rendered" in err
    assert "weights fetch" in err
    assert not (tmp_path / "o.jpg").exists()


def test_scan_says_1_when_a_detector_failed(
    nopeek: Nopeek, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> list[Finding]:
        raise RuntimeError("of no interest")

    monkeypatch.setattr(FaceDetector, "detect", broken)
    status, out, err = nopeek("scan", photo, "--json", "--only", "faces")
    assert json.loads(out)["detectors"]["faces"]["status"] == "failed"
    assert status == (2 if unfit_weights() else 1)
    assert f"{photo}: no check for faces" in err


def test_long_paths_and_brackets_are_printed_as_they_are(
    nopeek: Nopeek, tmp_path: Path
) -> None:
    folder = tmp_path / ("long [red] name " * 12).strip()
    folder.mkdir()
    file = save(ground(64, 48), folder / "a [bold]b.png")
    status, out, _ = nopeek("scan", file, "--only", "codes")
    assert status == 0
    assert str(file) in out  # neither wrapped nor taken for markup


def test_what_a_file_says_does_not_steer_the_terminal(
    nopeek: Nopeek, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0131] = "evil\x1b]0;title\x07\x1b[2J"
    file = save(ground(64, 48), tmp_path / "a.jpg", exif=exif)
    _, out, _ = nopeek("scan", file, "--only", "codes")
    assert "evil" in out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_json_reaches_the_pipe_while_a_bar_is_on_the_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A live bar redirects standard output unless told not to."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    pipe, terminal = io.StringIO(), Terminal()
    monkeypatch.setattr(sys, "stdout", pipe)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name in ("a.png", "b.png"):
        save(ground(64, 48), tmp_path / name)
    assert main(["scan", str(tmp_path), "--json", "--only", "codes"]) == 0
    assert len([json.loads(line) for line in pipe.getvalue().splitlines()]) == 2
    assert "b.png" in terminal.getvalue()
    assert "/2" in terminal.getvalue()


def test_pictures_of_a_folder_come_by_name_and_of_any_depth(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.HEIC", "c/d.avif", "c/e.mp4", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    files, complaints = cli_terminal.pictures([str(tmp_path)])
    assert [file.name for file in files] == ["a.HEIC", "b.jpg", "d.avif"]
    assert complaints == []
    assert cli_scan.pictures is cli_terminal.pictures


# --- render -----------------------------------------------------------------------------------


@pytest.fixture
def no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} was asked for")

    monkeypatch.setattr(registry, "get", refuse)
    monkeypatch.setattr(registry, "second", refuse)


def opened(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_render_with_findings_needs_no_detector_for_any_tier(
    nopeek: Nopeek,
    photo: Path,
    findings: Path,
    tmp_path: Path,
    page: tuple[Pixels, list[Box]],
    no_detector: None,
) -> None:
    shown = {}
    for tier, number in zip(TIERS, "012", strict=True):
        out = tmp_path / f"{tier}.jpg"
        words = ("render", photo, "--findings", findings, "--json", "-o", out)
        status, told, err = nopeek(*words, "--tier", tier)
        assert (status, err) == (0, "")
        line = json.loads(told)
        conforms(line, "a line of render --json")
        assert line["tier"] == tier
        shown[tier] = line["masked"], opened(out)
        again = nopeek(*words, "--tier", number)  # VIPER's numbers, and the same bytes
        assert json.loads(again[1])["sha256"] == line["sha256"]
    assert [shown[tier][0] for tier in TIERS] == [3, 2, 1]
    original = opened(photo).astype(int)

    def change(tier: str, box: Box) -> float:
        x0, y0, x1, y1 = (round(v) for v in box.pixels(420, 300))
        gap = shown[tier][1][y0:y1, x0:x1].astype(int) - original[y0:y1, x0:x1]
        return float(np.abs(gap).mean())

    card, _, hours = page[1]
    assert min(change(tier, card) for tier in TIERS) > 12
    assert change("full", hours) > 12
    assert max(change("semi", hours), change("none", hours)) < 5


def test_render_from_the_lines_of_a_scan(
    nopeek: Nopeek, tmp_path: Path, no_detector: None
) -> None:
    """``scan --json FOLDER`` once, then render every tier from what it printed."""
    folder = tmp_path / "in"
    folder.mkdir()
    lines = []
    for name, boxes in (("a.png", 1), ("b.png", 2)):
        save(ground(80, 60), folder / name)
        found = [
            {"category": "face", "box": [0.1, 0.4 * i, 0.3, 0.4 * i + 0.2]}
            for i in range(boxes)
        ]
        line = {"file": str(folder / name), "width": 80, "height": 60}
        lines.append(json.dumps({**line, "findings": found}))
    given = tmp_path / "scan.jsonl"
    given.write_text("\n".join(lines) + "\n")
    words = ("--tier", "full", "--findings", given, "--json")
    status, out, _ = nopeek("render", folder, *words, "-o", tmp_path / "out")
    assert status == 0
    assert [json.loads(line)["masked"] for line in out.splitlines()] == [1, 2]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "neither|not JSON|line"),
        ("{", "not JSON"),
        ("3", "neither"),
        ('{"findings": 3}', "list"),
        ('[{"category": "face"}]', "box"),
        ('[{"category": "face", "box": [0.5, 0, 0.1, 1]}]', "x0 < x1"),
        ('[{"category": "face", "box": [0, 0, NaN, 1]}]', "finite"),
        ('{"width": 9, "height": 9, "findings": []}', "9 x 9"),
        ('{"file": "x", "error": {"code": "damaged", "message": ""}}', "refused"),
        (
            '{"file": "x.png", "findings": []}\n{"file": "y.png", "findings": []}',
            "line",
        ),
    ],
)
def test_findings_that_make_no_sense_render_nothing(
    nopeek: Nopeek, photo: Path, tmp_path: Path, text: str, words: str
) -> None:
    given, out = tmp_path / "given.json", tmp_path / "out.jpg"
    given.write_text(text)
    status, _, err = nopeek(
        "render", photo, "--tier", "full", "--findings", given, "-o", out
    )
    assert status == 2
    assert re.search(words, err), err
    assert not out.exists()


def test_an_incomplete_scan_renders_nothing(
    nopeek: Nopeek, photo: Path, tmp_path: Path, no_detector: None
) -> None:
    """Fail closed: what nobody looked for may be in the picture."""
    out, given = tmp_path / "out.jpg", tmp_path / "scan.json"
    line = {"file": str(photo), "findings": [], "complete": False}
    for runs in ({"faces": {"status": "failed", "ms": 1}}, {}):
        given.write_text(json.dumps({**line, "detectors": runs}))
        status, _, err = nopeek(
            "render", photo, "--tier", "none", "--findings", given, "-o", out
        )
        assert status == 1
        assert "not rendered" in err
        assert not out.exists()


@pytest.mark.parametrize(
    ("name", "format_"), [("o.jpg", "JPEG"), ("o.webp", "WEBP"), ("o.avif", "AVIF")]
)
@pytest.mark.parametrize("size", ["thumb", "100", "full"])
def test_render_writes_each_format_and_size(
    nopeek: Nopeek,
    photo: Path,
    findings: Path,
    tmp_path: Path,
    name: str,
    format_: str,
    size: str,
) -> None:
    out = tmp_path / name
    words = ("--tier", "full", "--findings", findings, "--size", size, "-o", out)
    assert nopeek("render", photo, *words)[0] == 0
    with Image.open(out) as image:
        assert image.format == format_
        assert max(image.size) == {"thumb": 320, "100": 100, "full": 420}[size]
        assert not image.getexif()
    assert [p for p in tmp_path.iterdir() if p.suffix == ".part"] == []


@pytest.mark.parametrize(
    "words",
    [
        ("--size", "0"),
        ("--size", "huge"),
        ("--size", "-3"),
        ("--tier", "most"),
        ("--style", "glitter"),
    ],
)
def test_options_that_make_no_sense_end_before_any_work(
    nopeek: Nopeek, photo: Path, tmp_path: Path, words: tuple[str, str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        nopeek("render", photo, "--tier", "full", "-o", tmp_path / "o.jpg", *words)
    assert ended.value.code == 2
    assert not (tmp_path / "o.jpg").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "o.png"),
        ("-o", "o.jpg", "--rules", "nosuch"),
    ],
)
def test_a_wrong_output_or_rule_file_is_bad_input(
    nopeek: Nopeek,
    photo: Path,
    findings: Path,
    tmp_path: Path,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("--tier", "full", "--findings", str(findings), *words)
    status, _, err = nopeek("render", photo, *words)
    assert status == 2
    assert err.startswith("nopeek: ")
    assert not list(tmp_path.glob("o.*"))


def test_styles_and_rules_of_a_file(
    nopeek: Nopeek, photo: Path, findings: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.json"
    cells = {"full": "fill", "semi": None, "none": None}
    rules.write_text(json.dumps({"rules": [{"category": "*", **cells}]}))
    conforms(json.loads(rules.read_text()), "a rule set")
    sums = set()
    for extra in (("--style", "fill"), ("--style", "sticker"), ("--rules", rules)):
        words = ("--tier", "full", "--findings", findings, "--json", *extra)
        status, out, _ = nopeek("render", photo, *words, "-o", tmp_path / "o.jpg")
        assert status == 0
        sums.add(json.loads(out)["sha256"])
    assert len(sums) == 2  # fill twice: by the option, and by the rules
    words = ("--tier", "semi", "--findings", findings, "--json", "--rules", rules)
    line = nopeek("render", photo, *words, "-o", tmp_path / "o.jpg")[1]
    assert json.loads(line)["masked"] == 0


def test_render_does_a_folder_names_bad_input_and_does_the_rest(
    nopeek: Nopeek, tmp_path: Path, no_detector: None
) -> None:
    folder, target = tmp_path / "in", tmp_path / "out"
    (folder / "deeper").mkdir(parents=True)
    for name in ("a.png", "a.webp", "deeper/b.png"):
        save(ground(64, 48), folder / name)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    given = tmp_path / "none.json"
    given.write_text('{"findings": []}')
    words = ("--tier", "full", "--findings", given, "-o", target)
    status, _, err = nopeek("render", folder, *words)
    assert status == 2
    assert "broken.jpg" in err
    made = sorted(str(p.relative_to(target)) for p in target.rglob("*.jpg"))
    assert made == ["a.png.jpg", "a.webp.jpg", "deeper/b.jpg"]


def test_names_of_a_folders_renders_never_collide() -> None:
    folder = Path("in")
    files = [folder / name for name in ("a.jpg", "a.png", "b.png", "c/a.gif")]
    names = outputs(folder, files)
    assert len(set(names)) == len(files)
    assert names[2:] == [Path("b.jpg"), Path("c/a.jpg")]


# --- verify -------------------------------------------------------------------------------------


def test_verify_tells_a_good_render_from_a_bad_one(
    nopeek: Nopeek, photo: Path, findings: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o.jpg"
    words = ("--tier", "full", "--findings", findings)
    assert nopeek("render", photo, *words, "-o", out)[0] == 0
    status, told, _ = nopeek("verify", photo, out, "--findings", findings, "--json")
    line = json.loads(told)
    conforms(line, "the line of verify --json")
    assert status == 0, line
    assert line["clean"] is True
    assert {"text", "plates"} <= set(line["attacks"])

    bare = save(opened(photo), tmp_path / "bare.jpg", quality=80)
    status, told, _ = nopeek("verify", photo, bare, "--findings", findings, "--json")
    line = json.loads(told)
    conforms(line, "the line of verify --json")
    assert status == 1
    assert line["clean"] is False
    assert {"text.card", "text"} <= set(line["unmasked"])
    assert {s["attack"] for s in line["survivors"]} >= {"text"}
    assert SECRET not in told

    status, told, _ = nopeek("verify", photo, bare, "--findings", findings)
    assert status == 1
    assert "found again by text" in told
    assert "not masked at all: text.card" in told


def test_verify_refuses_a_render_of_another_shape(
    nopeek: Nopeek, photo: Path, findings: Path, tmp_path: Path
) -> None:
    other = save(ground(300, 420), tmp_path / "other.jpg")
    status, _, err = nopeek("verify", photo, other, "--findings", findings)
    assert status == 2
    assert "another shape" in err


@pytest.mark.parametrize(("size", "quality"), [(420, 40), (420, 95), (160, 95)])
def test_what_is_not_masked_is_told_from_what_is(
    page: tuple[Pixels, list[Box]], size: int, quality: int
) -> None:
    """Faint lines as well, in small files and at a low quality."""
    faint = (np.asarray(page[0], np.float32) * 0.2 + 180).astype(np.uint8)
    for pixels in (page[0], faint):
        picture = Picture(pixels.copy())
        found = [Finding("text", box, 0.9, "given") for box in page[1]]
        plan = Plan.of(Region(f.id, f.box, Treatment(Style.VEIL)) for f in found)
        for shown, told in (
            (picture.pixels, ["text"] * 3),
            (render(picture, plan, b"k"), []),
        ):
            out = io.BytesIO()
            small = Image.fromarray(shown).resize((size, round(size * 300 / 420)))
            small.save(out, "jpeg", quality=quality)
            again = np.asarray(Image.open(out))
            assert unmasked(picture, again, found) == told


# --- viper -----------------------------------------------------------------------------------------


def test_vipers_modifiers_have_their_aliases(
    nopeek: Nopeek, shared: Path, tmp_path: Path
) -> None:
    pairs = {"blur": "br", "block": "bk", "noise": "ne", "saliency": "sy"}
    assert {MODIFIERS[a] for a in pairs} == {
        Style.BLUR,
        Style.FILL,
        Style.NOISE,
        Style.SALIENCY,
    }
    assert all(MODIFIERS[long] is MODIFIERS[short] for long, short in pairs.items())
    image = shared / "devset" / "images" / "coco_000000001503.jpg"
    out = tmp_path / "o.jpg"
    status, told, _ = nopeek("viper", image, "BR", "--json", "-o", out)
    assert status == 0
    line = json.loads(told)
    conforms(line, "the line of viper --json")
    assert line["private"] > 0
    assert line["score"]["after"] == 0 < line["score"]["before"]
    assert out.exists()


def test_vipers_relationship_opens_list_by_list(
    nopeek: Nopeek, shared: Path, tmp_path: Path
) -> None:
    image = shared / "devset" / "images" / "coco_000000001503.jpg"
    counts = []
    for relationship in "12":  # 0 is what is asked for where nothing is said
        words = ("--relationship", relationship, "--json", "-o", tmp_path / "o.jpg")
        status, line, _ = nopeek("viper", image, "block", *words)
        assert status == 0
        counts.append(json.loads(line)["private"])
    assert counts[0] > counts[1] == 0
    labels = {c.category for c in (*VIPER_SEMI_PRIVATE, *VIPER_MOST_PRIVATE) if c.live}
    assert {"object.laptop", "object.keyboard", "object.tv"} <= labels


def test_an_unknown_modifier_is_bad_input(
    nopeek: Nopeek, photo: Path, tmp_path: Path
) -> None:
    status, _, err = nopeek("viper", photo, "glitter", "-o", tmp_path / "o.jpg")
    assert status == 2
    assert "blur" in err


# --- weights ------------------------------------------------------------------------------------


def test_weights_list_and_check(
    nopeek: Nopeek, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = weights.lock()
    status, out, _ = nopeek("weights", "list", "--json")
    rows = {row["name"]: row for row in map(json.loads, out.splitlines())}
    assert set(rows) == set(lock)
    for row in rows.values():
        conforms(row, "a line of weights --json")
    status, out, _ = nopeek("weights", "check", "nudenet")
    assert status == (0 if weights.state("nudenet") is weights.State.OK else 1)
    assert lock["nudenet"].sha256[:12] in out
    assert lock["nudenet"].origin in out  # not wrapped

    monkeypatch.setenv("NOPEEK_WEIGHTS", str(tmp_path))
    (tmp_path / lock["nudenet"].file).write_bytes(b"another model")
    status, out, _ = nopeek("weights", "check", "--json")
    assert status == 1
    states = {row["name"]: row["state"] for row in map(json.loads, out.splitlines())}
    assert states["nudenet"] not in ("ok", "missing")
    assert states["centerface"] == "missing"
    assert not any(lock[name].optional for name in states)
    assert nopeek("weights", "check", "nosuch")[0] == 2
    status, _, err = nopeek("weights", "fetch", "--from", tmp_path / "gone")
    assert status == 2
    assert err == f"nopeek: {tmp_path / 'gone'}: no such folder\n"


# --- for newcomers ----------------------------------------------------------------------------


COMMANDS = ("scan", "render", "verify", "viper", "seal", "unseal", "weights")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_argument(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert len(told) > 200
    parser = _parser()
    (commands,) = (a for a in parser._actions if isinstance(a.choices, dict))
    for action in commands.choices[command]._actions:
        assert action.help, f"{command} {action.dest}"


@pytest.mark.parametrize("command", [c for c in COMMANDS if c != "weights"])
@pytest.mark.parametrize("what", ["gone", "broken", "folder", "other"])
def test_bad_input_is_one_line_that_names_the_file(
    nopeek: Nopeek,
    command: str,
    what: str,
    photo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not there, cut short, an empty folder, no picture at all."""
    monkeypatch.setenv("NOPEEK_PASSPHRASE", "a long enough passphrase")
    bad = tmp_path / f"{what}.jpg"
    match what:
        case "broken":
            bad.write_bytes(photo.read_bytes()[:900])
        case "folder":
            bad.mkdir()
        case "other":
            bad.write_text("no picture")
    out = tmp_path / ("o.png" if "seal" in command else "o.jpg")
    words: dict[str, tuple[str | Path, ...]] = {
        "scan": (bad,),
        "render": (bad, "--tier", "full", "-o", out),
        "verify": (photo, bad),
        "viper": (bad, "blur", "-o", out),
        "seal": (bad, "-o", out),
        "unseal": (bad, "-o", out),
    }
    status, told, err = nopeek(command, *words[command])
    assert (status, told) == (2, "")
    assert len(err.splitlines()) == 1
    assert "Errno" not in err
    assert err.startswith("nopeek: ")
    if command != "unseal" or what in ("gone", "folder"):
        assert str(bad) in err
    assert not out.exists()


# --- as a program ---------------------------------------------------------------------------------


def test_the_program_ends_with_the_documented_status(
    photo: Path, findings: Path, tmp_path: Path
) -> None:
    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "privacy.core", *map(str, words)],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "40", "NOPEEK_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    out = tmp_path / "o.webp"
    words = ("--tier", "full", "--findings", findings, "--json", "-o", out)
    done = run("render", photo, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert out.exists()
    assert json.loads(done.stdout)["file"] == str(out)
    done = run("scan", tmp_path / "gone.png")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_another_masking_key_gives_another_grain(
    nopeek: Nopeek,
    photo: Path,
    findings: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = ("render", photo, "--tier", "full", "--findings", findings)
    sums = set()
    for secret in ("", "one", "two"):
        monkeypatch.setenv("NOPEEK_MASK_KEY", secret)
        out = nopeek(*words, "--json", "-o", tmp_path / "o.jpg")[1]
        sums.add(json.loads(out)["sha256"])
    assert len(sums) == 3


def test_an_output_that_cannot_be_written_is_bad_input(
    nopeek: Nopeek, photo: Path, findings: Path, tmp_path: Path
) -> None:
    """The folder to write to is not there."""
    out = tmp_path / "gone" / "o.jpg"
    words = ("render", photo, "--tier", "full", "--findings", findings)
    assert nopeek(*words, "-o", out)[0] == 2
