"""The gallery for staff: where things stand, and never a picture or a word of it.

Everything is read-only. A post is deleted by its owner (or with the account), through
``gallery.erasure``, which the admin's own delete would bypass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from gallery.models import Export, Media, Post, Tombstone

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:  # the class takes no parameters at run time
    Base = admin.ModelAdmin


class ReadOnly(Base):
    """Looking alone; ``fields`` names everything that may be looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Post)
class PostAdmin(ReadOnly):
    list_display = ("public_id", "owner", "audience", "published_at", "version")
    list_filter = ("audience",)
    search_fields = ("public_id", "owner__username")
    list_select_related = ("owner",)
    fields: ClassVar = (
        "public_id",
        "owner",
        "audience",
        "comments_open",
        "created_at",
        "published_at",
        "version",
    )


@admin.register(Media)
class MediaAdmin(ReadOnly):
    list_display = ("public_id", "state", "problem_code", "attempts", "moved_at")
    list_filter = ("state", "problem_code")
    search_fields = ("public_id",)
    fields: ClassVar = (
        "public_id",
        "owner",
        "post",
        "state",
        "version",
        "attempts",
        "problem_code",
        "width",
        "height",
        "created_at",
        "moved_at",
        "reviewed_at",
    )


@admin.register(Tombstone)
class TombstoneAdmin(ReadOnly):
    list_display = ("public_id", "kind", "deleted_at", "left")
    list_filter = ("kind",)
    fields: ClassVar = ("public_id", "kind", "deleted_at", "left")

    @admin.display(description="objects left")
    def left(self, stone: Tombstone) -> int:
        return len(stone.keys)


@admin.register(Export)
class ExportAdmin(ReadOnly):
    list_display = ("public_id", "owner", "state", "bytes", "created_at", "fetched_at")
    list_filter = ("state",)
    list_select_related = ("owner",)
    fields: ClassVar = (
        "public_id",
        "owner",
        "state",
        "bytes",
        "created_at",
        "fetched_at",
    )
