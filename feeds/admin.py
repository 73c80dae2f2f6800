"""Staff may remove a comment; likes and notifications are nobody else's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from feeds.models import Comment, Like, Notification

if TYPE_CHECKING:
    RowAdmin = admin.ModelAdmin[Any]
else:  # the class takes no parameters at run time
    RowAdmin = admin.ModelAdmin


class _NoChange(RowAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Comment)
class CommentAdmin(_NoChange):
    list_display = ("public_id", "author", "created_at")
    list_select_related = ("author",)
    search_fields = ("author__username", "public_id")
    fields = ("public_id", "author", "text", "created_at")


@admin.register(Like)
class LikeAdmin(_NoChange):
    list_display = ("pk", "created_at")
    fields = ("created_at",)


@admin.register(Notification)
class NotificationAdmin(_NoChange):
    """For finding out whether delivery works: when, not what about whom."""

    list_display = ("public_id", "verb", "created_at", "read_at")
    list_filter = ("verb",)
    fields = ("public_id", "verb", "created_at", "read_at")
