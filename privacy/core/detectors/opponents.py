"""The models that noise is made against: the default detectors, or a configured .pt.

Each tells how much it sees in a part of a picture, and which way each value of it adds
to that (``redact.noise.Opponent``). They run in torch, on the processor, in float32;
the same input gives the same gradient.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from privacy.core.detectors import faces, objects, registry
from privacy.core.detectors.torched import Tensor, Torched, torch_library
from privacy.core.errors import ModelError

Floats: TypeAlias = npt.NDArray[np.float32]

AROUND = 0.4
"""Rim, in longer sides of the part, so that what lies at its edge is seen whole."""
MOST = 384
"""Longer side in pixels of what is looked at."""
SEEN_FROM = 0.02
"""Confidence below which a model sees nothing."""

_FLOOR = math.log(SEEN_FROM / (1 - SEEN_FROM))


class View(Protocol):
    """What is needed of ``redact.noise.View``, which this package does not know."""

    @property
    def side(self) -> float: ...

    @property
    def shown(self) -> float: ...


class TorchOpponent:
    """One detector.

    Args:
        name: of its weights.
        look: (1, 3, h, w) RGB in 0..255 to the logits of whatever it looks for.
        sizes: longer sides in pixels at which the detector looks at a whole picture
            whose own longer side is given.
        multiple: of which the input's sides are.
    """

    def __init__(
        self,
        name: str,
        look: Callable[[Tensor], Tensor],
        sizes: Callable[[float], Sequence[float]],
        multiple: int = 32,
    ) -> None:
        self.name = name
        self._look, self._sizes, self._multiple = look, sizes, multiple
        self._torch = torch_library()

    def gradient(self, part: Floats, view: View, turn: int) -> tuple[float, Floats]:
        """See ``redact.noise.Opponent``."""
        torch = self._torch
        with torch.enable_grad():
            given = torch.from_numpy(np.ascontiguousarray(part.transpose(2, 0, 1)))
            given = given[None].requires_grad_(True)
            sizes = self._sizes(view.shown)
            wanted = sizes[turn // 2 % len(sizes)] / view.side
            seen = self._seen(self._prepared(given, wanted, turn))
            (slope,) = torch.autograd.grad(seen, given)
        gradient: Floats = slope[0].numpy().transpose(1, 2, 0)
        if not np.isfinite(gradient).all():
            raise ModelError(f"{self.name}: its gradient holds NaN or infinity")
        return float(seen.detach()), gradient

    def _seen(self, given: Tensor) -> Tensor:
        return self._torch.relu(self._look(given) - _FLOOR).sum()

    def _prepared(self, given: Tensor, scale: float, turn: int) -> Tensor:
        """At the size at which it is seen, with a rim that goes on as the edge does.

        Turn by turn it is mirrored, and lies elsewhere on the model's grid of cells.
        """
        functional = self._torch.nn.functional
        given = given.flip(3) if turn % 2 else given
        scale = min(scale, MOST / ((1 + 2 * AROUND) * max(given.shape[2:])))
        given = functional.interpolate(
            given,
            [max(1, round(n * scale)) for n in given.shape[2:]],
            mode="bilinear",
            align_corners=False,
            antialias=scale < 1,
        )
        rim = max(8, round(AROUND * max(given.shape[2:])))
        pads: list[int] = []
        for length, shift in zip(given.shape[:1:-1], (3 * turn, 5 * turn), strict=True):
            before = rim + shift % 8
            pads += [before, -(length + before + rim) % self._multiple + rim]
        return functional.pad(given, pads, mode="replicate")


_made: dict[str, TorchOpponent] = {}
_making = threading.Lock()


def opponents_for(root: str) -> tuple[TorchOpponent, ...]:
    """Whom noise over a ``face``, a ``person`` or an ``object`` is made against.

    The configured detector where it is a .pt, else the default one; nobody for other
    roots, which rules do not let noise mask.

    Raises:
        ModelError: torch or the model is missing.
    """
    name = {"face": "faces", "person": "objects", "object": "objects"}.get(root)
    if name is None:
        return ()
    choice = registry.configured().get(name)
    asked = choice is not None and choice.path.suffix == ".pt"
    with _making:
        known = f"{name} {choice!r}" if asked else name
        if known not in _made:
            _made[known] = _configured(name) if asked else _MAKE[name]()
        return (_made[known],)


def _face_sizes(shown: float) -> Sequence[float]:
    """As the detector looks: enlarged, and small for what would be too large."""
    fine = faces.ENLARGE * shown
    return (fine, fine, faces.COARSE_SIDE) if shown > faces.COARSE_SIDE else (fine,)


def _object_sizes(shown: float) -> Sequence[float]:
    """As the detector looks: twice at the whole, and at tiles of some 0.56 of it."""
    tiles = objects.TILE / 0.56
    return (512, 768, tiles) if shown >= objects.TILES_FROM else (512, 768)


def _faces() -> TorchOpponent:
    model = Torched("centerface", bare=("537",))
    return TorchOpponent("centerface", lambda x: model(x)[0], _face_sizes)


def _objects() -> TorchOpponent:
    model = Torched("centernet", bare=("tower_0/Sigmoid",))
    return TorchOpponent(
        "centernet", lambda x: model(x.permute(0, 2, 3, 1))[0], _object_sizes
    )


_MAKE = {"faces": _faces, "objects": _objects}


def _configured(name: str) -> TorchOpponent:
    detector: Any = registry.get(name)
    module, torch = detector.module(), torch_library()

    def look(given: Tensor) -> Tensor:
        found = module(given / 255)
        found = found[0] if isinstance(found, tuple | list) else found
        return torch.logit(found[:, 4:], eps=1e-6)  # (1, 4 + classes, n), 0..1

    return TorchOpponent(detector.model, look, lambda _shown: (640,))
