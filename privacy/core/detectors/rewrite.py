"""Changes to a model's graph, in memory, that leave what it computes as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from privacy.core.errors import ModelError

_FLOAT, _HALF = 1, 10  # TensorProto.DataType


def rewritten(
    content: bytes,
    name: str,
    *,
    dynamic: bool = False,
    widen: bool = False,
    reads: Sequence[str] = (),
    gives: Sequence[str] = (),
) -> bytes:
    """An ONNX model's bytes, changed as ``Session`` describes.

    Raises:
        ModelError: these are not the bytes of an ONNX model, or it has no such tensor.
    """
    import onnx

    try:
        model = onnx.load_from_string(content)
    except Exception as error:
        raise ModelError(f"{name} is not an ONNX model: {error}") from error
    graph = model.graph
    # Weights that double as inputs (before IR 4) would keep the optimiser from folding.
    stored = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in stored]
    del graph.input[:]
    graph.input.extend(inputs)
    model.ir_version = max(model.ir_version, 4)
    del graph.value_info[:]
    if widen:
        _widen(graph)
    if reads or gives:
        _cut(graph, name, reads, gives)
    if dynamic:
        for value in (*graph.input, *graph.output):
            for axis, dim in enumerate(value.type.tensor_type.shape.dim):
                if axis != 1:  # the channels stay what they are
                    dim.dim_param = f"{value.name}_{axis}"
    changed: bytes = model.SerializeToString()
    return changed


def _widen(graph: Any) -> None:
    """Turn float16 weights, constants, casts, inputs and outputs into float32."""
    from onnx import numpy_helper

    constants = [a.t for n in graph.node for a in n.attribute if a.HasField("t")]
    for tensor in (*graph.initializer, *constants):
        if tensor.data_type == _HALF:
            wide = numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(wide, tensor.name))
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.i == _HALF:
                attribute.i = _FLOAT
    for value in (*graph.input, *graph.output):
        if value.type.tensor_type.elem_type == _HALF:
            value.type.tensor_type.elem_type = _FLOAT


def _cut(graph: Any, name: str, reads: Sequence[str], gives: Sequence[str]) -> None:
    """Keep only what leads from ``reads`` (or the inputs) to ``gives``."""
    from onnx import helper

    declared = {value.name: value for value in (*graph.input, *graph.output)}
    made = {output: node for node in graph.node for output in node.output}
    if unknown := [t for t in (*reads, *gives) if t not in made]:
        raise ModelError(f"{name} has no tensor {unknown[0]}")

    def values(names: Sequence[str]) -> list[Any]:
        plain = helper.make_tensor_value_info
        return [declared.get(n) or plain(n, _FLOAT, None) for n in names]

    needed: set[str] = set()
    ahead = list(gives)
    while ahead:
        tensor = ahead.pop()
        if tensor in needed:
            continue
        needed.add(tensor)
        if tensor in made and tensor not in reads:
            ahead.extend(made[tensor].input)
    nodes = [
        node
        for node in graph.node
        if any(output in needed and output not in reads for output in node.output)
    ]
    kept = [value for value in graph.input if value.name in needed]
    starts, ends = kept + values(reads), values(gives)
    weights = [tensor for tensor in graph.initializer if tensor.name in needed]
    for field, content in (
        (graph.node, nodes),
        (graph.input, starts),
        (graph.output, ends),
        (graph.initializer, weights),
    ):
        copies = [type(item).FromString(item.SerializeToString()) for item in content]
        del field[:]
        field.extend(copies)
