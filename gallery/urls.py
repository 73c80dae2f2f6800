"""Addresses of pictures, of sharing, and of one's own things."""

from django.urls import path

from gallery import (
    album_pages,
    bulk_pages,
    composing,
    delivery,
    downloads,
    link_pages,
    own_data,
    picking,
    regions,
    seal_pages,
    sharing,
    views,
)

_MEDIA = "share/media/<uuid:public_id>"
_POST = "share/<uuid:public_id>"
_ALBUM = "albums/<uuid:public_id>/"

urlpatterns = [
    path(
        "m/<uuid:public_id>/<str:size>.<str:ext>",
        delivery.media_bytes,
        name="media_bytes",
    ),
    path("m/<uuid:public_id>/save", downloads.media_save, name="media-save"),
    path("m/<uuid:public_id>/sealed", seal_pages.sealed, name="media-sealed"),
    path("m/<uuid:public_id>/unlock", seal_pages.unlock, name="media-unlock"),
    path("share/", composing.share, name="share"),
    path("share/start", composing.start, name="share-start"),
    path(f"{_POST}/", composing.compose, name="compose"),
    path(f"{_POST}/upload", composing.upload_file, name="upload"),
    path(f"{_POST}/order", composing.order, name="media-order"),
    path(f"{_POST}/publish", composing.publish, name="publish"),
    path(f"{_POST}/audience", views.post_audience, name="post-audience"),
    path(f"{_POST}/delete", views.post_delete, name="post-delete"),
    path(f"{_MEDIA}/status", composing.media_status, name="media-status"),
    path(f"{_MEDIA}/retry", composing.media_retry, name="media-retry"),
    path(f"{_MEDIA}/alt", composing.media_alt, name="media-alt"),
    path(f"{_MEDIA}/delete", views.media_delete, name="media-delete"),
    path(f"{_MEDIA}/sealed-file", seal_pages.sealed_file, name="sealed-file"),
    path(f"{_MEDIA}/regions", regions.regions, name="regions"),
    path(f"{_MEDIA}/regions/<slug:region>", regions.region, name="region"),
    path(f"{_MEDIA}/regions/<slug:region>/look", picking.look, name="region-look"),
    path(f"{_MEDIA}/kinds", regions.kind, name="region-kind"),
    path("share/stickers/add", picking.sticker_add, name="sticker-add"),
    path("share/stickers/<uuid:public_id>.png", picking.sticker, name="sticker"),
    path(
        "share/stickers/<uuid:public_id>/delete",
        picking.sticker_delete,
        name="sticker-delete",
    ),
    path(f"{_POST}/links", sharing.post_links, name="post-links"),
    path(f"{_POST}/saving", sharing.post_saving, name="post-saving"),
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/bulk", bulk_pages.gallery_bulk, name="gallery-bulk"),
    path("albums/", album_pages.own, name="albums"),
    path(_ALBUM, album_pages.album, name="album"),
    path(f"{_ALBUM}change", album_pages.album_change, name="album-change"),
    path(f"{_ALBUM}items", album_pages.album_items, name="album-items"),
    path(f"{_ALBUM}delete", album_pages.album_delete, name="album-delete"),
    path("u/<str:username>/albums/", album_pages.of_person, name="albums-of"),
    path("links/<uuid:public_id>/revoke", sharing.link_revoke, name="link-revoke"),
    path("l/<str:token>/", link_pages.link, name="link"),
    path(
        "l/<str:token>/<uuid:public_id>/<str:size>.<str:ext>",
        link_pages.link_bytes,
        name="link-bytes",
    ),
    path("settings/shared/", sharing.shared, name="settings-shared"),
    path("settings/data/", own_data.settings_data, name="settings-data"),
    path("settings/data/export", own_data.export_start, name="export-start"),
    path(
        "settings/data/export/<uuid:public_id>.zip",
        own_data.export_file,
        name="export-file",
    ),
    path("settings/data/delete", own_data.account_delete, name="account-delete"),
    path("receipt/<str:text>/", views.receipt, name="receipt"),
]
