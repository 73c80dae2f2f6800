"""``/api/v1/``: one's account, one's people, and the token."""

from django.urls import path

from accounts.api import tokens, views

urlpatterns = [
    path("token", tokens.TokenView.as_view(), name="api-token"),
    path("me", views.MeView.as_view(), name="api-me"),
    path("people", views.PeopleView.as_view(), name="api-people"),
    path("people/<str:username>", views.PersonView.as_view(), name="api-person"),
    path("people/<str:username>/follow", views.FollowView.as_view(), name="api-follow"),
    path(
        "people/<str:username>/request",
        views.FollowerView.as_view(),
        name="api-request",
    ),
    path(
        "people/<str:username>/follower",
        views.RemoveView.as_view(),
        name="api-follower",
    ),
    path(
        "people/<str:username>/closeness",
        views.ClosenessView.as_view(),
        name="api-closeness",
    ),
    path("people/<str:username>/block", views.BlockView.as_view(), name="api-block"),
    path("people/<str:username>/mute", views.MuteView.as_view(), name="api-mute"),
]
