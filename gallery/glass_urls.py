"""Addresses behind glass."""

from django.urls import path

from gallery import glass

urlpatterns = [
    path("policy/glass/", glass.glass, name="policy-glass"),
    path("policy/glass/<uuid:public_id>/", glass.look, name="policy-glass-look"),
    path(
        "policy/glass/<uuid:public_id>/picture",
        glass.picture,
        name="policy-glass-picture",
    ),
]
