"""Sample sets and their pictures. Staff see them, so nothing private belongs in one."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SampleSet(models.Model):
    """Pictures with labels, looked at once by the ensemble of the day."""

    class State(models.TextChoices):
        SCANNING = "scanning", _("Is looked at")
        DONE = "done", _("Ready")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("Name"), max_length=60)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State, default=State.SCANNING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["scanning", "done"]), name="samples_state_known"
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("total")), name="samples_done_of_total"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SamplePicture(models.Model):
    """One picture: as it was sent until it was looked at, then a small clean copy.

    ``labels`` are ``[category, x0, y0, x1, y1]`` and ``findings`` the same with the
    confidence behind; both in 0..1 of the picture as it is shown.
    """

    sample = models.ForeignKey(SampleSet, models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=120)
    data = models.BinaryField(editable=False)
    labels = models.JSONField(default=list)
    findings = models.JSONField(null=True)
    problem = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample", "name"], name="samples_picture_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.sample_id}"
