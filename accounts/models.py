"""Who people are to each other. Nothing here knows of pictures."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class FirstAudience(models.TextChoices):
    """Whom a new draft is for until its owner says otherwise.

    The values are those of ``gallery.models.Audience``; a test holds them together.
    """

    ONLY_ME = "only_me", _("Only me")
    CLOSE = "close", _("Close friends")
    FOLLOWERS = "followers", _("Followers")
    EVERYONE = "everyone", _("Everyone")


class Caution(models.TextChoices):
    """How much is masked in a person's new photos."""

    SITE = "site", _("As the site recommends")
    STRICT = (
        "strict",
        _("More: followers see what strangers would, and friends what followers would"),
    )


class User(AbstractUser):
    """A person. ``public_id`` is what leaves the server; the primary key never does."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = models.CharField(
        _("name"),
        max_length=30,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-zA-Z0-9_.]{3,30}\Z",
                _("3 to 30 letters, digits, dots and underscores."),
            )
        ],
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    display_name = models.CharField(_("full name"), max_length=60, blank=True)
    bio = models.CharField(_("about"), max_length=280, blank=True)
    approves_followers = models.BooleanField(
        _("approve followers"),
        default=True,
        help_text=_("New followers wait until you accept them."),
    )
    suspended_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(
        max_length=8,
        choices=settings.LANGUAGES,
        default="en",
        verbose_name=_("language"),
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    first_audience = models.CharField(
        _("new posts are for"),
        max_length=12,
        choices=FirstAudience,
        default=FirstAudience.FOLLOWERS,
        help_text=_("You can change it for each post."),
    )
    caution = models.CharField(
        _("what is masked"),
        max_length=8,
        choices=Caution,
        default=Caution.SITE,
        help_text=_("Holds for all your photos, old and new."),
    )
    portrait = models.PositiveSmallIntegerField(_("portrait"), default=0)
    welcome_step = models.PositiveSmallIntegerField(default=0)
    """Where the first run stands: 1 to 3, or 0 for those who never began one."""
    welcomed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager[User]] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(Lower("username"), name="accounts_username_ci"),
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="accounts_email_ci"
            ),
            models.CheckConstraint(
                condition=Q(first_audience__in=FirstAudience.values),
                name="accounts_first_audience_known",
            ),
            models.CheckConstraint(
                condition=Q(caution__in=Caution.values), name="accounts_caution_known"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def name(self) -> str:
        """What the person is called on pages."""
        return self.display_name or self.username

    @property
    def is_present(self) -> bool:
        """Whether the account takes part: not deactivated and not suspended."""
        return self.is_active and self.suspended_at is None


class Closeness(models.IntegerChoices):
    """How close the owner holds a follower. Known to the owner alone."""

    DISTANT = 0, _("Distant")
    REGULAR = 1, _("Regular")
    CLOSE = 2, _("Close")


class Follow(models.Model):
    """``follower`` follows ``followee``, or asks to while ``accepted_at`` is empty."""

    follower = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows_out"
    )
    followee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows_in"
    )
    closeness = models.PositiveSmallIntegerField(
        choices=Closeness, default=Closeness.DISTANT
    )
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["follower", "followee"], name="accounts_follow_once"
            ),
            models.CheckConstraint(
                condition=~Q(follower=F("followee")), name="accounts_follow_not_self"
            ),
            models.CheckConstraint(
                condition=Q(closeness__in=[0, 1, 2]), name="accounts_closeness_known"
            ),
        ]
        indexes = [models.Index(fields=["followee", "accepted_at"])]

    def __str__(self) -> str:
        return f"follow {self.pk}"


class Block(models.Model):
    """``blocker`` does not want to see or be seen by ``blocked``."""

    blocker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks_out"
    )
    blocked = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks_in"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["blocker", "blocked"], name="accounts_block_once"
            ),
            models.CheckConstraint(
                condition=~Q(blocker=F("blocked")), name="accounts_block_not_self"
            ),
        ]

    def __str__(self) -> str:
        return f"block {self.pk}"


class Mute(models.Model):
    """``muter`` does not want posts and notifications of ``muted``; nobody is told."""

    muter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mutes_out"
    )
    muted = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mutes_in"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["muter", "muted"], name="accounts_mute_once"
            ),
            models.CheckConstraint(
                condition=~Q(muter=F("muted")), name="accounts_mute_not_self"
            ),
        ]

    def __str__(self) -> str:
        return f"mute {self.pk}"
