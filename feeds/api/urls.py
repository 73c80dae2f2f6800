"""``/api/v1/``: feeds, comments, likes, notifications."""

from django.urls import path

from feeds.api import views

_POST = "posts/<uuid:public_id>"

urlpatterns = [
    path("feed", views.FeedView.as_view(), name="api-feed"),
    path("explore", views.ExploreView.as_view(), name="api-explore"),
    path(
        "users/<str:username>/posts",
        views.UserPostsView.as_view(),
        name="api-user-posts",
    ),
    path(f"{_POST}/comments", views.CommentsView.as_view(), name="api-comments"),
    path(f"{_POST}/like", views.LikeView.as_view(), name="api-like"),
    path("comments/<uuid:public_id>", views.CommentView.as_view(), name="api-comment"),
    path("notifications", views.NotificationsView.as_view(), name="api-notifications"),
    path(
        "notifications/read",
        views.NotificationsReadView.as_view(),
        name="api-notifications-read",
    ),
]
