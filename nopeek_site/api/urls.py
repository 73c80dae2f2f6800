"""``/api/v1/``: everything that the pages do."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

urlpatterns = [
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema"), name="api-docs"),
    path("", include("accounts.api.urls")),
    path("", include("gallery.api.urls")),
    path("", include("feeds.api.urls")),
    path("", include("privacy.outside.api_urls")),
]
