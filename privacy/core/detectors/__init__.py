"""Detectors: what finds sensitive things in a clean picture."""

import os

# ONNX Runtime puts a device id and a telemetry store under the home folder as soon as
# it is imported, so it has to be told before, whoever imports it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
