"""The API's schema is clean, complete and as it was when it was last looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

SNAPSHOT = Path(__file__).with_name("openapi.yml")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Labels and help texts are in the reader's language; the snapshot's is English."""
    with translation.override("en"):
        yield


def test_schema_is_clean_and_as_agreed() -> None:
    """After a wanted change: ``NOPEEK_WRITE_SCHEMA=1``, then read the difference."""
    GENERATOR_STATS._warn_cache.clear()
    GENERATOR_STATS._error_cache.clear()
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    assert dict(GENERATOR_STATS._warn_cache) == {}
    assert dict(GENERATOR_STATS._error_cache) == {}
    text = OpenApiYamlRenderer().render(schema, renderer_context={}).decode()
    if os.environ.get("NOPEEK_WRITE_SCHEMA"):
        SNAPSHOT.write_text(text)
    assert text == SNAPSHOT.read_text()


def test_viewers_shapes_name_nothing_of_the_owners() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    shapes = schema["components"]["schemas"]
    for name in ("Post", "Media"):
        keys = set(shapes[name]["properties"])
        assert not keys & {"tier", "audience", "state", "findings", "version", "risks"}
