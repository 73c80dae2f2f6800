"""Pages about keys, and VIPER's address."""

from django.urls import path

from privacy.outside import pages, viper

urlpatterns = [
    path("settings/keys/", pages.settings_keys, name="settings-keys"),
    path("settings/keys/new", pages.key_new, name="key-new"),
    path("settings/keys/<uuid:public_id>/revoke", pages.key_revoke, name="key-revoke"),
    path("api/viper", viper.ViperView.as_view(), name="api-viper"),
]
