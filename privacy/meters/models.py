"""What the red-team meter read, as numbers. Never read for anyone but the owner."""

from __future__ import annotations

from django.db import models


class Reading(models.Model):
    """The attacks on one render of a scanned picture: by plan, so tiers share it.

    It goes with its scan. ``letters`` counts the characters that were read in each
    region of the original, so that a changed plan needs no second reading.
    """

    scan = models.ForeignKey("privacy.Scan", models.CASCADE, related_name="readings")
    plan = models.CharField(max_length=64)
    attacks = models.JSONField(default=list)  # privacy.core.readings.Attack.as_json()
    unchecked = models.JSONField(default=list)
    letters = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scan", "plan"], name="meters_reading_once")
        ]

    def __str__(self) -> str:
        return f"reading {self.pk}"
