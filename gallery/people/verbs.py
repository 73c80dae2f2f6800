"""What owners do with the people in their photos. Each verb is atomic.

What shows more of a published post is asked about first, once for all photos. What is
erased is erased at once, keys first, and what it hid stays hidden as a choice for each
photo.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from gallery import events, tasks
from gallery.audience import (
    Gains,
    NeedsConfirmation,
    gains_by_mask,
    looser_tiers,
    reached,
    together,
)
from gallery.erasure import Receipt, receipt_of
from gallery.models import Media, Post
from gallery.people import book, wishes
from gallery.people.models import Apart, Book, Face, Person
from gallery.replan import replan
from gallery.services import Refused
from privacy import decisions
from privacy.models import Finding

MOST = 200
"""People of one owner."""


def switch_on(owner: User) -> Book:
    """Begin to compare faces, those of older photos too. A worker does it."""
    row = book.opened(owner.pk)
    tasks.enqueue_faces(row.public_id)
    return row


@transaction.atomic
def withdraw(owner: User) -> Receipt:
    """Erase everything that is known of faces, at once; keys first.

    What was hidden or shown by a wish stays so, as a choice for each photo.

    Raises:
        Refused: there is nothing to erase.
    """
    row = Book.objects.select_for_update().filter(owner=owner).first()
    if row is None:
        raise Refused("off", _("Faces are not compared: there is nothing to erase."))
    public_id = row.public_id
    row.delete()
    gone = {
        "faces": Face.objects.filter(owner=owner).count(),
        "people": Person.objects.filter(owner=owner).count(),
    }
    told = Finding.objects.filter(scan__owner=owner).exclude(wish="", person="")
    subjects = set()
    for finding in told.select_related("scan"):
        wishes.freeze_row(finding)
        subjects.add(finding.scan.subject)
    Face.objects.filter(owner=owner).delete()
    Person.objects.filter(owner=owner).delete()
    for media in Media.objects.filter(public_id__in=subjects).order_by("pk"):
        replan(media)
    return receipt_of("faces", public_id, gone)


@transaction.atomic
def rename(person: Person, name: str) -> None:
    """Call them by a name; empty takes it away."""
    Person.objects.filter(pk=person.pk).update(name=name.strip()[:60])


def set_wish(person: Person, wish: str, *, confirmed: bool = False) -> None:
    """What becomes of their face in every photo, of today and of later ones.

    By setting it the owner has seen who is meant: the faces on the person's page are
    surely theirs from now on.

    Raises:
        NeedsConfirmation: some published post would show more.
    """
    known = Person.Wish(wish).value

    def change() -> None:
        Person.objects.filter(pk=person.pk).update(wish=known)
        person.faces.update(sure=True)

    media = Q(faces__person=person)
    if Person.Wish.HIDE in (known, person.wish):
        media |= _uncompared()
    _carry_out(person.owner, media, change, confirmed=confirmed)


def merge(person: Person, into: Person, *, confirmed: bool = False) -> None:
    """They are one: its faces become the other's, whose name and wish hold.

    Raises:
        Refused: two people, of whom one is not the owner's, or the same one twice.
        NeedsConfirmation: some published post would show more.
    """
    if person.pk == into.pk or person.owner_id != into.owner_id:
        raise Refused("not_two", _("Choose somebody else to join them with."))

    def change() -> None:
        person.faces.update(person=into, sure=True)
        Person.objects.filter(pk=person.pk).delete()

    # By key: after the change nobody's face is theirs any more.
    keys = list(person.faces.values_list("media", flat=True))
    also = _uncompared() if person.wish == Person.Wish.HIDE else Q()
    _carry_out(person.owner, Q(pk__in=keys) | also, change, confirmed=confirmed)


def not_them(face: Face, *, confirmed: bool = False) -> None:
    """This face is not that person: it is nobody's, and never becomes theirs by itself.

    Raises:
        NeedsConfirmation: some published post would show more.
    """
    if face.person is None:
        return
    person = face.person

    def change() -> None:
        Apart.objects.get_or_create(face=face, person=person)
        Face.objects.filter(pk=face.pk).update(person=None, sure=False)

    media = Q(pk=face.media_id)
    _carry_out(face.owner, media, change, confirmed=confirmed)


def is_them(
    face: Face, person: Person | None, name: str = "", *, confirmed: bool = False
) -> None:
    """This face is that person, or with ``person`` None somebody new of this name.

    Raises:
        Refused: the person is somebody else's, or there are too many.
        NeedsConfirmation: some published post would show more.
    """
    if person is not None and person.owner_id != face.owner_id:
        raise Refused("not_yours", _("There is nobody of that name."))
    if person is None and Person.objects.filter(owner=face.owner).count() >= MOST:
        raise Refused("too_many", _("That are enough people: forget somebody first."))

    def change() -> None:
        them = person or wishes.new_person(face.owner_id, name.strip())
        Apart.objects.filter(face=face, person=them).delete()
        Face.objects.filter(pk=face.pk).update(person=them, sure=True)

    _carry_out(face.owner, Q(pk=face.media_id), change, confirmed=confirmed)


@transaction.atomic
def forget(person: Person) -> Receipt:
    """Erase a person and the numbers of their faces. What is hidden stays hidden."""
    faces = list(person.faces.select_related("media"))
    wishes.freeze(faces)
    media = [face.media for face in faces]
    public_id = person.public_id
    Face.objects.filter(pk__in=[face.pk for face in faces]).delete()
    Person.objects.filter(pk=person.pk).delete()
    for one in media:
        # As choices now; but of the face itself nothing is known any more.
        wishes.write(one)
        replan(one)
    return receipt_of("faces", public_id, {"faces": len(faces), "people": 1})


@transaction.atomic
def rescope(media: Iterable[Media]) -> None:
    """Photos have come into an album or left one: what holds for them is made anew."""
    for one in media:
        wishes.write(one)
        replan(one)


def media_of(owner: User) -> QuerySet[Media]:
    return Media.objects.filter(owner=owner).select_related("post", "owner")


def _uncompared() -> Q:
    """Photos with a face that could not be compared, or has not been yet."""
    found = Finding.objects.filter(
        scan__subject=OuterRef("public_id"),
        scan__current=True,
        category__startswith="face",
    )
    return Q(faces__sealed=b"") | Q(Exists(found), faces__isnull=True)


def _carry_out(
    owner: User, which: Q, change: Callable[[], Any], *, confirmed: bool
) -> None:
    """Change, and make the plans of these photos anew; ask before more is seen."""
    gains: list[Gains] = []
    with transaction.atomic():
        media = list(media_of(owner).filter(which).distinct().order_by("pk"))
        keys = {one.post_id for one in media}
        locked = Post.objects.select_for_update().filter(pk__in=keys).order_by("pk")
        posts = {post.pk: post for post in locked}
        change()
        told = set()
        for one in media:
            scan = decisions.current_scan(one.public_id)
            if scan is None:
                continue
            before = decisions.plans_for(scan)
            if not wishes.write(one):
                continue
            post = posts[one.post_id]
            if post.published_at:
                looser = looser_tiers(before, decisions.plans_for(scan))
                gains += [gain for gain in [gains_by_mask(post, looser)] if gain]
                told.add(post.pk)
            replan(one)
        if gains and not confirmed:
            raise NeedsConfirmation(together(owner, gains))
        for pk in sorted(told):
            events.post_changed(posts[pk], reached(owner))


def access_person(owner: User, public_id: uuid.UUID) -> Person | None:
    """One of the owner's own people; None for all else."""
    rows = Person.objects.filter(owner=owner, public_id=public_id)
    return rows.select_related("owner").first()


def access_face(owner: User, public_id: uuid.UUID) -> Face | None:
    """One of the faces in the owner's own photos; None for all else."""
    rows = Face.objects.filter(owner=owner, public_id=public_id)
    return rows.select_related("owner", "person", "media").first()
