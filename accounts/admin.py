"""Staff see who has an account and who follows whom, never how close anyone is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import services
from accounts.models import Block, Follow, Mute, User

if TYPE_CHECKING:
    PeopleAdmin = UserAdmin[User]
    RowAdmin = admin.ModelAdmin[Any]
else:  # the classes take no parameters at run time
    PeopleAdmin = UserAdmin
    RowAdmin = admin.ModelAdmin

# The site's own login page, so that lockout and second factor hold here too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = "NoPeek"


@admin.register(User)
class PersonAdmin(PeopleAdmin):
    list_display = ("username", "date_joined", "is_active", "suspended_at", "is_staff")
    list_filter = ("is_active", "is_staff", "suspended_at")
    search_fields = ("username", "email")
    ordering = ("-date_joined",)
    readonly_fields = ("public_id", "last_login", "date_joined", "suspended_at")
    actions = ("suspend", "restore")
    fieldsets = (
        (None, {"fields": ("username", "password", "public_id")}),
        ("Person", {"fields": ("display_name", "bio", "email")}),
        ("Account", {"fields": ("is_active", "suspended_at", "approves_followers")}),
        ("Rights", {"fields": ("is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "password1", "password2")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Erasing an account destroys keys and files first: the person's own page."""
        return False

    @admin.action(description="Suspend: take out of the site until restored")
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            services.suspend(user)

    @admin.action(description="Restore after a suspension")
    def restore(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            services.restore(user)


class _ReadOnly(RowAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Follow)
class FollowAdmin(_ReadOnly):
    list_display = ("follower", "followee", "created_at", "accepted_at")
    list_select_related = ("follower", "followee")
    search_fields = ("follower__username", "followee__username")
    fields = list_display


@admin.register(Block)
class BlockAdmin(_ReadOnly):
    list_display = ("blocker", "blocked", "created_at")
    list_select_related = list_display[:2]
    search_fields = ("blocker__username", "blocked__username")
    fields = list_display


@admin.register(Mute)
class MuteAdmin(_ReadOnly):
    list_display = ("muter", "muted", "created_at")
    list_select_related = list_display[:2]
    search_fields = ("muter__username", "muted__username")
    fields = list_display
