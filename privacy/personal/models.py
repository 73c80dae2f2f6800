"""What one owner decided about findings, and what was learned from it. No pixels."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Lesson(models.Model):
    """One decision about one finding: ``privacy.core.taste.Lesson`` as a row.

    It goes with its picture, with the account, and when its owner says so.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="lessons"
    )
    subject = models.UUIDField(db_index=True)
    region = models.CharField(max_length=24)
    category = models.CharField(max_length=60)
    kind = models.CharField(max_length=24, blank=True)
    weight = models.FloatField()
    side = models.FloatField()
    off = models.FloatField()
    confidence = models.FloatField()
    count = models.PositiveSmallIntegerField()
    hidden = models.PositiveSmallIntegerField()  # from so many tiers, strictest first
    style = models.CharField(max_length=12, blank=True)  # the look that was chosen
    share = models.FloatField(default=1.0)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "subject", "region"], name="personal_lesson_once"
            ),
            models.CheckConstraint(
                condition=Q(hidden__in=[0, 1, 2, 3]), name="personal_hidden_known"
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=1), name="personal_share_known"
            ),
        ]
        indexes = [models.Index(fields=["owner", "at"])]

    def __str__(self) -> str:
        return f"lesson {self.pk}"


class Taste(models.Model):
    """The learned weights of one owner, and what may be done with them.

    ``unasked``: what the owner usually hides is hidden in new photos without a
    question. Nothing is ever shown without one.
    """

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="taste"
    )
    learns = models.BooleanField(default=True)
    unasked = models.BooleanField(default=False)
    weights = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"taste {self.pk}"
