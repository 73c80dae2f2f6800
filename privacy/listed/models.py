"""Lists of hashes, and the pictures that came near one."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class HashList(models.Model):
    """A list as somebody gave it to those who run the site.

    ``hashes`` are 32 bytes each, sorted; ``digest`` is keyed with the site's secret, so
    a list that was cut or changed in the database counts as unreadable.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("Name"), max_length=60, unique=True)
    source = models.CharField(_("Where it is from"), max_length=200, blank=True)
    hashes = models.BinaryField(editable=False)
    count = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, editable=False)
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class Match(models.Model):
    """A picture that came near a list. It is kept from everybody, its owner included."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits")
        CONFIRMED = "confirmed", _("Stays withheld")
        RELEASED = "released", _("Released")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.UUIDField(unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="listed_matches"
    )
    listed = models.ForeignKey(
        HashList, models.SET_NULL, null=True, related_name="matches"
    )
    distance = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    why = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "confirmed", "released"]),
                name="listed_match_state_known",
            ),
            models.CheckConstraint(
                condition=Q(distance__lte=256), name="listed_distance_in_bits"
            ),
        ]
        indexes = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return f"match {self.public_id}"
