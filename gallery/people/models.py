"""Faces of one owner's own photos, who they are to that owner, and rules about them.

There is nothing here of anybody who has not asked for it: without a ``Book`` no face is
compared. Numbers of a face are sealed under the book's key, which the owner's wraps; a
face of one owner is never compared with one of another (docs/people.md).
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gallery.models import Album, Media


class Book(models.Model):
    """That an owner wants it, and the key of what is stored of faces."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="face_book"
    )
    wrapped = models.BinaryField(max_length=128, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"book {self.pk}"


class Person(models.Model):
    """Somebody in one owner's photos, by the name that the owner gave."""

    class Wish(models.TextChoices):
        RULES = "", _("As the rules say")
        HIDE = "hide", _("Hidden from everyone but me")
        CLOSE = "close", _("Clear for close friends, hidden from everyone else")
        FOLLOWERS = "followers", _("Clear for followers, hidden from strangers")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="faces_named"
    )
    name = models.CharField(max_length=60, blank=True)
    wish = models.CharField(max_length=9, choices=Wish, blank=True, default="")
    secret = models.BinaryField(max_length=32, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wish__in=["", "hide", "close", "followers"]),
                name="faces_wish_known",
            )
        ]

    def __str__(self) -> str:
        return f"person {self.public_id}"


class Face(models.Model):
    """One face of one photo. ``sure``: the owner saw it, so that it may be shown.

    ``sealed`` holds its numbers; empty where they could not be worked out.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="faces"
    )
    media = models.ForeignKey(Media, models.CASCADE, related_name="faces")
    region = models.CharField(max_length=24)
    person = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="faces"
    )
    sealed = models.BinaryField(max_length=600, editable=False)
    small = models.BooleanField(default=False)
    sure = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["media", "region"], name="faces_face_once")
        ]

    def __str__(self) -> str:
        return f"face {self.public_id}"


class Apart(models.Model):
    """The owner said that this face is not that person."""

    face = models.ForeignKey(Face, models.CASCADE, related_name="apart")
    person = models.ForeignKey(Person, models.CASCADE, related_name="apart")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["face", "person"], name="faces_apart_once")
        ]

    def __str__(self) -> str:
        return f"apart {self.pk}"


class AlbumRules(models.Model):
    """What is masked in an album's photos beyond the site's rules. Never looser."""

    album = models.OneToOneField(Album, models.CASCADE, related_name="own_rules")
    body = models.JSONField(default=dict)  # privacy.core.policy.RuleSet.as_json()
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"rules of album {self.album_id}"
