"""Faces as numbers, by the real network on 40 portraits of 8 people."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from privacy.core import embed, weights
from privacy.core.detectors.faces import FaceDetector
from privacy.core.image import Picture
from privacy.core.types import Box, Finding

IDENTITIES = Path(__file__).parents[2].parent / "shared" / "data" / "identities"

pytestmark = pytest.mark.skipif(
    weights.state("centerface") is not weights.State.OK,
    reason="centerface is not fetched: python -m privacy.core weights fetch",
)
needs_data = pytest.mark.skipif(
    not IDENTITIES.is_dir(), reason="needs the portraits in ../shared/data"
)


def portraits() -> list[tuple[str, Picture, Finding]]:
    """Name, picture and its largest face."""
    detector = FaceDetector()
    found = []
    for path in sorted(IDENTITIES.glob("*.png")):
        with Image.open(path) as image:
            picture = Picture(np.asarray(image.convert("RGB")))
        face = max(detector.detect(picture), key=lambda f: f.box.area)
        found.append((path.stem[:-2], picture, face))
    return found


@pytest.fixture(scope="module")
def people() -> list[tuple[str, Picture, Finding]]:
    return portraits()


def pairs(names: list[str], rows: embed.Embeddings):
    """Similarities of pairs of one person, and of pairs of strangers."""
    similar = rows @ rows.T
    upper = np.triu(np.ones_like(similar, dtype=bool), 1)
    same = np.equal.outer(np.array(names), np.array(names))
    return similar[upper & same], similar[upper & ~same]


def rank_one(names: list[str], rows: embed.Embeddings) -> float:
    similar = rows @ rows.T
    np.fill_diagonal(similar, -2)
    nearest = similar.argmax(axis=1)
    return float(np.mean([names[i] == n for i, n in zip(nearest, names, strict=True)]))


def accepted(mine: np.ndarray, others: np.ndarray, false: float) -> float:
    """Share of true pairs above what a ``false`` share of strangers reaches."""
    limit = np.sort(others)[::-1][int(false * len(others))]
    return float((mine > limit).mean())


@needs_data
@pytest.mark.shared
@pytest.mark.parametrize(
    ("by", "floors"), [("landmarks", (1.0, 0.98, 0.95)), ("box", (0.97, 0.96, 0.90))]
)
def test_people_are_told_apart(people, by, floors) -> None:
    """dlib's own tool reaches 1.00, .99 and .98 (docs/models/dlib-faces.md)."""
    names = [name for name, _, _ in people]
    rows = np.concatenate(
        [
            embed.embed(p, [f if by == "landmarks" else replace(f, landmarks=())])
            for _, p, f in people
        ]
    )
    assert rows.shape == (40, 128)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    mine, others = pairs(names, rows)
    assert (len(mine), len(others)) == (80, 700)
    reached = (
        rank_one(names, rows),
        accepted(mine, others, 0.01),
        accepted(mine, others, 0.001),
    )
    assert all(r >= f for r, f in zip(reached, floors, strict=True)), reached


@needs_data
@pytest.mark.shared
def test_the_threshold_keeps_strangers_apart(people) -> None:
    names = [name for name, _, _ in people]
    rows = np.concatenate([embed.embed(p, [f]) for _, p, f in people])
    mine, others = pairs(names, rows)
    assert (mine >= embed.SAME_PERSON).mean() >= 0.96
    assert (others >= embed.SAME_PERSON).mean() <= 0.002


@needs_data
@pytest.mark.shared
def test_size_and_turn_of_the_photo_matter_little(people) -> None:
    """The same face at four times the size and on its side is the same person."""
    for _, picture, face in people[::8]:
        large = Picture(
            cv2.resize(picture.pixels, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
        )
        turned = Picture(np.rot90(picture.pixels).copy())
        marks = tuple((y, 1 - x) for x, y in face.landmarks)
        b = face.box
        lying = Finding(
            "face", Box(b.y0, 1 - b.x1, b.y1, 1 - b.x0), 1, "x", landmarks=marks
        )
        rows = np.concatenate(
            [
                embed.embed(picture, [face]),
                embed.embed(large, [face]),
                embed.embed(turned, [lying]),
            ]
        )
        assert (rows @ rows.T).min() > 0.9


@needs_data
@pytest.mark.shared
def test_order_and_batches_do_not_matter(people) -> None:
    _, picture, face = people[0]
    moved = replace(face, landmarks=tuple((x * 0.9, y) for x, y in face.landmarks))
    many = embed.embed(picture, [face, moved] * 10)
    np.testing.assert_allclose(many[::2], np.tile(many[0], (10, 1)), atol=1e-4)
    np.testing.assert_allclose(many[1], embed.embed(picture, [moved])[0], atol=1e-4)


def test_no_face_gives_no_row() -> None:
    picture = Picture(np.zeros((20, 30, 3), np.uint8))
    assert embed.embed(picture, []).shape == (0, 128)


@pytest.mark.parametrize(
    "face",
    [
        Finding("face", Box(0, 0, 1, 1), 1, "x"),
        Finding("face", Box(0.99, 0.99, 1, 1), 1, "x"),
        Finding("face", Box(0, 0, 1e-9, 1e-9), 1, "x"),
        Finding("face", Box(0, 0, 1, 1), 1, "x", landmarks=((0.5, 0.5),) * 5),
        Finding(
            "face", Box(0, 0, 1, 1), 1, "x", landmarks=((2, 2), (3, 2)) + ((2, 3),) * 3
        ),
    ],
)
def test_odd_places_are_cut_all_the_same(face: Finding) -> None:
    picture = Picture(np.full((40, 1, 3), 90, np.uint8))
    assert embed.cut(picture, face).shape == (150, 150, 3)
    assert np.isfinite(embed.embed(picture, [face])).all()


def test_the_crowd_is_of_strangers() -> None:
    """Each of its 128 is as far from the others as people are."""
    crowd = embed.embedder().crowd
    assert crowd.shape == (128, 128)
    others = (crowd @ crowd.T)[np.triu_indices(128, 1)]
    assert abs(float(others.mean())) < 0.05
    assert 0.3 < float(np.quantile(others, 0.99)) < 0.6


def test_a_forked_process_loads_its_own() -> None:
    mine = embed.embedder()
    assert embed.embedder() is mine
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(queue,))
    child.start()
    assert queue.get(timeout=60) == (0, 128)
    child.join(timeout=60)


def _in_child(queue) -> None:
    picture = Picture(np.zeros((8, 8, 3), np.uint8))
    embed.embed(picture, [Finding("face", Box(0, 0, 1, 1), 1, "x")])
    queue.put(embed.embed(picture, []).shape)
