"""Albums and links: what is shared beside the audience of a post.

Importable only inside gallery, as ``gallery.models``, which names them too.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MOST_FAILURES = 50
"""Wrong passwords, from anywhere and altogether, after which a link is over."""


class Audience(models.TextChoices):
    """Who may see a post at all; what they see of it is their tier's matter."""

    ONLY_ME = "only_me", _("Only me")
    CLOSE = "close", _("Close friends")
    FOLLOWERS = "followers", _("Followers")
    EVERYONE = "everyone", _("Everyone")


class Album(models.Model):
    """Some of one's own media, in an order. It lets nobody see more than they may."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="albums"
    )
    name = models.CharField(max_length=80)
    audience = models.CharField(
        max_length=12, choices=Audience, default=Audience.ONLY_ME
    )
    cover = models.ForeignKey(
        "gallery.Media", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(audience__in=Audience.values),
                name="gallery_album_audience_known",
            )
        ]
        indexes = [models.Index(fields=["owner", "-id"])]

    def __str__(self) -> str:
        return f"album {self.public_id}"


class AlbumItem(models.Model):
    """One Media in an album."""

    album = models.ForeignKey(Album, models.CASCADE, related_name="items")
    media = models.ForeignKey(
        "gallery.Media", models.CASCADE, related_name="album_items"
    )
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["album", "media"], name="gallery_album_item_once"
            )
        ]
        indexes = [models.Index(fields=["album", "position"])]

    def __str__(self) -> str:
        return f"item {self.pk}"


class LinkQuerySet(models.QuerySet["Link"]):
    """Which links still hold."""

    def live(self) -> LinkQuerySet:
        """Neither revoked nor past its time, nor tried with too many passwords."""
        return self.filter(
            revoked_at__isnull=True,
            expires_at__gt=timezone.now(),
            failures__lt=MOST_FAILURES,
        )

    def with_openings_left(self) -> LinkQuerySet:
        return self.filter(Q(most__isnull=True) | Q(opened__lt=F("most")))


class Link(models.Model):
    """An address that shows one post, at one tier, to whoever has it.

    Of the token only its SHA-256 is kept, of the password Django's hash; so neither a
    backup nor this page of the owner's can open a link again. What a link is made
    with never changes; it can only end.

    ``opened`` counts openings, up to ``most`` where there is a limit. ``failures``
    counts wrong passwords; a link dies of too many.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.ForeignKey("gallery.Post", models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField(max_length=60, blank=True)
    tier = models.PositiveSmallIntegerField(default=0)
    password = models.CharField(max_length=200, blank=True, editable=False)
    most = models.PositiveIntegerField(null=True, blank=True)
    opened = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(tier__in=[0, 1, 2]), name="gallery_link_tier_known"
            ),
            models.CheckConstraint(
                condition=Q(most__isnull=True) | Q(opened__lte=F("most")),
                name="gallery_link_never_too_often",
            ),
        ]
        indexes = [models.Index(fields=["post", "-id"])]

    def __str__(self) -> str:
        return f"link {self.public_id}"

    @property
    def guarded(self) -> bool:
        """Whether opening it takes a deliberate step: a password, or one of a few."""
        return bool(self.password) or self.most is not None

    @property
    def ending(self) -> str:
        """How it ended, or empty while it holds; for its owner alone."""
        if self.revoked_at is not None:
            return "revoked"
        if self.failures >= MOST_FAILURES:
            return "guessed"
        if self.expires_at <= timezone.now():
            return "expired"
        if self.most is not None and self.opened >= self.most:
            return "used"
        return ""
