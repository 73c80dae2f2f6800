"""What was found in a picture, and the rules that decide what becomes of it.

A picture is known here only by the public id of its Media (``subject``).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class RuleSet(models.Model):
    """A versioned, immutable matrix of rules. At most one is live.

    Nothing but ``live`` ever changes of a row; ``signature`` holds the rest together
    (``privacy.policy_room.versions``).
    """

    version = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=60)
    body = models.JSONField()  # privacy.core.policy.RuleSet.as_json()
    reason = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    live = models.BooleanField(default=False)
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+"
    )
    diff = models.JSONField(default=list)  # privacy.policy_room.versions.difference
    signed_by = models.CharField(max_length=36, blank=True)  # public ids
    approved_by = models.CharField(max_length=36, blank=True)
    signature = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["live"], condition=Q(live=True), name="privacy_one_live_ruleset"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a version of the rules never changes: publish another")
        super().save(*args, **kwargs)


class Rule(models.Model):
    """One row of a RuleSet, as plain data for the admin and for queries."""

    ruleset = models.ForeignKey(RuleSet, models.CASCADE, related_name="rules")
    category = models.CharField(max_length=60)
    tier = models.PositiveSmallIntegerField()
    style = models.CharField(max_length=12, blank=True)  # empty: shown
    strength = models.FloatField(default=0.5)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ruleset", "category", "tier"], name="privacy_rule_once"
            ),
            models.CheckConstraint(
                condition=Q(tier__in=[0, 1, 2]), name="privacy_rule_tier_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} at {self.tier}"


class Scan(models.Model):
    """One pass of the ensemble over one picture. Only a complete one leads on."""

    subject = models.UUIDField(db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="scans"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    runs = models.JSONField(default=list)  # DetectorRun.as_json() with its name
    complete = models.BooleanField(default=False)
    current = models.BooleanField(default=True)
    floor = models.ForeignKey(
        RuleSet, models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The rules that its owner has agreed to; looser ones open nothing by themselves."""

    held: Any = None
    """The rules that hold for it, where a page asks often (``decisions.judged``)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(current=True),
                name="privacy_one_current_scan",
            )
        ]

    def __str__(self) -> str:
        return f"scan {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new scan keeps what its owner agreed to for the one before it."""
        if self._state.adding and self.floor_id is None:
            before = Scan.objects.filter(subject=self.subject, floor__isnull=False)
            known = before.order_by("-pk").values_list("floor", flat=True).first()
            live = RuleSet.objects.filter(live=True).values_list("pk", flat=True)
            self.floor_id = known or live.first()
        super().save(*args, **kwargs)


class Finding(models.Model):
    """One sensitive thing and what its owner chose for it. Never read by viewers."""

    class Choice(models.TextChoices):
        AUTO = "auto"  # the rules decide
        HIDE = "hide"  # hidden from every tier
        SHOW = "show"  # shown to the tiers from ``show_from`` on

    scan = models.ForeignKey(Scan, models.CASCADE, related_name="findings")
    region = models.CharField(max_length=24)
    category = models.CharField(max_length=60)
    kind = models.CharField(max_length=24, blank=True)
    x0 = models.FloatField()
    y0 = models.FloatField()
    x1 = models.FloatField()
    y1 = models.FloatField()
    outline = models.JSONField(default=list, blank=True)
    landmarks = models.JSONField(default=list, blank=True)
    brush = models.FloatField(default=0)
    """Radius of the brush along ``outline``, in longer sides of the picture."""
    confidence = models.FloatField()
    detector = models.CharField(max_length=60)
    evidence = models.CharField(max_length=200, blank=True)
    manual = models.BooleanField(default=False)

    class Wish(models.TextChoices):
        HIDE = "hide"  # whoever it shows is hidden from everybody
        SHOW = (
            "show"  # shown to the tiers from ``wish_from`` on, if nothing else is said
        )

    choice = models.CharField(max_length=4, choices=Choice, default=Choice.AUTO)
    show_from = models.PositiveSmallIntegerField(default=0)
    style = models.CharField(max_length=12, blank=True)
    art = models.CharField(max_length=40, blank=True)
    wish = models.CharField(max_length=4, choices=Wish, blank=True, default="")
    """What is wished for the person that it shows, in every photo (gallery.people)."""
    wish_from = models.PositiveSmallIntegerField(default=0)
    person = models.CharField(max_length=32, blank=True, default="")
    """A token of the person, for avatars: see ``privacy.core.policy.Choice``."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scan", "region", "category"], name="privacy_finding_once"
            ),
            models.CheckConstraint(
                condition=Q(wish__in=["", "hide", "show"]) & Q(wish_from__in=[0, 1, 2]),
                name="privacy_wish_known",
            ),
            models.CheckConstraint(
                condition=Q(x0__gte=0, y0__gte=0, x1__lte=1, y1__lte=1)
                & Q(x0__lt=F("x1"))
                & Q(y0__lt=F("y1")),
                name="privacy_finding_in_picture",
            ),
            models.CheckConstraint(
                condition=Q(show_from__in=[0, 1, 2]), name="privacy_show_from_known"
            ),
            models.CheckConstraint(
                condition=Q(brush__gte=0, brush__lte=1), name="privacy_brush_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.region}"


class ScanEvent(models.Model):
    """One stage of the line on one picture: how it ended and how long it took."""

    subject = models.UUIDField(db_index=True)
    stage = models.CharField(max_length=16)
    outcome = models.CharField(max_length=16)
    detail = models.CharField(max_length=200, blank=True)
    ms = models.FloatField(default=0)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.stage} {self.outcome}"


class AutoMask(models.Model):
    """From which risk on a person's new photos are masked as suggested, unasked."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="auto_mask"
    )
    least = models.PositiveSmallIntegerField(choices=[(20, 20), (45, 45), (70, 70)])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(least__in=[20, 45, 70]), name="privacy_auto_mask_known"
            )
        ]

    def __str__(self) -> str:
        return f"from {self.least}"


from privacy.policy_room import models as _room  # noqa: E402, F401 - tables of this app
