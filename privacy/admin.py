"""For those who run the site: rules and how the line fares. No picture, no finding's
place, nothing that was read in a picture."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from privacy.models import Finding, Rule, RuleSet, Scan, ScanEvent


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """To be looked at; changes go through services, which keep the promises."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RuleRows(admin.TabularInline):  # type: ignore[type-arg]
    model = Rule
    extra = 0
    can_delete = False
    fields = ("category", "tier", "style", "strength")
    readonly_fields = ("category", "tier", "style", "strength")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RuleSet)
class RuleSetAdmin(ReadOnly):
    """A version never changes; ``manage.py rules --publish`` makes the next one."""

    list_display = ["version", "name", "live", "author", "created_at", "reason"]
    list_filter = ["live"]
    exclude = ["body"]
    inlines = [RuleRows]


@admin.register(Scan)
class ScanAdmin(ReadOnly):
    """Which checks ran on a picture, and for how long."""

    list_display = ["subject", "created_at", "complete", "current", "width", "height"]
    list_filter = ["complete", "current"]
    search_fields = ["subject"]
    fields = ["subject", "created_at", "complete", "current", "width", "height", "runs"]


@admin.register(Finding)
class FindingAdmin(ReadOnly):
    """How often what is found, and by whom: neither where nor what it says."""

    list_display = ["category", "confidence", "detector", "manual", "choice"]
    list_filter = ["category", "manual", "choice"]
    fields = ("category", "confidence", "detector", "manual", "choice")


@admin.register(ScanEvent)
class ScanEventAdmin(ReadOnly):
    """How the stages went and how long they took."""

    list_display = ["created_at", "stage", "outcome", "detail", "ms", "subject"]
    list_filter = ["stage", "outcome"]
    search_fields = ["subject"]
