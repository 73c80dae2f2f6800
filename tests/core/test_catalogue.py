"""docs/testing.md says which test tries which case of the catalogue; this holds it to."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CASES = (
    *(f"I{n}" for n in (1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 17, 18, 22)),
    *(f"M{n}" for n in range(1, 6)),
    *(f"U{n}" for n in range(1, 11)),
    "K9",
)


def rows() -> dict[str, list[tuple[str, str]]]:
    """File and beginning of a test's name, by id."""
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    section = page.split("## Catalogue of the core", 1)[1].split("\n## ", 1)[0]
    found = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and re.fullmatch(r"[A-Z]\d+", cells[0]):
            found[cells[0]] = re.findall(r"`(tests/[^`]+)` `(test_[^`]+)`", cells[2])
    return found


def test_every_case_of_the_core_has_a_test_that_bears_its_id() -> None:
    table = rows()
    assert sorted(table) == sorted(CASES)
    for case, tests in table.items():
        assert tests, case
        own = False
        for file, name in tests:
            text = (ROOT / file).read_text("utf-8")
            assert re.search(rf"def {name}\w+\(", text), f"{case}: {file} {name}"
            own |= f"_{case.lower()}_" in name
        assert own, case
