"""Labelled sets: read within limits, looked at once, and what their curves say."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from privacy import tasks
from privacy.core.image import Picture
from privacy.core.types import Box, DetectorRun, Finding, ScanReport, Status
from privacy.policy_room.models import AuditEntry
from privacy.samples import evidence, reading, scanning
from privacy.samples.models import SamplePicture, SampleSet
from tests.factories import make_user

pytestmark = pytest.mark.django_db
FACE = {"category": "face", "box": [0.1, 0.1, 0.4, 0.5]}


def jpeg(seed: int = 1) -> bytes:
    dice = np.random.default_rng(seed)
    file = io.BytesIO()
    pixels = dice.integers(0, 255, (60, 80, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, "JPEG")
    return file.getvalue()


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    file.seek(0)
    return file


def labels(**by_file: list[dict[str, Any]]) -> bytes:
    rows = [{"file": f"{name}.jpg", "labels": found} for name, found in by_file.items()]
    return json.dumps({"pictures": rows}).encode()


def found_at(*boxes: tuple[float, ...]) -> ScanReport:
    findings = tuple(Finding("face", Box(*box[:4]), box[4], "drawn") for box in boxes)
    return ScanReport(80, 60, findings, (DetectorRun("drawn", Status.OK, 1.0),))


@pytest.fixture
def noor() -> Client:
    user = make_user("noor", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_ruleset"))
    client = Client()
    client.force_login(user)
    return client


def test_json_and_csv_are_read_alike() -> None:
    one = reading.keep(
        "one",
        zipped(
            {"set/a.jpg": jpeg(), "set/labels.json": labels(a=[FACE]), "b.jpg": jpeg()}
        ),
    )
    text = b"file,category,x0,y0,x1,y1\na.jpg,face,0.1,0.1,0.4,0.5\n"
    other = reading.keep("other", zipped({"a.jpg": jpeg(), "labels.csv": text}))
    for row in (one, other):
        picture = row.pictures.get(name="a.jpg")
        assert picture.labels == [["face", 0.1, 0.1, 0.4, 0.5]]
    assert one.pictures.get(name="b.jpg").labels == []
    assert AuditEntry.objects.filter(action="samples.kept").count() == 2


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "no labels"),
        ({"labels.json": b"{}"}, "cannot be read"),
        ({"labels.json": b'{"pictures": []}'}, "no picture in it"),
        ({"labels.json": labels(a=[])}, "no picture “a.jpg”"),
        (
            {"a.jpg": b"<svg/>", "labels.json": labels(a=[])},
            "no picture that is accepted",
        ),
        (
            {"a.jpg": jpeg(), "labels.json": labels(a=[FACE | {"category": "soul"}])},
            "soul is not a category",
        ),
        (
            {"a.jpg": jpeg(), "labels.json": labels(a=[FACE | {"box": [0, 0, 2, 1]}])},
            "0..1",
        ),
        (
            {"a/x.jpg": jpeg(), "b/x.jpg": jpeg(), "labels.json": labels()},
            "Two pictures",
        ),
        ({"a.jpg": b"\0" * (9 << 20), "labels.json": labels()}, "too large"),
        ({f"{n}.jpg": b"x" for n in range(203)}, "at most"),
    ],
)
def test_what_is_no_set_is_refused_in_words(files: dict[str, bytes], says: str) -> None:
    with pytest.raises(reading.BadSet, match=says):
        reading.keep("bad", zipped(files))
    assert not SampleSet.objects.exists()
    with pytest.raises(reading.BadSet):
        reading.keep("bad", io.BytesIO(b"no zip"))


def test_matching_counts_each_label_once() -> None:
    labelled = [["face", 0, 0, 0.5, 0.5], ["face", 0.6, 0.6, 1, 1]]
    found = [
        ["face", 0, 0, 0.5, 0.5, 0.9],
        ["face", 0.02, 0, 0.5, 0.5, 0.8],  # the same face again: a false alarm
        ["face", 0.5, 0, 0.6, 0.1, 0.3],
    ]
    some, unfound = evidence.matched(labelled, found)
    assert [(one.confidence, one.real) for one in some] == [
        (0.9, True),
        (0.8, False),
        (0.3, False),
    ]
    assert unfound == 1


def test_a_set_is_looked_at_once_and_kept_small(noor: Client, monkeypatch) -> None:
    sent = []
    monkeypatch.setattr(
        tasks.look_at_samples, "apply_async", lambda args, **_: sent.append(args)
    )
    many = {f"p{n}": [FACE] for n in range(12)}
    files = {f"{name}.jpg": jpeg(n) for n, name in enumerate(many)}
    files["p0.jpg"] = jpeg()[:-400]  # cut off: it cannot be decoded
    data = zipped(files | {"labels.json": labels(**many)}).getvalue()
    answer = noor.post(
        "/policy/samples/", {"name": "drawn", "file": ContentFile(data, "a.zip")}
    )
    assert answer.status_code == 302
    row = SampleSet.objects.get()
    looked = []

    def look(picture: Picture) -> ScanReport:
        looked.append(picture)
        hit = (
            (0.1, 0.1, 0.4, 0.5, 0.9) if len(looked) % 2 else (0.7, 0.7, 0.9, 0.9, 0.4)
        )
        return found_at(hit)

    assert scanning.run(row.pk, patience=-1, look=look) is False
    assert scanning.run(row.pk, look=look) is True
    assert scanning.run(row.pk, look=look) is True
    row.refresh_from_db()
    assert (row.done, row.total, row.refused) == (12, 12, 1)
    assert len(looked) == 11, "each is looked at once"
    assert row.state == "done"
    page = noor.get(
        f"/policy/thresholds/?source={row.public_id}&category=face&threshold=0.5&miss=10"
    ).content.decode()
    told = dict(re.findall(r'data-at="(\w+)">([^<]*)<', page))
    assert (told["masked"], told["needless"], told["missed"]) == ("6", "0", "5")
    assert page.count("<tr") >= 20
    shown = noor.get("/policy/samples/").content.decode()
    link = re.search(r'src="(/policy/samples/[^"]+\.jpg)"', shown)
    assert link
    small = noor.get(link[1])
    assert Image.open(io.BytesIO(small.content)).size <= (480, 480)
    assert "no-store" in small["Cache-Control"]
    ben = Client()
    ben.force_login(make_user("ben"))
    assert ben.get(link[1]).status_code == 404
    noor.post(f"/policy/samples/{row.public_id}/delete")
    assert not SamplePicture.objects.exists()


def test_a_check_that_did_not_run_is_no_zero() -> None:
    row = reading.keep(
        "one", zipped({"a.jpg": jpeg(), "labels.json": labels(a=[FACE])})
    )
    broken = ScanReport(80, 60, (), (DetectorRun("faces", Status.MISSING, 0.0),))
    scanning.run(row.pk, look=lambda _: broken)
    assert row.pictures.get().problem == "unchecked"
    assert evidence.of(row, "face") == ([], 0)


@pytest.mark.shared
def test_the_ensemble_on_real_pictures(shared: Path) -> None:
    """Five photographs with labelled laptops, through the very line that uploads take."""
    held = json.loads((shared / "devset" / "labels.json").read_text("utf-8"))
    names = [n for n, rows in held.items() if any(r["label"] == "laptop" for r in rows)]
    files, rows = {}, {}
    for name in sorted(names)[:5]:
        data = (shared / "devset" / "images" / name).read_bytes()
        w, h = Image.open(io.BytesIO(data)).size
        files[name] = data
        rows[name.removesuffix(".jpg")] = [
            {"category": "object.laptop", "box": [x0 / w, y0 / h, x1 / w, y1 / h]}
            for row in held[name]
            if row["label"] == "laptop"
            for x0, y0, x1, y1 in [row["box"]]
        ]
    row = reading.keep("real", zipped(files | {"labels.json": labels(**rows)}))
    assert scanning.run(row.pk, patience=600)
    row.refresh_from_db()
    assert (row.done, row.refused) == (5, 0)
    labelled, unfound = evidence.of(row, "object.laptop")
    real = sum(one.real for one in labelled)
    assert real + unfound == sum(len(found) for found in rows.values())
    assert real / (real + unfound) >= 0.5
