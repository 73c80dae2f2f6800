"""What every test can use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure: how long an example takes is not what is tested.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def _language_ends_with_the_test() -> Iterator[None]:
    """A request in German leaves German active in its thread, which tests share.

    The next request would choose anew; a test that asks for words or for the schema
    without one would not. Core tests have no Django to ask.
    """
    yield
    translation = sys.modules.get("django.utils.translation")
    if translation and sys.modules["django.conf"].settings.configured:
        translation.deactivate()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit are cleaned up by TRUNCATE, which the log refuses for good."""
    from django.db import connection

    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "ALTER TABLE privacy_auditentry "
                    "DISABLE TRIGGER privacy_audit_not_emptied"
                )


@pytest.fixture(scope="session")
def shared() -> Path:
    """The labelled pictures, where they are there."""
    if not (SHARED / "devset" / "labels.json").exists():
        pytest.skip("the labelled pictures are not beside the project (../shared/data)")
    return SHARED
