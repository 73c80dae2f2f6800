"""Addresses of lists of known pictures. For moderators alone."""

from django.urls import path

from privacy.listed import pages

urlpatterns = [
    path("policy/lists/", pages.listed, name="policy-listed"),
    path(
        "policy/lists/<uuid:public_id>/switch",
        pages.switch,
        name="policy-listed-switch",
    ),
    path(
        "policy/matches/<uuid:public_id>/decide",
        pages.answer,
        name="policy-match-decide",
    ),
]
