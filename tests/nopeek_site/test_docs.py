"""The documents point at what is there, and no feature is left out of its table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "deploy").rglob("*.md"),
]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FEATURES = ROOT / "docs/features.md"
ROWS = {
    *(f"N{n}" for n in range(1, 26)),
    *(f"P{n}" for n in range(1, 18)),
    *(f"V{n}" for n in range(1, 14)),
    *(f"B{n}" for n in range(1, 14)),
    *(f"A{n}" for n in range(1, 12)),
    *(f"M{n}" for n in range(1, 11)),
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" not in target and not target.startswith(("mailto:", "/")):
            assert (page.parent / target).exists(), target


def test_every_row_of_the_forebears_is_in_the_table_once() -> None:
    found = re.findall(r"^\| ([A-Z]\d+) \|", FEATURES.read_text("utf-8"), re.MULTILINE)
    assert sorted(found) == sorted(ROWS)


def test_what_is_said_to_be_tested_is() -> None:
    """Each test that the table names is defined in the file it links to."""
    named = re.findall(
        r"\[`(test_\w+)`\]\(\.\./(tests/[^)]+)\)", FEATURES.read_text("utf-8")
    )
    assert named
    for name, file in named:
        assert re.search(rf"def {name}\b", (ROOT / file).read_text("utf-8")), name
