"""Addresses of people and settings."""

from django.urls import path

from accounts import actions, settings_pages, views, welcome

urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/find", views.find_person, name="find-person"),
    path("people/move", actions.move, name="people-move"),
    path("people/<slug:name>/", views.people_lane, name="people-lane"),
    path("welcome/", welcome.begin, name="welcome"),
    path("welcome/<int:step>/", welcome.step, name="welcome-step"),
    path("welcome/done", welcome.done, name="welcome-done"),
    path("language", settings_pages.language_for_now, name="language"),
    path("settings/", settings_pages.index, name="settings"),
    path("settings/profile/", settings_pages.profile, name="settings-profile"),
    path("settings/privacy/", settings_pages.privacy, name="settings-privacy"),
    path("settings/language/", settings_pages.language, name="settings-language"),
    path("settings/appearance/", settings_pages.appearance, name="settings-appearance"),
    path("settings/blocked/", settings_pages.blocked, name="settings-blocked"),
    path("u/<str:username>/closeness", actions.closeness, name="closeness"),
    path("u/<str:username>/unblock", actions.unblock, name="unblock"),
    *(
        path(f"u/<str:username>/{verb}", actions.act, {"verb": verb}, name=verb)
        for verb in actions.VERBS
    ),
]
