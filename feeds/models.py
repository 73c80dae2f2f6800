"""What people do with posts: like, comment, mention, and be told of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Like(models.Model):
    post = models.ForeignKey("gallery.Post", models.CASCADE, related_name="likes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="likes"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "user"], name="feeds_like_once")
        ]

    def __str__(self) -> str:
        return f"like {self.pk}"


class Comment(models.Model):
    """A comment, or a reply to one; replies do not nest further."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    post = models.ForeignKey("gallery.Post", models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="comments"
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="replies"
    )
    text = models.CharField(max_length=1000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["post", "created_at", "id"])]

    def __str__(self) -> str:
        return f"comment {self.public_id}"


class Notification(models.Model):
    """Something a person is told of. ``verb`` and ids alone; words are made on reading."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    verb = models.CharField(max_length=32)
    post = models.ForeignKey(
        "gallery.Post", models.CASCADE, null=True, blank=True, related_name="+"
    )
    comment = models.ForeignKey(
        Comment, models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["to", "-created_at", "-id"])]

    def __str__(self) -> str:
        return f"notification {self.pk}"


class Wish(models.Model):
    """Whether a person is told of one kind of thing; see ``feeds.wishes``."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="wishes"
    )
    kind = models.CharField(max_length=16)
    in_app = models.BooleanField(default=True)
    by_mail = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="feeds_wish_once"),
            models.CheckConstraint(
                condition=models.Q(in_app=True) | models.Q(by_mail=False),
                name="feeds_mail_never_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"wish {self.pk}"
