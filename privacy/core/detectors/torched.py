"""A shipped ONNX model as a torch computation, so that its gradient can be taken.

ONNX Runtime runs models forward alone. The graphs of the default detectors are of two
dozen plain kinds of nodes; each is carried out here by the torch operator that ONNX
defines it after, one by one, on the same checked bytes (``tests/core/test_noise.py``
holds both against each other). A node of another kind is refused by name.

torch is imported on first use: the light path goes without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from privacy.core import weights
from privacy.core.errors import ModelError, TorchMissing

Tensor: TypeAlias = Any
"""torch.Tensor, which mypy does not see."""

_FLOATS = (1, 10, 11)  # TensorProto.DataType: float, float16, double


def torch_library() -> Any:
    """torch, ready for small gradients on a processor.

    Raises:
        TorchMissing: it is not installed; says how.
    """
    try:
        import torch
    except ImportError as error:
        raise TorchMissing from error
    return torch


class Torched:
    """An ONNX graph whose nodes torch carries out.

    Args:
        source: a name in the weights lock, checked against its hash, or a file.
        bare: outputs of ``Sigmoid`` nodes that are left out, so that what went in goes
            on: a gradient through a saturated sigmoid is nothing.

    Raises:
        ModelMissing, ModelMismatch, ModelError: as for ``onnx.Session``.
    """

    def __init__(self, source: str | Path, *, bare: Sequence[str] = ()) -> None:
        import onnx
        from onnx import helper, numpy_helper

        torch = torch_library()
        if isinstance(source, str):
            self.name, data = source, weights.read(source)
        else:
            self.name, data = source.stem, source.read_bytes()
        try:
            graph = onnx.load_from_string(data).graph
        except Exception as error:
            raise ModelError(f"{self.name} is not an ONNX model: {error}") from error
        self._torch = torch
        self._held: dict[str, Tensor] = {
            tensor.name: self._tensor(numpy_helper.to_array(tensor))
            for tensor in graph.initializer
        }
        given = [value.name for value in graph.input if value.name not in self._held]
        self.input, self.outputs = given[0], [value.name for value in graph.output]
        self._nodes = [
            (
                "Identity" if node.output[0] in bare else node.op_type,
                tuple(node.input),
                tuple(node.output),
                {
                    a.name: self._plain(helper.get_attribute_value(a))
                    for a in node.attribute
                },
            )
            for node in graph.node
        ]
        unknown = sorted({kind for kind, *_ in self._nodes} - set(_KINDS))
        if unknown:
            raise ModelError(f"{self.name}: no torch for {', '.join(unknown)} nodes")

    def __call__(self, given: Tensor) -> list[Tensor]:
        """Every output, in the model's order."""
        values = {**self._held, self.input: given}
        for kind, inputs, outputs, attributes in self._nodes:
            arguments = [values[name] if name else None for name in inputs]
            made = _KINDS[kind](self._torch, arguments, attributes)
            values.update(
                zip(outputs, made if isinstance(made, tuple) else (made,), strict=False)
            )
        return [values[name] for name in self.outputs]

    def _plain(self, value: Any) -> Any:
        from onnx import TensorProto, numpy_helper

        if isinstance(value, TensorProto):
            return self._tensor(numpy_helper.to_array(value))
        return value.decode() if isinstance(value, bytes) else value

    def _tensor(self, array: Any) -> Tensor:
        wide = array.astype(np.float32) if array.dtype.kind == "f" else array
        return self._torch.from_numpy(np.array(wide))


# --- the kinds of nodes, as ONNX defines them -------------------------------------------

Node: TypeAlias = Callable[[Any, list[Any], dict[str, Any]], Any]


def _padded(torch: Any, x: Tensor, attributes: dict[str, Any], fill: float) -> Tensor:
    pads = list(attributes.get("pads", (0, 0, 0, 0)))
    if attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        pads = _same(x, attributes)
    top, left, bottom, right = pads
    if not any(pads):
        return x
    return torch.nn.functional.pad(x, (left, right, top, bottom), value=fill)


def _same(x: Tensor, attributes: dict[str, Any]) -> list[int]:
    low, high = [], []
    kernel = attributes["kernel_shape"]
    steps = attributes.get("strides", (1, 1))
    widths = attributes.get("dilations", (1, 1))
    for length, k, step, wide in zip(x.shape[2:], kernel, steps, widths, strict=True):
        need = max((-(-length // step) - 1) * step + (k - 1) * wide + 1 - length, 0)
        less = need // 2
        upper = attributes["auto_pad"] == "SAME_UPPER"
        low.append(less if upper else need - less)
        high.append(need - less if upper else less)
    return [*low, *high]


def _conv(torch: Any, v: list[Any], a: dict[str, Any]) -> Tensor:
    shape = {**a, "kernel_shape": a.get("kernel_shape", tuple(v[1].shape[2:]))}
    x = _padded(torch, v[0], shape, 0.0)
    return torch.nn.functional.conv2d(
        x, v[1], v[2] if len(v) > 2 else None, tuple(a.get("strides", (1, 1))), 0,
        tuple(a.get("dilations", (1, 1))), a.get("group", 1),
    )  # fmt: skip


def _conv_back(torch: Any, v: list[Any], a: dict[str, Any]) -> Tensor:
    pads = a.get("pads", (0, 0, 0, 0))
    return torch.nn.functional.conv_transpose2d(
        v[0], v[1], v[2] if len(v) > 2 else None, tuple(a.get("strides", (1, 1))),
        tuple(pads[:2]), tuple(a.get("output_padding", (0, 0))), a.get("group", 1),
        tuple(a.get("dilations", (1, 1))),
    )  # fmt: skip


def _pool(torch: Any, v: list[Any], a: dict[str, Any]) -> Tensor:
    x = _padded(torch, v[0], a, float("-inf"))
    kernel = tuple(a["kernel_shape"])
    return torch.nn.functional.max_pool2d(x, kernel, tuple(a.get("strides", (1, 1))))


def _norm(torch: Any, v: list[Any], a: dict[str, Any]) -> Tensor:
    x, scale, shift, mean, var = v
    return torch.nn.functional.batch_norm(
        x, mean, var, scale, shift, False, 0.0, a.get("epsilon", 1e-5)
    )


def _clip(torch: Any, v: list[Any], a: dict[str, Any]) -> Tensor:
    low = v[1] if len(v) > 1 else a.get("min")
    high = v[2] if len(v) > 2 else a.get("max")
    return torch.clamp(v[0], low, high)


def _resize(torch: Any, v: list[Any], a: dict[str, Any]) -> Tensor:
    sizes = v[3] if len(v) > 3 and v[3] is not None else None
    scales = v[2] if len(v) > 2 else v[1]
    if sizes is not None:
        target = tuple(int(n) for n in sizes[2:])
    else:
        pairs = zip(v[0].shape[2:], scales[2:], strict=True)
        target = tuple(int(n * float(scale)) for n, scale in pairs)
    how = a.get("mode", "nearest")
    if how == "nearest":
        return torch.nn.functional.interpolate(v[0], target, mode="nearest")
    where = a.get("coordinate_transformation_mode", "half_pixel")
    if where != "asymmetric":
        return torch.nn.functional.interpolate(
            v[0], target, mode="bilinear", align_corners=where == "align_corners"
        )
    out = v[0]
    for axis, length in zip((2, 3), target, strict=True):
        out = _stretched(torch, out, axis, length)
    return out


def _stretched(torch: Any, x: Tensor, axis: int, length: int) -> Tensor:
    """Linear, with the first pixels of both sizes on each other (``asymmetric``)."""
    at = torch.arange(length) * (x.shape[axis] / length)
    low = at.floor().long()
    share = (at - low).reshape([-1 if i == axis else 1 for i in range(4)])
    high = (low + 1).clamp(max=x.shape[axis] - 1)
    return x.index_select(axis, low) * (1 - share) + x.index_select(axis, high) * share


def _mean(torch: Any, v: list[Any], a: dict[str, Any]) -> Tensor:
    axes = v[1].tolist() if len(v) > 1 and v[1] is not None else a["axes"]
    return torch.mean(v[0], dim=tuple(axes), keepdim=bool(a.get("keepdims", 1)))


def _cast(torch: Any, v: list[Any], a: dict[str, Any]) -> Tensor:
    # Halves were widened on reading: the values are the same.
    kinds = {6: torch.int32, 7: torch.int64, 9: torch.bool}
    return v[0].float() if a["to"] in _FLOATS else v[0].to(kinds[a["to"]])


_KINDS: dict[str, Node] = {
    "Add": lambda _t, v, _a: v[0] + v[1],
    "BatchNormalization": _norm,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": lambda torch, v, a: torch.cat(v, dim=a["axis"]),
    "Constant": lambda _t, _v, a: a["value"],
    "Conv": _conv,
    "ConvTranspose": _conv_back,
    "Identity": lambda _t, v, _a: v[0],
    "MaxPool": _pool,
    "Mul": lambda _t, v, _a: v[0] * v[1],
    "ReduceMean": _mean,
    "Relu": lambda torch, v, _a: torch.relu(v[0]),
    "Resize": _resize,
    "Sigmoid": lambda torch, v, _a: torch.sigmoid(v[0]),
    "Sub": lambda _t, v, _a: v[0] - v[1],
    "Transpose": lambda _t, v, a: v[0].permute(*a["perm"]),
}
