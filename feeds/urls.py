"""Addresses of feeds, posts and notifications."""

from django.urls import path

from feeds import settings_pages, views

urlpatterns = [
    path("", views.home, name="home"),
    path("explore/", views.explore, name="explore"),
    path("u/<str:username>/", views.profile, name="profile"),
    path("p/<uuid:public_id>/", views.post, name="post"),
    path("p/<uuid:public_id>/like", views.like, name="like"),
    path("p/<uuid:public_id>/unlike", views.unlike, name="unlike"),
    path("p/<uuid:public_id>/comment", views.comment, name="comment"),
    path("c/<uuid:public_id>/delete", views.delete_comment, name="delete-comment"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read", views.read_notifications, name="notifications-read"),
    path("notifications/count", views.count_notifications, name="notifications-count"),
    path(
        "settings/notifications/",
        settings_pages.notifications,
        name="settings-notifications",
    ),
]
