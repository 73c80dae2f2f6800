"""Models that paint, made here: none is published in a package, and none is mocked.

``small_lama`` writes a real ONNX file of LaMa's interface. It is a bad pupil on purpose:
it draws with whatever it is given, under the mask too, so that what leaks to it shows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from privacy.core import weights
from privacy.core.detectors.choices import Choice

SIDE = 512


def small_lama(path: Path, peak: float = 255.0, fault: str = "") -> Choice:
    """A file of that interface: under the mask, half way to the mean of all.

    Args:
        fault: ``nan`` or ``shape`` makes it give just that.
    """
    image, mask, out = "image", "mask", "output"
    nodes = [
        helper.make_node("ReduceMean", [image], ["around"], axes=[2, 3], keepdims=1),
        helper.make_node("Sub", ["around", image], ["further"]),
        helper.make_node("Mul", ["further", "half"], ["nearer"]),
        helper.make_node("Mul", ["nearer", mask], ["painted"]),
        helper.make_node("Add", [image, "painted"], ["whole"]),
        helper.make_node("Mul", ["whole", "peak"], ["scaled"]),
    ]  # fmt: skip
    if fault == "nan":
        nodes.append(helper.make_node("Div", ["scaled", "zero"], ["odd"]))
        nodes.append(helper.make_node("Mul", ["odd", "zero"], [out]))
    elif fault == "shape":
        nodes.append(helper.make_node("Flatten", ["scaled"], [out]))
    else:
        nodes.append(helper.make_node("Identity", ["scaled"], [out]))
    shape = [1, 3, SIDE, SIDE]
    given = [
        helper.make_tensor_value_info(image, TensorProto.FLOAT, shape),
        helper.make_tensor_value_info(mask, TensorProto.FLOAT, [1, 1, SIDE, SIDE]),
    ]
    made = helper.make_tensor_value_info(out, TensorProto.FLOAT, None)
    held = [
        numpy_helper.from_array(np.float32(peak), "peak"),
        numpy_helper.from_array(np.float32(0), "zero"),
        numpy_helper.from_array(np.float32(0.5), "half"),
    ]
    graph = helper.make_graph(nodes, "small", given, [made], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, str(path))
    return Choice("remove", path, "lama", sha256=weights.digest(path), peak=peak)
