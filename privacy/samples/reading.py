"""LIGHT: a zip of pictures and labels -> a sample set. Nothing is decoded here.

The format: pictures in any folder, and beside them ``labels.json``,
``{"pictures": [{"file": "a.jpg", "labels": [{"category": "face", "box": [x0, y0, x1,
y1]}]}]}``, or ``labels.csv`` with the columns ``file,category,x0,y0,x1,y1``. Boxes are
0..1 of the picture as it is shown. A picture without labels is one without anything.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from privacy.core.errors import RefusedInput
from privacy.core.formats import sniff
from privacy.core.taxonomy import is_known
from privacy.policy_room import audit
from privacy.samples.models import SamplePicture, SampleSet

MOST_PICTURES = 200
MOST_BYTES = 64 * 1024 * 1024
MOST_OF_ONE = 8 * 1024 * 1024
MOST_LABELS = 2 * 1024 * 1024
SETS = 20
Label = list[Any]


class BadSet(Exception):
    """What was sent is no sample set; the text says what is wrong with it."""


@transaction.atomic
def keep(name: str, file: IO[bytes], by: Any = None) -> SampleSet:
    """Keep a zip as a sample set that a worker is to look at.

    Raises:
        BadSet: as said there; nothing has been kept.
    """
    if SampleSet.objects.count() >= SETS:
        raise BadSet(_("There are so many sets: delete one first."))
    pictures, labels = _opened(file)
    unknown = sorted(set(labels) - set(pictures))
    if unknown:
        raise BadSet(_("There is no picture “%(name)s”.") % {"name": unknown[0][:60]})
    if not pictures:
        raise BadSet(_("There is no picture in it."))
    row = SampleSet.objects.create(name=name[:60], author=by, total=len(pictures))
    SamplePicture.objects.bulk_create(
        SamplePicture(sample=row, name=one, data=data, labels=labels.get(one, []))
        for one, data in pictures.items()
    )
    audit.record("samples.kept", by, row.public_id, {"pictures": row.total})
    return row


def _opened(file: IO[bytes]) -> tuple[dict[str, bytes], dict[str, list[Label]]]:
    try:
        with zipfile.ZipFile(file) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise BadSet(_("This is no zip file that can be read.")) from error


def _read(
    archive: zipfile.ZipFile,
) -> tuple[dict[str, bytes], dict[str, list[Label]]]:
    entries = [one for one in archive.infolist() if not one.is_dir()]
    if len(entries) > MOST_PICTURES + 2:
        raise BadSet(_("A set has %(n)d pictures at most.") % {"n": MOST_PICTURES})
    pictures: dict[str, bytes] = {}
    labels: dict[str, list[Label]] | None = None
    total = 0
    for entry in entries:
        name = entry.filename.replace("\\", "/").rpartition("/")[2]
        if name.startswith(".") or entry.filename.startswith("__MACOSX"):
            continue
        most = MOST_LABELS if name.startswith("labels.") else MOST_OF_ONE
        # What the directory of the zip says of its size need not be so.
        with archive.open(entry) as stream:
            data = stream.read(most + 1)
        total += len(data)
        if len(data) > most or total > MOST_BYTES:
            raise BadSet(_("“%(name)s” is too large.") % {"name": name[:60]})
        if name in ("labels.json", "labels.csv"):
            labels = dict(_labels(name, data))
            continue
        try:
            sniff(data)
        except RefusedInput as error:
            said = _("“%(name)s” is no picture that is accepted.")
            raise BadSet(said % {"name": name[:60]}) from error
        if name in pictures:
            raise BadSet(_("Two pictures are called “%(name)s”.") % {"name": name[:60]})
        pictures[name[:120]] = data
    if labels is None:
        raise BadSet(_("There is no labels.json or labels.csv in it."))
    return pictures, labels


def _labels(name: str, data: bytes) -> Iterator[tuple[str, list[Label]]]:
    found: dict[str, list[Label]] = {}
    try:
        text = data.decode("utf-8-sig")
        if name.endswith(".csv"):
            for line in csv.DictReader(io.StringIO(text)):
                box = [line[key] for key in ("x0", "y0", "x1", "y1")]
                found.setdefault(line["file"], []).append(_label(line["category"], box))
        else:
            for one in json.loads(text)["pictures"]:
                found[str(one["file"])] = [
                    _label(label["category"], label["box"]) for label in one["labels"]
                ]
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise BadSet(
            _("The labels cannot be read: %(why)s") % {"why": error}
        ) from error
    yield from found.items()


def _label(category: object, box: list[Any]) -> Label:
    name = str(category)
    if not is_known(name):
        raise ValueError(_("%(name)s is not a category.") % {"name": name[:60]})
    x0, y0, x1, y1 = (float(value) for value in box)
    # Written so that NaN is refused too.
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        raise ValueError(_("A box is x0, y0, x1, y1 in 0..1."))
    return [name, x0, y0, x1, y1]
