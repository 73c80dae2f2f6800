"""Two workers on two cores: each model gets one thread, or they wait for each other."""

from __future__ import annotations

import os

import cv2

for _name in ("NOPEEK_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
if "PYTEST_XDIST_WORKER" in os.environ:
    cv2.setNumThreads(1)
