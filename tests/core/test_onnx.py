"""The ONNX session: what it refuses, counts and rewrites."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from privacy.core.detectors.onnx import Session, default_threads, inference_seconds
from privacy.core.errors import ModelError, ModelMissing


def model(op: str, dtype: int = TensorProto.FLOAT, side: int = 4) -> bytes:
    """A model of one operator over a (1, 3, side, side) tensor."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node(op, ["x"], ["y"])],
        "g",
        [value("x", dtype, [1, 3, side, side])],
        [value("y", dtype, [1, 3, side, side])],
    )
    opset = [helper.make_opsetid("", 13)]
    made = helper.make_model(graph, opset_imports=opset, ir_version=8)
    content: bytes = made.SerializeToString()
    return content


def test_runs_arrays_and_names_and_counts_seconds() -> None:
    session = Session(model("Abs"), threads=1)
    before = inference_seconds()
    x = np.full((1, 3, 4, 4), -2.0)  # float64: brought to float32
    (y,) = session.run(x)
    (z,) = session.run({"x": x})
    assert y.dtype == np.float32
    assert (y == 2).all()
    assert (z == 2).all()
    assert session.seconds > 0
    assert inference_seconds() >= before + session.seconds


def test_k9_nan_and_infinite_outputs_are_errors() -> None:
    session = Session(model("Log"), threads=1)
    with pytest.raises(ModelError, match="NaN"):
        session.run(np.full((1, 3, 4, 4), -1.0, np.float32))
    with pytest.raises(ModelError, match="infinity"):
        session.run(np.zeros((1, 3, 4, 4), np.float32))


def test_k9_missing_broken_and_failing_models_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        Session(tmp_path / "none.onnx")
    with pytest.raises(ModelError, match="does not load"):
        Session(b"not a model")
    with pytest.raises(ModelError):
        Session(b"not a model", dynamic=True)
    session = Session(model("Abs"), threads=1)
    with pytest.raises(ModelError, match="failed"):
        session.run(np.zeros((1, 3, 5, 5), np.float32))  # not the declared size
    with pytest.raises(ModelError):
        session.run({"other": np.zeros((1, 3, 4, 4), np.float32)})


def test_dynamic_forgets_the_declared_size() -> None:
    session = Session(model("Abs"), threads=1, dynamic=True)
    (y,) = session.run(np.full((2, 3, 7, 9), -1, np.float32))
    assert y.shape == (2, 3, 7, 9)


def test_widen_computes_float16_weights_in_float32() -> None:
    half = TensorProto.FLOAT16
    weight = np.array([0.1], np.float16)
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [
            helper.make_node("Mul", ["x", "w"], ["m"]),
            helper.make_node("Cast", ["m"], ["f"], to=TensorProto.FLOAT),
            helper.make_node("Cast", ["f"], ["y"], to=half),
        ],
        "g",
        [value("x", half, [1])],
        [value("y", half, [1])],
        [numpy_helper.from_array(weight, "w")],
    )
    opset = [helper.make_opsetid("", 13)]
    content = helper.make_model(graph, opset_imports=opset, ir_version=8)
    (y,) = Session(content.SerializeToString(), threads=1, widen=True).run(
        np.array([3.0], np.float32)
    )
    assert y.dtype == np.float32
    assert y[0] == np.float32(3) * weight.astype(np.float32)[0]


def test_weights_that_double_as_inputs_need_not_be_fed() -> None:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "w"], ["y"])],
        "g",
        [value("x", 1, [1]), value("w", 1, [1])],
        [value("y", 1, [1])],
        [numpy_helper.from_array(np.array([2], np.float32), "w")],
    )
    opset = [helper.make_opsetid("", 9)]
    content = helper.make_model(graph, opset_imports=opset, ir_version=3)
    session = Session(content.SerializeToString(), threads=1, dynamic=True)
    assert session.inputs == ("x",)
    assert session.run(np.array([4], np.float32))[0].tolist() == [8]


def test_a_session_refuses_in_a_forked_child() -> None:
    session = Session(model("Abs"), threads=1)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            session.run(np.zeros((1, 3, 4, 4), np.float32))
        except ModelError as error:
            code = 0 if "fork" in str(error) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_threads_and_device_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOPEEK_THREADS", "3")
    assert default_threads() == 3
    monkeypatch.setenv("NOPEEK_THREADS", "many")
    assert default_threads() == len(os.sched_getaffinity(0))
    monkeypatch.setenv("NOPEEK_DEVICE", "abacus")
    with pytest.raises(ModelError, match="NOPEEK_DEVICE"):
        Session(model("Abs"))


def test_a_model_cut_in_two_computes_the_same() -> None:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [
            helper.make_node("Abs", ["x"], ["a"]),
            helper.make_node("Mul", ["a", "w"], ["m"]),
            helper.make_node("Exp", ["m"], ["y"]),
            helper.make_node("Neg", ["a"], ["z"]),
        ],
        "g",
        [value("x", 1, [1])],
        [value("y", 1, [1]), value("z", 1, [1])],
        [numpy_helper.from_array(np.array([0.5], np.float32), "w")],
    )
    opset = [helper.make_opsetid("", 13)]
    made = helper.make_model(graph, opset_imports=opset, ir_version=8)
    content = made.SerializeToString()
    x = np.array([-3], np.float32)
    y, z = Session(content, threads=1).run(x)
    first = Session(content, threads=1, gives=("z", "a"))
    rest = Session(content, threads=1, reads=("a",), gives=("y",))
    assert first.outputs == ("z", "a")
    assert rest.inputs == ("a",)
    early, middle = first.run(x)
    assert early == z
    assert rest.run(middle)[0] == y
    with pytest.raises(ModelError, match="no tensor b"):
        Session(content, gives=("b",))
