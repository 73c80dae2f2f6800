"""Whose face it is, in numbers: 128 of them, near each other for one person.

dlib's network (Davis E. King, "High Quality Face Recognition with Deep Metric
Learning", 2017), see docs/models/dlib-faces.md. A face is turned upright and cut out as
dlib does it, by its eyes, nose and mouth; one without landmarks by its box alone, which
tells people apart a little less well. The numbers are biometric data: whoever keeps
them needs that person's consent, encryption and a way to erase them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from io import BytesIO
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from privacy.core import weights
from privacy.core.detectors.onnx import Session
from privacy.core.image import Picture, Pixels
from privacy.core.types import Finding

MODEL = "dlib-faces"
CROWD = "face-crowd"
NUMBERS = 128
SIDE = 150
BATCH = 16

SAME_PERSON = 0.47
"""Similarity from which two faces are taken for one person: of pairs of strangers, one
in a thousand reaches it on good portraits, and one in a hundred in crowds."""

Embeddings: TypeAlias = npt.NDArray[np.float32]
"""(n, 128), each row of length 1: the product of two rows is their similarity."""

POINTS = SIDE * (
    (
        np.array(
            [
                [0.225492, 0.215990],  # the eye that is on the left in the picture
                [0.754761, 0.215990],
                [0.490127, 0.515625],  # tip of the nose
                [0.254149, 0.780233],  # corners of the mouth
                [0.726104, 0.780233],
            ]
        )
        + 0.25
    )
    / 1.5
)
"""Where the landmarks come to lie in the cut: dlib's mean face with a quarter of its
side around it (dlib/image_transforms/interpolation.h)."""

BOX = (0.505, 0.493, 0.923)
"""Centre and side of a detected face's box in its cut: the mean over the 40 portraits
of ../shared/data/identities."""


class Network:
    """The network in one process; ``load`` reads and checks its weights.

    Args:
        threads: threads of the network, see ``Session``.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads
        self._session: Session | None = None

    def load(self) -> None:
        """Read and check the weights.

        Raises:
            ModelMissing: the file is not there.
            ModelMismatch: its hash is not the pinned one.
        """
        if self._session is None:
            self._session = Session(MODEL, self._threads)

    def raw(self, cuts: Sequence[Pixels], *, mirrored: bool = True) -> Embeddings:
        """A row of length 1 for each cut.

        Args:
            mirrored: look at the mirror image too: surer, and twice the time.

        Raises:
            ModelError: the network failed.
        """
        self.load()
        assert self._session is not None  # noqa: S101 - load() has made it
        rows = [np.zeros((0, NUMBERS), np.float32)]
        for start in range(0, len(cuts), BATCH):
            batch = np.stack(cuts[start : start + BATCH])
            looks = (batch, batch[:, :, ::-1]) if mirrored else (batch,)
            found = self._session.run(np.concatenate(looks).astype(np.float32))[0]
            rows.append(_unit(found.reshape(len(looks), -1, NUMBERS).sum(axis=0)))
        return np.concatenate(rows)


class Embedder:
    """The network, measured from the middle of the crowd.

    All faces look alike to the network at first sight (strangers reach a similarity of
    0.84); taken from the mean of many, strangers stand at right angles.

    Attributes:
        crowd: (128, 128) people who do not exist, to hide a face among
            (tools/make_face_crowd.py).
    """

    def __init__(self, threads: int | None = None) -> None:
        self._network = Network(threads)
        self._network.load()
        drawn = np.load(BytesIO(weights.read(CROWD)), allow_pickle=False)
        crowd = drawn.astype(np.float32)
        self._middle = crowd.mean(0)
        self.crowd = self._centred(_unit(crowd))

    def embed(self, picture: Picture, faces: Sequence[Finding]) -> Embeddings:
        """One row for each of ``faces``, in their order (see ``embed``)."""
        return self.embed_cuts([cut(picture, face) for face in faces])

    def embed_cuts(
        self, cuts: Sequence[Pixels], *, mirrored: bool = True
    ) -> Embeddings:
        """One row for each face that ``cut`` gave; see ``Network.raw``.

        Raises:
            ModelError: the network failed.
        """
        return self._centred(self._network.raw(cuts, mirrored=mirrored))

    def _centred(self, rows: Embeddings) -> Embeddings:
        return _unit(rows - self._middle)


def _unit(rows: Embeddings) -> Embeddings:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    out: Embeddings = (rows / np.maximum(length, 1e-12)).astype(np.float32)
    return out


def cut(picture: Picture, face: Finding) -> Pixels:
    """(150, 150, 3) RGB: the face, upright, its landmarks where the network was taught.

    What lies beyond the picture's edge repeats the edge.
    """
    width, height = picture.width, picture.height
    if len(face.landmarks) == len(POINTS):
        marks = np.array(face.landmarks) * (width, height)
        turn = _similarity(marks, POINTS)
    else:
        x0, y0, x1, y1 = face.box.pixels(width, height)
        scale = SIDE * BOX[2] / max(1.0, float(np.sqrt((x1 - x0) * (y1 - y0))))
        turn = np.array(
            [
                [scale, 0, SIDE * BOX[0] - scale * (x0 + x1) / 2],
                [0, scale, SIDE * BOX[1] - scale * (y0 + y1) / 2],
            ]
        )
    return _warped(picture.pixels, turn)


def _similarity(
    points: npt.NDArray[np.float64], onto: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The turn, scale and shift (2, 3) that brings ``points`` nearest to ``onto``.

    Least squares in complex numbers: onto = a * points + b.
    """
    source = points[:, 0] + 1j * points[:, 1]
    target = onto[:, 0] + 1j * onto[:, 1]
    centre, middle = source.mean(), target.mean()
    spread = float((abs(source - centre) ** 2).sum()) or 1.0
    a = ((source - centre).conj() * (target - middle)).sum() / spread
    b = middle - a * centre
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def _warped(pixels: Pixels, turn: npt.NDArray[np.float64]) -> Pixels:
    """The cut, from no more of the picture than it needs.

    A large face is first shrunk by area: bilinear steps of several pixels would alias.
    """
    back = cv2.invertAffineTransform(turn)
    corners = np.array([[0, 0, 1], [SIDE, 0, 1], [0, SIDE, 1], [SIDE, SIDE, 1]])
    spots = corners @ back.T
    height, width = pixels.shape[:2]
    rim = 4.0
    left, top = np.clip(np.floor(spots.min(0) - rim), 0, [width - 1, height - 1])
    right, bottom = np.clip(
        np.ceil(spots.max(0) + rim), [left + 1, top + 1], [width, height]
    )
    part = pixels[int(top) : int(bottom), int(left) : int(right)]
    turn = turn.copy()
    turn[:, 2] += turn[:, :2] @ (left, top)
    scale = float(np.hypot(turn[0, 0], turn[1, 0]))
    if scale < 0.75:
        w = max(1, round(part.shape[1] * scale))
        h = max(1, round(part.shape[0] * scale))
        turn[:, 0] *= part.shape[1] / w
        turn[:, 1] *= part.shape[0] / h
        part = cv2.resize(part, (w, h), interpolation=cv2.INTER_AREA)
    out: Pixels = cv2.warpAffine(
        part,
        turn,
        (SIDE, SIDE),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return out


_loaded: dict[int, Embedder] = {}
_loading = threading.Lock()


def embedder() -> Embedder:
    """The one of this process, loaded on first use.

    Raises:
        ModelError: its weights are not there, or not the pinned ones.
    """
    with _loading:
        if os.getpid() not in _loaded:
            found = Embedder()
            _loaded.clear()  # what a parent loaded does not survive the fork
            _loaded[os.getpid()] = found
        return _loaded[os.getpid()]


def embed(picture: Picture, faces: Sequence[Finding]) -> Embeddings:
    """(n, 128) float32, a row of length 1 for each of ``faces``, in their order.

    Args:
        picture: the pixels, in displayed orientation.
        faces: where the faces are; the five landmarks turn each upright.

    Raises:
        ModelError: the weights are not there, or the network failed.
    """
    return embedder().embed(picture, faces)
