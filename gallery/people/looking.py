"""HEAVY: faces of a photo into numbers, and numbers into people. For workers alone.

Nothing is looked at without the owner's book. What a photo's faces come to is written
in the transaction that makes its first plans, so there is no moment in which a person
who is to be hidden is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.db import transaction

from gallery import replan, vault
from gallery.models import Media
from gallery.people import book, wishes
from gallery.people.models import Apart, Face, Person
from gallery.work import Work
from privacy import decisions
from privacy.core import embed
from privacy.core.errors import ModelError
from privacy.core.grouping import MOST, NOBODY, group, nearest
from privacy.core.image import Picture
from privacy.core.types import Finding
from privacy.models import Scan

log = structlog.get_logger(__name__)

LEAST = embed.SAME_PERSON
SMALL = 40
"""Pixels of a side below which a face tells people apart badly (docs/models)."""
LEAST_SMALL = 0.60
"""For small ones: one pair of strangers in a thousand reaches it in crowds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One face of a photo; ``row`` is None where it could not be compared."""

    region: str
    small: bool
    row: book.Rows | None


def look(media: Media, scan: Scan, picture: Picture) -> list[Seen] | None:
    """The faces of a photo in numbers; None where its owner has not asked for it.

    Where the model fails, the faces are there and not compared.
    """
    if book.of(media.owner_id) is None:
        return None
    findings, _choices = decisions.findings_of(scan)
    faces = [one for one in findings if is_face(one.category)]
    rows: Sequence[book.Rows | None]
    try:
        rows = list(embed.embed(picture, faces)) if faces else []
    except ModelError as error:
        kind = type(error).__name__
        log.warning("faces.not_compared", media=str(media.public_id), error=kind)
        rows = [None] * len(faces)
    return [
        Seen(one.id, _side(one, picture) < SMALL, row)
        for one, row in zip(faces, rows, strict=True)
    ]


def is_face(category: str) -> bool:
    return category.partition(".")[0] == "face"


def store(media: Media, seen: list[Seen] | None) -> None:
    """Keep the faces, say who they are, and write what is wished for them.

    Call it in the transaction that makes the plans.
    """
    found = book.of(media.owner_id)
    if seen is None or found is None:  # never asked for, or withdrawn meanwhile
        wishes.write(media)
        return
    key = book.key_of(found)
    Face.objects.filter(media=media).exclude(
        region__in=[one.region for one in seen]
    ).delete()
    fresh = []
    for one in seen:
        row = one.row
        sealed = (
            b"" if row is None else book.seal(key, media.public_id, one.region, row)
        )
        face, _made = Face.objects.update_or_create(
            media=media,
            region=one.region,
            defaults={"owner_id": media.owner_id, "sealed": sealed, "small": one.small},
        )
        fresh.append(face)
    _recognise(media, key, [face for face in fresh if face.sealed])
    wishes.write(media)


def _recognise(media: Media, key: bytes, faces: list[Face]) -> None:
    """Who of the people that are known already the open ones are."""
    people = list(Person.objects.filter(owner=media.owner_id).order_by("pk"))
    rows = [_rows_of(key, person) for person in people]
    taken = {face.person_id for face in faces if face.person_id}
    draft = media.post.published_at is None
    for face, row in zip(faces, book.rows_of(key, _with_media(faces)), strict=True):
        if face.person_id:
            continue
        least = LEAST_SMALL if face.small else LEAST
        at, _near = nearest(row, rows, least)
        if at == NOBODY:
            continue
        person = people[at]
        apart = Apart.objects.filter(face=face, person=person).exists()
        if person.pk in taken or apart:
            continue  # nobody is in a photo twice
        # Who is to be seen has to be seen by the owner first: in a draft that happens.
        face.person, face.sure = person, draft
        face.save(update_fields=["person", "sure"])
        taken.add(person.pk)


def _rows_of(key: bytes, person: Person) -> book.Rows:
    faces = person.faces.filter(small=False).exclude(sealed=b"")
    return book.rows_of(key, faces.select_related("media").order_by("pk")[:200])


def _with_media(faces: list[Face]) -> list[Face]:
    keys = [face.pk for face in faces]
    rows = {
        face.pk: face
        for face in Face.objects.filter(pk__in=keys).select_related("media")
    }
    return [rows[key] for key in keys]


def catch_up(owner_id: int, most: int = 20) -> bool:
    """Look at photos from before the book, some at a time; returns whether more wait."""
    if book.of(owner_id) is None:
        return False
    states = [state.value for state in replan.PLANNED]
    rows = Media.objects.filter(owner=owner_id, state__in=states, faces__isnull=True)
    waiting = []
    for media in rows.select_related("owner", "post").order_by("pk"):
        scan = decisions.current_scan(media.public_id)
        if scan and scan.findings.filter(category__startswith="face").exists():
            waiting.append((media, scan))
        if len(waiting) > most:
            break
    for media, scan in waiting[:most]:
        try:
            seen = look(media, scan, Work(media).picture)
        except vault.VaultError:
            continue
        with transaction.atomic():
            store(media, seen)
            replan.replan(media)
    if len(waiting) > most:
        return True
    regroup(owner_id)
    return False


@transaction.atomic
def regroup(owner_id: int) -> int:
    """Make people of faces that are nobody's; returns how many people are new.

    Whoever is somebody's already stays so. New people have no name and no wish.
    """
    found = book.of(owner_id)
    if found is None:
        return 0
    faces = list(
        Face.objects.filter(owner=owner_id, person=None, small=False)
        .exclude(sealed=b"")
        .select_related("media")
        .order_by("pk")[:MOST]
    )
    rows = book.rows_of(book.key_of(found), faces)
    apart = [
        (i, j)
        for i, one in enumerate(faces)
        for j in range(i)
        if one.media_id == faces[j].media_id
    ]
    made: dict[int, Person] = {}
    for face, label in zip(faces, group(rows, LEAST, apart=apart), strict=True):
        if label == NOBODY:
            continue
        if label not in made:
            made[label] = wishes.new_person(owner_id)
        face.person, face.sure = made[label], False
        face.save(update_fields=["person", "sure"])
    return len(made)


def _side(one: Finding, picture: Picture) -> float:
    x0, y0, x1, y1 = one.box.pixels(picture.width, picture.height)
    return float(min(x1 - x0, y1 - y0))
