"""K1, K4 and K5: workers that die, twice-delivered messages and poisoned pictures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gallery.faults import POINTS
from tests.gallery.drawn import card

ROOT = Path(__file__).resolve().parents[2]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A site of its own under ``folder``, embedded."""
    unset = {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "NOPEEK_S3_BUCKET"}
    inherited = {name: value for name, value in os.environ.items() if name not in unset}
    return {
        **inherited,
        "NOPEEK_ENV": "test",
        "NOPEEK_VAR": str(folder),
        "NOPEEK_WEIGHTS": os.environ.get("NOPEEK_WEIGHTS", str(ROOT / "var/weights")),
        "DJANGO_SETTINGS_MODULE": "nopeek_site.settings",
        **more,
    }


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """A Media taken along the line by workers that die at every named point."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "tests.gallery.crash_line", *POINTS[1:]],
        input=card(),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment(folder),
        check=True,
        timeout=300,
    )
    return folder, [json.loads(line) for line in done.stdout.splitlines()]


def test_k1_every_worker_died_where_it_was_told_to(killed: Any) -> None:
    _, seen = killed
    assert [one["point"] for one in seen] == [*POINTS, ""]
    assert [one["code"] for one in seen] == [-9] * len(POINTS) + [0]


def test_k1_nothing_is_open_before_the_end_and_all_of_it_then(killed: Any) -> None:
    _, seen = killed
    assert {one["open"] for one in seen[:-1]} == {0}
    assert seen[-1]["state"] == "ready"
    assert seen[-1]["open"] == 3


def test_k1_no_row_names_an_object_that_is_not_there(killed: Any) -> None:
    _, seen = killed
    assert {one["missing"] for one in seen} == {0}
    assert seen[0]["orphans"] == 1  # sealed by an upload that died: noise by now
    assert seen[-1]["orphans"] == 0


def test_k4_each_stage_leaves_one_event_and_one_scan_counts(killed: Any) -> None:
    _, seen = killed
    assert seen[-1]["events"] == 6
    assert {one["scans"] for one in seen} <= {0, 1}


def test_k1_no_plaintext_is_left_behind(killed: Any) -> None:
    folder, _ = killed
    for path in folder.rglob("*"):
        if path.is_file() and "renditions" not in path.parts:
            head = path.read_bytes()[:12]
            assert not head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF")), path
