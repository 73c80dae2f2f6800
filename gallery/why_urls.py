"""Addresses of explanations and suggestions."""

from django.urls import path

from gallery import why_pages

_MEDIA = "share/media/<uuid:public_id>"

urlpatterns = [
    path(f"{_MEDIA}/suggestion", why_pages.suggestion, name="suggestion"),
    path(
        f"{_MEDIA}/regions/<slug:region>/why", why_pages.region_why, name="region-why"
    ),
    path(
        f"{_MEDIA}/regions/<slug:region>/why.png",
        why_pages.region_heat,
        name="region-heat",
    ),
    path(f"{_MEDIA}/usual", why_pages.as_usual, name="as-usual"),
    path("settings/suggestions/learned", why_pages.learned, name="settings-learned"),
    path(
        "settings/suggestions/",
        why_pages.settings_suggestions,
        name="settings-suggestions",
    ),
]
