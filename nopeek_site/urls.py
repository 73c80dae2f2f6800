"""Every address of the site. A test holds this table against the access contract."""

from django.contrib import admin
from django.urls import include, path

from nopeek_site import views

urlpatterns = [
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("nopeek_site.api.urls")),
    path("", include("accounts.urls")),
    path("", include("privacy.outside.urls")),
    path("", include("gallery.urls")),
    path("", include("feeds.urls")),
]
