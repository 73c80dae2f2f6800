"""LIGHT: what is wished for people, written to the findings that show them.

A wish becomes part of a finding (``privacy.models.Finding.wish``) beside what the owner
chose for that photo, and goes the same way to a plan as such a choice does: by
``decisions`` into ``privacy.core.policy.Choice``. Hiding holds whatever a photo says;
showing holds where the photo says nothing, where the face is surely that person's, and
within what the rules let an owner show.
"""

from __future__ import annotations

import hmac
import secrets
from uuid import UUID

from django.db import transaction

from gallery.models import AlbumItem, Media
from gallery.people.models import Book, Face, Person
from privacy import decisions
from privacy.core.types import Tier
from privacy.models import Finding

Wish = Person.Wish
_SHOWN_FROM = {Wish.CLOSE.value: Tier.NONE, Wish.FOLLOWERS.value: Tier.SEMI}


def new_person(owner_id: int, name: str = "") -> Person:
    """Somebody new, with a secret that avatars are drawn from."""
    secret = secrets.token_bytes(32)
    return Person.objects.create(owner_id=owner_id, name=name[:60], secret=secret)


@transaction.atomic
def write(media: Media) -> bool:
    """Write what holds for the faces of a photo; returns whether anything changed.

    A face that could not be compared may be anybody's: while its owner hides anybody
    from everyone, it is hidden too. Plans are the caller's to make (``replan``).
    """
    scan = decisions.current_scan(media.public_id)
    if scan is None:
        return False
    known = Book.objects.filter(owner=media.owner_id).exists()
    faces = {
        face.region: face
        for face in Face.objects.filter(media=media).select_related("person")
    }
    hides = Person.objects.filter(owner=media.owner_id, wish=Wish.HIDE).exists()
    scope = scope_of(media) if faces else ""
    changed = False
    for row in scan.findings.filter(category__startswith="face"):
        face = faces.get(row.region)
        wanted = _wanted(face, scope) if known else ("", 0, "")
        if known and hides and (face is None or not face.sealed):
            wanted = (Finding.Wish.HIDE.value, 0, "")
        if wanted != (row.wish, row.wish_from, row.person):
            row.wish, row.wish_from, row.person = wanted
            row.save(update_fields=["wish", "wish_from", "person"])
            changed = True
    return changed


def _wanted(face: Face | None, scope: str) -> tuple[str, int, str]:
    if face is None or face.person is None:
        return "", 0, ""
    token = token_of(face.person, scope)
    if face.person.wish == Wish.HIDE:
        return Finding.Wish.HIDE.value, 0, token
    shown = _SHOWN_FROM.get(face.person.wish)
    if shown is None:
        return "", 0, token
    if not face.sure:
        # Whether it is them the owner has not seen yet: hidden as for the others.
        return Finding.Wish.HIDE.value, 0, token
    return Finding.Wish.SHOW.value, int(shown), token


def token_of(person: Person, scope: str) -> str:
    """What keeps a person's avatar the same within one album or post, and only there."""
    return hmac.new(bytes(person.secret), scope.encode(), "sha256").hexdigest()[:32]


def scope_of(media: Media) -> str:
    """The album that a photo was put into first, else its post."""
    items = AlbumItem.objects.filter(media=media).order_by("pk")
    album: UUID | None = items.values_list("album__public_id", flat=True).first()
    return f"album {album}" if album else f"post {media.post_id}"


def freeze(faces: list[Face]) -> None:
    """Make what is wished for these faces an ordinary choice for each photo.

    So forgetting a person, or withdrawing, opens nothing and closes nothing.
    """
    for face in faces:
        rows = Finding.objects.filter(
            scan__subject=face.media.public_id, scan__current=True, region=face.region
        )
        for row in rows.exclude(wish="", person=""):
            freeze_row(row)


def freeze_row(row: Finding) -> None:
    if row.wish == Finding.Wish.HIDE:
        row.choice, row.show_from = Finding.Choice.HIDE, 0
    elif row.wish == Finding.Wish.SHOW and row.choice == Finding.Choice.AUTO:
        row.choice, row.show_from = Finding.Choice.SHOW, row.wish_from
    row.wish, row.wish_from, row.person = "", 0, ""
    row.save(update_fields=["choice", "show_from", "wish", "wish_from", "person"])
