"""One ONNX Runtime session, with what every model of NoPeek needs around it.

Weights are data: they are read under their locked hash, and never as code. A session
belongs to the process that made it, because ONNX Runtime's threads do not survive a
fork; one that meets another process refuses, rather than hang.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnxruntime

from privacy.core import weights
from privacy.core.detectors.rewrite import rewritten
from privacy.core.errors import ModelError, ModelMissing

Array: TypeAlias = npt.NDArray[Any]

_DTYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}

_ledger = threading.Lock()
_seconds = 0.0


def inference_seconds() -> float:
    """Wall seconds that this process has spent inside models, all sessions together.

    The bench holds this against the time of a whole scan.
    """
    return _seconds


def default_threads() -> int:
    """``NOPEEK_THREADS``, else the cores that this process may use."""
    try:
        return max(1, int(os.environ["NOPEEK_THREADS"]))
    except (KeyError, ValueError):
        return len(os.sched_getaffinity(0))


class Session:
    """A loaded model.

    Args:
        source: a name in the weights lock (checked against its hash), the path of an
            ONNX file, or the bytes of one.
        threads: threads inside one operator; ``default_threads()`` where not given.
        dynamic: forget the declared sizes of inputs and outputs, for a fully
            convolutional model that was exported at one fixed size.
        reads, gives: names of inner tensors at which to cut the model, to run a part of
            it alone; without them it begins at its inputs and ends at its outputs.
        widen: compute in float32 what is stored in float16. The values are the same;
            CPUs have no float16 arithmetic, and each conversion costs time.

    Attributes:
        seconds: wall seconds spent in ``run`` so far.
        inputs, outputs: their names, in the model's order.
        metadata: what the model's file says about itself (an alphabet, class names).

    Raises:
        ModelMissing: no such file.
        ModelMismatch: its SHA-256 is not the locked one.
        ModelError: it is not a model that ONNX Runtime can load, or the processor that
            ``NOPEEK_DEVICE`` asks for is not there.
    """

    def __init__(
        self,
        source: str | Path | bytes,
        threads: int | None = None,
        *,
        dynamic: bool = False,
        widen: bool = False,
        reads: Sequence[str] = (),
        gives: Sequence[str] = (),
    ) -> None:
        self.name = source if isinstance(source, str) else "model"
        if isinstance(source, Path):
            self.name = source.name
        content = source if isinstance(source, bytes) else _read(source)
        if dynamic or widen or reads or gives:
            content = rewritten(
                content,
                self.name,
                dynamic=dynamic,
                widen=widen,
                reads=reads,
                gives=gives,
            )
        try:
            self._session = onnxruntime.InferenceSession(
                content, _options(threads or default_threads()), providers=_providers()
            )
        except Exception as error:
            raise ModelError(f"{self.name} does not load: {error}") from error
        self._types = {i.name: i.type for i in self._session.get_inputs()}
        self.inputs = tuple(self._types)
        self.outputs = tuple(o.name for o in self._session.get_outputs())
        about = self._session.get_modelmeta().custom_metadata_map
        self.metadata: dict[str, str] = dict(about)
        self.seconds = 0.0
        self._pid = os.getpid()

    def run(self, feed: Array | Mapping[str, Array]) -> list[Array]:
        """Every output for one input (or inputs by name), in the model's order.

        Floating inputs are brought to the type that the model declares. Safe to call
        from several threads.

        Raises:
            ModelError: the model failed, or an output holds NaN or infinity: what
                follows would be "nothing found", which is not what happened.
        """
        global _seconds  # noqa: PLW0603 - one ledger a process, guarded by its lock
        if os.getpid() != self._pid:
            raise ModelError(f"{self.name} was loaded before a fork; load it after")
        named = feed if isinstance(feed, Mapping) else {self.inputs[0]: feed}
        ready = {name: self._typed(name, array) for name, array in named.items()}
        start = time.perf_counter()
        try:
            outputs: list[Array] = self._session.run(None, ready)
        except Exception as error:
            raise ModelError(f"{self.name} failed: {error}") from error
        spent = time.perf_counter() - start
        with _ledger:
            self.seconds += spent
            _seconds += spent
        for name, output in zip(self.outputs, outputs, strict=True):
            if output.dtype.kind == "f" and not np.isfinite(output).all():
                raise ModelError(f"{self.name}: output {name} holds NaN or infinity")
        return outputs

    def _typed(self, name: str, array: Array) -> Array:
        wanted = _DTYPES.get(self._types.get(name, ""))
        if wanted is not None and array.dtype.kind == "f":
            array = array.astype(wanted, copy=False)
        return np.ascontiguousarray(array)


def _read(source: str | Path) -> bytes:
    if isinstance(source, str):
        return weights.read(source)
    try:
        return source.read_bytes()
    except OSError as error:
        raise ModelMissing(f"no model at {source.name}: {error.strerror}") from error


def _options(threads: int) -> Any:
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Plans of memory are made for each input size and kept; pictures differ in size.
    options.enable_mem_pattern = False
    # A thread that spins while it waits takes the core from the worker beside it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options


def _providers() -> list[str]:
    device = os.environ.get("NOPEEK_DEVICE", "cpu").strip().lower()
    if device in ("", "cpu"):
        return ["CPUExecutionProvider"]
    if device != "cuda":
        raise ModelError(f"NOPEEK_DEVICE is {device!r}: use cpu or cuda")
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        raise ModelError("NOPEEK_DEVICE is cuda, but onnxruntime has no CUDA here")
    return ["CUDAExecutionProvider", "CPUExecutionProvider"]
