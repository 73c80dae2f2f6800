"""Drafts of rules, replays, roll-outs, consents, and the log that only grows."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """Rules on their way to be a version. ``edition`` counts changes (R8)."""

    class State(models.TextChoices):
        OPEN = "open", _("Draft")
        WAITING = "waiting", _("Waits for a second person")
        APPROVED = "approved", _("Approved")
        LIVE = "live", _("Live")
        DROPPED = "dropped", _("Dropped")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    base = models.ForeignKey("privacy.RuleSet", models.PROTECT, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    body = models.JSONField()
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    edition = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["open", "waiting", "approved", "live", "dropped"]
                ),
                name="privacy_draft_state_known",
            )
        ]

    def __str__(self) -> str:
        return f"draft {self.public_id}"


class Replay(models.Model):
    """One draft, at one edition, replayed over everything that is stored."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="replays")
    edition = models.PositiveIntegerField()
    cursor = models.BigIntegerField(default=0)  # primary key of the last scan
    total = models.PositiveIntegerField(default=0)
    at_once = models.JSONField(default=dict)  # whatif.Tally.as_json()
    if_asked = models.JSONField(default=dict)
    touched = models.JSONField(default=list)  # [subject, tier, before, after, ways]
    people = models.JSONField(default=dict)
    posts = models.JSONField(default=dict)
    state = models.CharField(max_length=9, default="running")  # done, cancelled, failed
    beat_at = models.DateTimeField(auto_now=True)
    started_at = models.DateTimeField(auto_now_add=True)
    seconds = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "edition"],
                condition=Q(state="running"),
                name="privacy_one_replay_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"replay {self.pk}"


class Rollout(models.Model):
    """Pictures that are to be drawn anew, in stages. What tightens never waits here."""

    ruleset = models.OneToOneField(
        "privacy.RuleSet", models.CASCADE, related_name="rollout"
    )
    waiting = models.JSONField(default=list)  # subjects, in their order
    done = models.PositiveIntegerField(default=0)
    share = models.PositiveSmallIntegerField(default=1)  # per cent: 1, 10, 100
    paused = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(share__in=[1, 10, 100]), name="privacy_rollout_share"
            )
        ]

    def __str__(self) -> str:
        return f"roll-out {self.pk}"

    @property
    def total(self) -> int:
        return self.done + len(self.waiting)

    @property
    def goal(self) -> int:
        """How many are to be done at this stage; at least one."""
        return -(-self.total * self.share // 100)


class Consent(models.Model):
    """The question to an owner whether looser rules may open what is posted already."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="consents"
    )
    ruleset = models.ForeignKey("privacy.RuleSet", models.CASCADE, related_name="+")
    pictures = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "ruleset"], name="privacy_consent_once"
            )
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"


class AuditEntry(models.Model):
    """One thing that was done by those who run the site. Rows are only ever added.

    Each carries the hash of the one before it, so that a changed or missing row shows
    (``manage.py audit verify``); PostgreSQL refuses changes by a trigger as well.
    People stand here by public id: an erased account leaves no name behind.
    """

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=36, blank=True)  # public id, "" for the site
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=60, blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["action", "-number"])]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("the audit log only grows")
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise TypeError("the audit log only grows")


class GlassPass(models.Model):
    """One member of staff may look at one private original until ``ends_at``."""

    subject = models.UUIDField(db_index=True)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="glass_passes"
    )
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"glass pass {self.pk}"


class OwnRules(models.Model):
    """What one owner masks beyond what the site does. Never looser."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="own_rules"
    )
    body = models.JSONField(default=dict)  # RuleSet.as_json(), some categories alone
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"own rules {self.pk}"


class Hold(models.Model):
    """A picture that nobody but its owner sees. Its content is kept."""

    subject = models.UUIDField(unique=True)
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"hold {self.pk}"


class Report(models.Model):
    """Somebody says that a picture should not be shown. Who says so stays unsaid."""

    class Reason(models.TextChoices):
        ME = "me", _("I am in it and do not want to be")
        CHILD = "child", _("It shows a child in a way it should not")
        NUDITY = "nudity", _("Nudity or sex without consent")
        DOXING = "doxing", _("It gives away somebody's private data")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", _("Waits")
        HIDDEN = "hidden", _("Hidden")
        DISMISSED = "dismissed", _("Dismissed")
        APPEALED = "appealed", _("Appealed")
        UPHELD = "upheld", _("Stays hidden")
        RESTORED = "restored", _("Shown again")

    class Origin(models.TextChoices):
        USER = "user", _("reported by somebody")
        AUTOMATIC = "automatic", _("found by an automatic check")
        MODERATOR = "moderator", _("found by a moderator")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.UUIDField(db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reports_about"
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports_made",
    )
    origin = models.CharField(max_length=9, choices=Origin, default=Origin.USER)
    reason = models.CharField(max_length=8, choices=Reason)
    words = models.CharField(max_length=500, blank=True)
    plan = models.CharField(max_length=64)  # what the reporter saw
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500, blank=True)
    appeal = models.CharField(max_length=1000, blank=True)
    appeal_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    appeal_why = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "reporter"],
                condition=Q(state="open"),
                name="privacy_report_once",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("appeal_decided_by")),
                name="privacy_appeal_by_another",
            ),
        ]
        indexes = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return f"report {self.public_id}"
