"""``/api/v1/``: posts, media, exports. Reading of feeds is in ``feeds``."""

from django.urls import path

from gallery.api import media, own_data, posts, sharing

_POST = "posts/<uuid:public_id>"
_MEDIA = "media/<uuid:public_id>"

urlpatterns = [
    path("posts", posts.PostsView.as_view(), name="api-posts"),
    path(_POST, posts.PostView.as_view(), name="api-post"),
    path(f"{_POST}/publish", posts.PublishView.as_view(), name="api-publish"),
    path(f"{_POST}/media", posts.PostMediaView.as_view(), name="api-upload"),
    path("links", sharing.LinksView.as_view(), name="api-links"),
    path("links/<uuid:public_id>", sharing.LinkView.as_view(), name="api-link"),
    path("albums", sharing.AlbumsView.as_view(), name="api-albums"),
    path("albums/<uuid:public_id>", sharing.AlbumView.as_view(), name="api-album"),
    path("media/bulk", sharing.BulkView.as_view(), name="api-bulk"),
    path("media", media.MediaListView.as_view(), name="api-gallery"),
    path(_MEDIA, media.MediaView.as_view(), name="api-media"),
    path(f"{_MEDIA}/retry", media.RetryView.as_view(), name="api-retry"),
    path(f"{_MEDIA}/as", media.SeenAsView.as_view(), name="api-see-as"),
    path(f"{_MEDIA}/findings", media.FindingsView.as_view(), name="api-findings"),
    path(
        f"{_MEDIA}/findings/<slug:region>",
        media.FindingView.as_view(),
        name="api-finding",
    ),
    path("exports", own_data.ExportsView.as_view(), name="api-exports"),
    path(
        "exports/<uuid:public_id>/file",
        own_data.ExportFileView.as_view(),
        name="api-export-file",
    ),
    path("me/erase", own_data.EraseView.as_view(), name="api-erase"),
]
