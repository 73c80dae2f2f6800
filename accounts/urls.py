"""Addresses of people and settings."""

from django.urls import path

from accounts import actions, views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/move", actions.move, name="people-move"),
    path("people/<slug:name>/", views.people_lane, name="people-lane"),
    path("settings/profile/", views.settings_profile, name="settings-profile"),
    path("settings/privacy/", views.settings_privacy, name="settings-privacy"),
    path("u/<str:username>/closeness", actions.closeness, name="closeness"),
    path("u/<str:username>/unblock", actions.unblock, name="unblock"),
    *(
        path(f"u/<str:username>/{verb}", actions.act, {"verb": verb}, name=verb)
        for verb in actions.VERBS
    ),
]
