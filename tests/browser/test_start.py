"""Step 1: what ``make run`` says, how soon it is back, and that nothing stays behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nopeek_site.demo.people import PEOPLE
from tests.browser.site import PASSWORD, ROOT, Site

pytestmark = pytest.mark.browser


def seconds_of_a_check() -> float:
    """How long Django takes here and now for its checks: a measure of the machine."""
    begun = time.monotonic()
    subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {"NOPEEK_ENV": "test"},
        check=True,
        capture_output=True,
    )
    return time.monotonic() - begun


def test_the_demo_says_where_it_is_and_who_may_log_in(demo: Site) -> None:
    said = (demo.var / "serve.log").read_text("utf-8")
    assert demo.url in said
    assert PASSWORD in said
    for person in PEOPLE:
        assert person.name in said


def test_a_second_start_takes_less_than_five_seconds(demo: Site) -> None:
    """On a busy machine as much longer as everything else takes there."""
    assert demo.end() == 0
    took = demo.start()
    assert took < max(5.0, 3 * seconds_of_a_check()), took


def test_ctrl_c_leaves_no_process_behind(demo: Site) -> None:
    assert demo.end() == 0
    left = [
        entry.name
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and str(demo.var).encode() in environment(entry)
    ]
    demo.start()
    assert left == []


def environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""
