"""Every address of the site. A test holds this table against the access contract."""

from django.contrib import admin
from django.urls import include, path

from nopeek_site import pwa, views

urlpatterns = [
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.service_worker, name="service-worker"),
    path("offline/", pwa.offline, name="offline"),
    path("share/target", pwa.share_target, name="share-target"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("nopeek_site.api.urls")),
    path("", include("accounts.urls")),
    path("", include("privacy.outside.urls")),
    path("", include("privacy.policy_room.urls")),
    path("", include("privacy.listed.urls")),
    path("", include("privacy.samples.urls")),
    path("", include("gallery.glass_urls")),
    path("", include("gallery.moderation_urls")),
    path("", include("gallery.claim_urls")),
    path("", include("gallery.urls")),
    path("", include("gallery.why_urls")),
    path("", include("gallery.people.urls")),
    path("", include("feeds.urls")),
]
