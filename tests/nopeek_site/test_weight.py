"""What the browser has to fetch of ours stays small, compressed as the site sends it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
MOST = {"js": 60_000, "css": 40_000}
"""Bytes of all modules and of all style sheets together, each file by itself."""


def weight(kind: str) -> int:
    files = list((STATIC / kind).glob(f"*.{kind}"))
    assert len(files) > 5
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


@pytest.mark.parametrize("kind", MOST)
def test_the_budget_holds(kind: str) -> None:
    assert weight(kind) <= MOST[kind]


def test_nothing_is_fetched_from_elsewhere() -> None:
    """No style sheet or module names an address outside this site."""
    for file in [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")]:
        text = file.read_text("utf-8").replace("http://www.w3.org/", "")
        assert "http://" not in text, file.name
        assert "https://" not in text, file.name
