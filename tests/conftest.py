"""What every test can use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure: how long an example takes is not what is tested.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The labelled pictures, where they are there."""
    if not (SHARED / "devset" / "labels.json").exists():
        pytest.skip("the labelled pictures are not beside the project (../shared/data)")
    return SHARED
