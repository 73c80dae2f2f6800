"""Documents are told by their words and masked by their sheet."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from privacy.core import weights
from privacy.core.detectors import corridor, document_words, paper
from privacy.core.detectors.base import Detector
from privacy.core.detectors.documents import ASPECTS, CARD, DocumentDetector
from privacy.core.detectors.ocr import FINDER, READER
from privacy.core.image import Picture, Pixels
from privacy.core.types import Finding
from tests.core.drawn import ground, labelled, paste, turned, write

BANK_CARD = [
    "BANK OF NOWHERE",
    "",
    "4381 0167 3012 1990",
    "VALID THRU 08/29",
    "MIRA PROBAND",
]
ID_CARD = [
    "REPUBLIC OF UTOPIA", "IDENTITY CARD", "Name Elif Muster", "Born 20.05.1983",
    "ID No UT8065136",
]  # fmt: skip
LICENCE = ["FÜHRERSCHEIN", "Muster", "Mira", "12.08.1964 Berlin", "Geburtsdatum 12.08.1964",
           "Ausstellende Behörde Bundesrepublik"]  # fmt: skip
PASSPORT = [
    "PASSPORT", "Surname ERIKSSON", "Given names ANNA MARIA", "Date of birth 12 AUG 1974",
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
]  # fmt: skip
LETTER = [
    "Dear Mrs Muster,", "please find enclosed the invoice for March.",
    "Our reference: 2026-114", "IBAN: DE89 3704 0044 0532 0130 00",
    "Musterstrasse 12, 10115 Berlin", "Kind regards",
]  # fmt: skip
RECEIPT = [
    "CORNER SHOP", "Milk 1.20", "Bread 2.40", "Apples 3.10", "Subtotal 6.70", "VAT 19% 1.07",
    "TOTAL 6.70", "Cash 10.00", "Change 3.30", "Thank you",
]  # fmt: skip
SIGN = ["FISH AND CHIPS", "OPEN 9 TO 5"]


@pytest.fixture(scope="module")
def _weights() -> None:
    for name in (FINDER, READER):
        if weights.state(name) is not weights.State.OK:
            pytest.skip(f"weights {name} are not fetched")


def _judged(texts: list[str], *kinds: str) -> str:
    verdict = document_words.judge(texts, kinds)
    return verdict.kind if verdict else ""


@pytest.mark.parametrize(
    ("texts", "kinds", "kind"),
    [
        (BANK_CARD, ("card",), "bank_card"),
        (["VISA debit", "4381 0167", "GOOD THRU 04/28", "cardholder"], (), "bank_card"),
        (ID_CARD, ("date_of_birth", "id_number"), "id_card"),
        (LICENCE, ("date_of_birth",), "id_card"),
        (["CARTE NATIONALE D'IDENTITÉ", "Nom: MARTIN", "Sexe: F"], (), "id_card"),
        (["DRIVING LICENCE", "Date of birth 01.02.1980", "Expires 2030"], (), "id_card"),
        (["I<UTOD231458907<<<<<<<<<<<<<<<", "MUSTER<<MIRA"], ("passport_mrz",), "id_card"),
        (PASSPORT, ("passport_mrz", "date_of_birth"), "passport"),
        (["REISEPASS", "Name", "Geburtstag", "Staatsangehörigkeit"], (), "passport"),
        (LETTER, ("iban", "address"), "letter"),
        (["Rechnung", "Sehr geehrte Frau Muster", "Kundennummer 12", "Betrag"], (), "letter"),
        (RECEIPT, (), "receipt"),
        (SIGN, (), ""),
        (["Passport", "control"], (), ""),
        (["VISA"], (), ""),
        (["TOTAL", "1.99"], (), ""),
        ([], (), ""),
    ],
)  # fmt: skip
def test_words_tell_the_kind(
    texts: list[str], kinds: tuple[str, ...], kind: str
) -> None:
    assert _judged(texts, *kinds) == kind


def test_it_is_a_detector() -> None:
    assert isinstance(DocumentDetector(), Detector)


def _detect(
    texts: list[str], degrees: float = 0, size: int = 30
) -> tuple[Finding, float, float]:
    """The only finding of a sheet with these lines; IoU with it; share covered."""
    plain = np.full((1400, 1400, 3), 255, np.uint8)
    drawn, _, sheet = write(plain, [t or " " for t in texts], (100, 100), size=size)
    x0, y0, x1, y1 = (round(v) for v in sheet.pixels(1400, 1400))
    scene = paste(ground(1300, 1000), drawn[y0:y1, x0:x1], (650, 500), degrees)
    there = paste(
        np.zeros((1000, 1300, 3), np.uint8), np.full((y1 - y0, x1 - x0, 3), 255, np.uint8),
        (650, 500), degrees,
    )[..., 0] > 127  # fmt: skip
    found = DocumentDetector().detect(Picture(scene))
    assert len(found) == 1
    mask = np.zeros((1000, 1300), np.uint8)
    outline = np.array([(x * 1300, y * 1000) for x, y in found[0].outline])
    cv2.fillPoly(mask, [outline.round().astype(np.int32)], 1)
    both = (mask & there).sum()
    return found[0], float(both / (mask | there).sum()), float(both / there.sum())


@pytest.mark.usefixtures("_weights")
@pytest.mark.parametrize(
    "degrees",
    [
        pytest.param(0, marks=pytest.mark.long),
        pytest.param(8, marks=pytest.mark.long),
        -20,
    ],
)
@pytest.mark.parametrize(
    ("texts", "category"),
    [
        (BANK_CARD, "document.bank_card"),
        (ID_CARD, "document.id_card"),
        (PASSPORT, "document.passport"),
        (LETTER, "document.letter"),
        (RECEIPT, "document.receipt"),
    ],
)
def test_the_whole_sheet_is_found(
    texts: list[str], category: str, degrees: float
) -> None:
    size = 24 if texts is PASSPORT else 30
    finding, iou, covered = _detect(texts, degrees, size)
    assert finding.category == category
    assert iou > 0.8
    assert covered > 0.97
    told = json.dumps(finding.as_json())
    assert not [s for s in ("4381", "UT8065136", "ERIKSSON", "3704") if s in told]


@pytest.mark.usefixtures("_weights")
@pytest.mark.parametrize("quarters", [1, pytest.param(2, marks=pytest.mark.long), 3])
def test_a_card_on_its_side_or_head(quarters: int) -> None:
    pixels, _, _ = write(ground(900, 700), BANK_CARD, (150, 150), 36)
    found = DocumentDetector().detect(turned(pixels, quarters))
    assert [f.category for f in found] == ["document.bank_card"]


@pytest.mark.usefixtures("_weights")
def test_a_screen_with_text_is_found_by_its_dark_rim() -> None:
    pixels = ground(1000, 800)
    cv2.rectangle(pixels, (180, 130), (820, 600), (15, 15, 15), -1)
    cv2.rectangle(pixels, (210, 160), (790, 570), (235, 238, 242), -1)
    pixels, _, _ = write(
        pixels, ["File  Edit  View", "Quarterly figures", "Draft, do not share"],
        (260, 210), 34, paper=None,
    )  # fmt: skip
    found = DocumentDetector().detect(Picture(pixels))
    assert [f.category for f in found] == ["document.screen"]
    assert found[0].box.covers(labelled((212, 162, 788, 568), Picture(pixels))) > 0.97


@pytest.mark.usefixtures("_weights")
def test_a_poster_without_a_dark_rim_is_no_screen() -> None:
    pixels, _, _ = write(ground(1000, 800), SIGN, (260, 210), 60, paper=(235, 238, 242))
    assert DocumentDetector().detect(Picture(pixels)) == []


@pytest.mark.usefixtures("_weights")
def test_signs_and_empty_pictures_are_no_documents() -> None:
    pixels, _, _ = write(ground(900, 700), SIGN, (200, 200), 50)
    assert DocumentDetector().detect(Picture(pixels)) == []
    assert DocumentDetector().detect(Picture(ground(640, 480))) == []
    assert DocumentDetector().detect(Picture(np.zeros((1, 1, 3), np.uint8))) == []


def test_without_a_sheet_the_text_is_widened_to_the_shape_of_a_card() -> None:
    quad = np.array([[100, 100], [300, 100], [300, 130], [100, 130]], np.float32)
    shape = paper.around([quad, quad + np.float32(60)], aspect=1.586)
    (_, (wide, tall), _) = cv2.minAreaRect(shape)
    assert max(wide, tall) / min(wide, tall) == pytest.approx(1.586, abs=0.01)
    assert all(
        cv2.pointPolygonTest(shape, (float(x), float(y)), False) >= 0 for x, y in quad
    )


@pytest.mark.shared
@pytest.mark.usefixtures("_weights")
def test_labelled_documents_are_found(shared: Path) -> None:
    """All of the sampled cards and letters, at IoU .5, with the right kind."""
    labels = json.loads((shared / "devset" / "labels.json").read_text("utf-8"))
    kinds = {"id card": "id_card", "credit card": "bank_card", "letter": "letter"}
    names = sorted(n for n in labels if n.startswith("doc_syn_"))[1::4]
    assert names
    for name in names:
        pixels = cv2.cvtColor(
            cv2.imread(str(shared / "devset" / "images" / name)), cv2.COLOR_BGR2RGB
        )
        picture = Picture(pixels)
        entry = next(e for e in labels[name] if e["label"] == "document")
        box = labelled(entry["box"], picture)
        found = DocumentDetector().detect(picture)
        best = max(found, key=lambda f: f.box.iou(box))
        assert best.category == f"document.{kinds[entry['kind']]}", name
        assert best.box.iou(box) >= 0.5, name
        assert best.box.covers(box) >= 0.95, name


@pytest.mark.shared
@pytest.mark.usefixtures("_weights")
def test_photos_of_people_and_things_hold_no_documents(shared: Path) -> None:
    folder = shared / "devset" / "images"
    for path in (
        sorted(folder.glob("coco_*.jpg"))[::12]
        + sorted(folder.glob("face_*.jpg"))[::12]
    ):
        pixels = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        assert DocumentDetector().detect(Picture(pixels)) == [], path.name


def _sheet(texts: list[str], paper: tuple[int, int, int]) -> Pixels:
    plain = np.full((900, 900, 3), 255, np.uint8)
    lines = [t or " " for t in texts]
    drawn, _, sheet = write(plain, lines, (60, 60), 24, paper=paper)
    x0, y0, x1, y1 = (round(v) for v in sheet.pixels(900, 900))
    return drawn[y0:y1, x0:x1]


def _card(sheet: Pixels, kind: str) -> Pixels:
    """Widened with its own paper to a card's sides, where it is to be a card."""
    height, width = sheet.shape[:2]
    if kind not in ASPECTS:
        return sheet
    wide, tall = max(width, round(height * CARD)), max(height, round(width / CARD))
    out = np.full((tall, wide, 3), sheet[2, 2], np.uint8)
    out[:height, :width] = sheet
    return out


def _taller(sheet: Pixels, height: int) -> Pixels:
    out = np.full((height, sheet.shape[1], 3), sheet[2, 2], np.uint8)
    out[: sheet.shape[0]] = sheet
    return out


@pytest.mark.usefixtures("_weights")
def test_the_columns_of_one_sheet_are_no_two_documents() -> None:
    """A card whose fields stand in two columns: half of it has no card's shape."""
    left, right = _sheet(ID_CARD, (240, 240, 235)), _sheet(ID_CARD, (240, 240, 235))
    wide = left.shape[1] * 2
    tall = max(left.shape[0], round(wide / CARD))
    card = np.hstack([_taller(left, tall), _taller(right, tall)])
    scene = ground(1600, 1200)
    scene[100 : 100 + tall, 100 : 100 + wide] = card
    found = DocumentDetector().detect(Picture(scene))
    assert [f.category for f in found] == ["document.id_card"]


def test_corridors_are_free_and_have_lines_on_either_side() -> None:
    def line(x: float, y: float, wide: float = 100) -> npt.NDArray[np.float32]:
        corners = [[x, y], [x + wide, y], [x + wide, y + 20], [x, y + 20]]
        return np.array(corners, np.float32)

    columns = [line(0, 0), line(0, 30), line(160, 0), line(160, 30)]
    (way,) = corridor.corridors(columns)
    assert (way.before, way.after) == ((0, 1), (2, 3))
    assert (way.start, way.end) == (100, 160)
    square = np.array([[0, 0], [260, 0], [260, 50], [0, 50]], np.float32)
    one, two = way.halves(square, shared=False) or (square, square)
    assert cv2.contourArea(one) == cv2.contourArea(two) == 130 * 50
    one, two = way.halves(square, shared=True) or (square, square)
    assert cv2.contourArea(one) == cv2.contourArea(two) == 160 * 50
    assert not list(corridor.corridors([*columns, line(50, 60, 150)]))
    assert not list(corridor.corridors(columns[:3]))
    (way,) = corridor.corridors([np.ascontiguousarray(q[:, ::-1]) for q in columns])
    assert {frozenset(way.before), frozenset(way.after)} == {
        frozenset({0, 1}),
        frozenset({2, 3}),
    }


@pytest.mark.usefixtures("_weights")
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((BANK_CARD, "bank_card"), (ID_CARD, "id_card")),
        pytest.param((LETTER, "letter"), (RECEIPT, "receipt"), marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize(
    "paint", [(205, 225, 240), (240, 240, 235)], ids=["two colours", "one colour"]
)
def test_two_sheets_that_touch_are_two_documents(
    left: tuple[list[str], str],
    right: tuple[list[str], str],
    paint: tuple[int, int, int],
) -> None:
    one, two = _sheet(left[0], (240, 240, 235)), _sheet(right[0], paint)
    if paint == (240, 240, 235):  # cut to the sides of cards
        one, two = _card(one, left[1]), _card(two, right[1])
        tall = max(one.shape[0], two.shape[0])
        one, two = _taller(one, tall), _taller(two, tall)
    scene = ground(1500, 900)
    x = 100 + one.shape[1]
    scene[100 : 100 + one.shape[0], 100:x] = one
    scene[100 : 100 + two.shape[0], x : x + two.shape[1]] = two
    picture = Picture(scene)
    found = {f.category: f.box for f in DocumentDetector().detect(picture)}
    assert set(found) == {f"document.{left[1]}", f"document.{right[1]}"}
    places = [
        labelled((100, 100, x, 100 + one.shape[0]), picture),
        labelled((x, 100, x + two.shape[1], 100 + two.shape[0]), picture),
    ]
    for (_, kind), place in zip((left, right), places, strict=True):
        assert found[f"document.{kind}"].covers(place) > 0.95
        # Of one colour, nobody knows where in the corridor the edge is: both have it.
        least = 0.6 if paint == (240, 240, 235) else 0.8
        assert found[f"document.{kind}"].iou(place) > least
