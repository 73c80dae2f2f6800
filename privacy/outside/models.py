"""Keys for other programs, their jobs, and what was found before. No picture is kept."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ApiKey(models.Model):
    """A key by which another program asks in its owner's name, and what it has used.

    ``digest`` is SHA-256 of the whole key: the key has 256 random bits, so a slow hash
    would guard nothing. The key itself is shown once and stored nowhere.
    """

    class Scope(models.TextChoices):
        ANALYSE = "analyse", _("Find what is sensitive")
        PROTECT = "protect", _("Find and mask what is sensitive")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(_("name"), max_length=60)
    hint = models.CharField(max_length=8, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(
        _("what it may do"), max_length=8, choices=Scope, default=Scope.PROTECT
    )
    origin = models.CharField(max_length=200, blank=True)
    """The one web page's origin that may use it; empty: any program, but no page."""
    per_minute = models.PositiveIntegerField()
    per_day = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    minute = models.PositiveBigIntegerField(default=0)
    """Number of the minute, since 1970, of which ``minute_count`` speaks."""
    minute_count = models.PositiveIntegerField(default=0)
    day = models.PositiveIntegerField(default=0)
    day_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=["analyse", "protect"]),
                name="outside_scope_known",
            )
        ]

    def __str__(self) -> str:
        return f"key {self.hint}…"


class Job(models.Model):
    """One picture on its way through a worker. Both its blobs are sealed and short-lived.

    The blobs open with the API key alone (``privacy.outside.jobs``), and go when the
    answer has been given or ``expires_at`` is past.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        DONE = "done", _("Done")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.ForeignKey(
        ApiKey, models.CASCADE, null=True, blank=True, related_name="jobs"
    )
    """NULL for a request without a key, which VIPER's interface alone takes."""
    state = models.CharField(max_length=6, choices=State, default=State.QUEUED)
    blob = models.CharField(max_length=120)
    answer = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"job {self.public_id}"


class Known(models.Model):
    """Findings in a picture that its owner sent before, sealed, by a keyed hash."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"
    )
    digest = models.CharField(max_length=64)
    seen_by = models.CharField(max_length=64)
    """What looked: other models make it void."""
    sealed = models.BinaryField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "digest"], name="outside_known_once"
            )
        ]

    def __str__(self) -> str:
        return f"known {self.pk}"
