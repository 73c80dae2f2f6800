"""docs/testing.md says which test tries which case of the site; this holds it to."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CASES = {
    *(f"A{n}" for n in (*range(1, 11), 12)),
    *(f"C{n}" for n in (1, 2, 3, 4, 6, 7, 8, 10)),
    *(f"R{n}" for n in (1, 3, 4, 5, 6, 7)),
    *(f"K{n}" for n in (1, 2, 4, 5)),
    *(f"B{n}" for n in (2, 3, 6, 7, 8, 10, 12)),
    *(f"W{n}" for n in range(1, 7)),
    *("D1", "D4", "I19", "I20", "I21"),
}
CASE = re.compile(r"^\| ([A-Z]\d+) \|.*\| (`.*`) \|$", re.MULTILINE)


def test_every_case_of_the_site_has_a_test_that_bears_its_id() -> None:
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    section = page.split("## Catalogue of the site", 1)[1].split("\n## ", 1)[0]
    named = set()
    for case, tests in CASE.findall(section):
        found = re.findall(r"`(tests/[^`]+)` `(test_[^`]+)`", tests)
        for file, name in found:
            text = (ROOT / file).read_text("utf-8")
            assert re.search(rf"def {name}\w+\(", text), f"{case}: {file} {name}"
        assert any(f"_{case.lower()}_" in name for _file, name in found), case
        named.add(case)
    assert named == CASES
