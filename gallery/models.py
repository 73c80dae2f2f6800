"""Posts, their media, and what is stored of them. Importable only inside gallery."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from gallery.shared_models import Album, AlbumItem, Audience, Link
from gallery.states import State

__all__ = ["Album", "AlbumItem", "Audience", "Link"]  # and all that is defined below


class Post(models.Model):
    """One to ten pictures with a caption. A draft until ``published_at`` is set.

    ``saving_open``: viewers are offered their version as a file.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="posts"
    )
    caption = models.CharField(max_length=2200, blank=True)
    audience = models.CharField(
        max_length=12, choices=Audience, default=Audience.FOLLOWERS
    )
    comments_open = models.BooleanField(default=True)
    saving_open = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(audience__in=Audience.values), name="gallery_audience_known"
            )
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"]),
            models.Index(fields=["owner", "-published_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"post {self.public_id}"


class Media(models.Model):
    """One uploaded photo and its state.

    ``version`` counts every change of what may be seen (mask, rules); a worker that
    started from an older one may not publish. ``attempts`` counts starts of the
    current stage, and ``claimed_by`` is the message on which it was started last.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="media"
    )
    post = models.ForeignKey(Post, models.CASCADE, related_name="media")
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(
        max_length=16,
        choices=[(s.value, s.value) for s in State],
        default=State.UPLOADED.value,
    )
    version = models.PositiveIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.CharField(max_length=64, blank=True, editable=False)
    problem = models.CharField(max_length=300, blank=True)
    problem_code = models.CharField(max_length=40, blank=True)
    alt_text = models.CharField(max_length=1000, blank=True)
    alt_masked = models.CharField(max_length=1000, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    grid = models.JSONField(default=dict, blank=True)
    mask_secret = models.BinaryField(max_length=32, editable=False)
    upload_digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    moved_at = models.DateTimeField(auto_now_add=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "media"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in State]),
                name="gallery_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["post", "position"]),
            models.Index(fields=["state", "moved_at"]),
            models.Index(fields=["owner", "upload_digest"]),
        ]

    def __str__(self) -> str:
        return f"media {self.public_id}"


class TierView(models.Model):
    """Which plan a tier sees of a Media, and whether its renditions may go out.

    ``ready`` is set by one conditional UPDATE that compares ``plan``; a tier without a
    ready row sees nothing at all. ``sealed`` counts the parts that are sealed from it;
    ``seal`` names what it may open of the versions of stricter tiers, and ``seal_made``
    what there is a packet of (``gallery.seals``).
    """

    media = models.ForeignKey(Media, models.CASCADE, related_name="views")
    tier = models.PositiveSmallIntegerField()
    plan = models.CharField(max_length=64)
    renderer = models.CharField(max_length=32)
    masked = models.PositiveSmallIntegerField(default=0)
    ready = models.BooleanField(default=False)
    placeholder = models.CharField(max_length=2000, blank=True)
    risk = models.PositiveSmallIntegerField(default=0)
    survivors = models.JSONField(default=list, blank=True)
    sealed = models.PositiveSmallIntegerField(default=0)
    seal = models.CharField(max_length=64, blank=True, default="")
    seal_made = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["media", "tier"], name="gallery_tier_once"),
            models.CheckConstraint(
                condition=Q(tier__in=[0, 1, 2]), name="gallery_tier_known"
            ),
        ]

    def __str__(self) -> str:
        return f"tier {self.tier} of media {self.media_id}"


class Rendition(models.Model):
    """Stored bytes of one plan at one size; found by its recipe, made once."""

    media = models.ForeignKey(Media, models.CASCADE, related_name="renditions")
    plan = models.CharField(max_length=64)
    renderer = models.CharField(max_length=32)
    size = models.CharField(max_length=8)  # thumb, feed, full
    format = models.CharField(max_length=8)  # jpeg, webp, avif
    key = models.CharField(max_length=120)
    bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["media", "plan", "renderer", "size", "format"],
                name="gallery_rendition_once",
            )
        ]

    def __str__(self) -> str:
        return f"rendition {self.pk}"


class KeyRing(models.Model):
    """A user's key-encryption key, wrapped by the site's. Gone: nothing opens any more."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="key_ring"
    )
    wrapped = models.BinaryField(max_length=128, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"key ring {self.pk}"


class SealedObject(models.Model):
    """An encrypted object in the private storage of originals.

    ``kind``: raw (as uploaded, until it is sanitised), master (clean, lossless),
    owner_feed and owner_thumb (clear, for the owner alone), metadata (what was
    removed), seal_semi and seal_none (what these tiers may open, see gallery.seals).
    """

    media = models.ForeignKey(Media, models.CASCADE, related_name="sealed")
    kind = models.CharField(max_length=16)
    version = models.PositiveIntegerField(default=1)
    key = models.CharField(max_length=120)
    wrapped = models.BinaryField(max_length=128, editable=False)
    bytes = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["media", "kind"], name="gallery_sealed_once"
            )
        ]

    def __str__(self) -> str:
        return f"sealed {self.kind} {self.pk}"


class Sticker(models.Model):
    """A picture of the owner's own that may cover regions; sealed, for them alone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="stickers"
    )
    name = models.CharField(max_length=40, blank=True)
    digest = models.CharField(max_length=64, editable=False)
    key = models.CharField(max_length=120)
    wrapped = models.BinaryField(max_length=128, editable=False)
    bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "digest"], name="gallery_sticker_once"
            )
        ]

    def __str__(self) -> str:
        return f"sticker {self.public_id}"


class Tombstone(models.Model):
    """What was deleted and when, so that a restored backup can be cleaned again.

    ``keys`` are storage keys still to be removed; the sweep empties the list.
    """

    public_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=12)  # post, media, account
    deleted_at = models.DateTimeField(auto_now_add=True)
    keys = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"tombstone {self.kind} {self.public_id}"


class Export(models.Model):
    """A zip of everything a user has, made in the background, fetched by its owner."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports"
    )
    state = models.CharField(max_length=10, default="queued")  # making, ready, failed
    key = models.CharField(max_length=120, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    fetched_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"export {self.pk}"
