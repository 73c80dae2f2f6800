"""Addresses of the people in one's photos, and of an album's rules."""

from django.urls import path

from gallery.people import pages

_PERSON = "gallery/people/<uuid:public_id>"
_FACE = "gallery/faces/<uuid:public_id>"

urlpatterns = [
    path("gallery/people/", pages.faces, name="faces"),
    path("gallery/people/switch", pages.switch, name="faces-switch"),
    path(f"{_PERSON}/", pages.person, name="faces-person"),
    path(f"{_PERSON}/change", pages.change, name="faces-change"),
    path(f"{_FACE}/portrait.jpg", pages.portrait, name="face-portrait"),
    path(f"{_FACE}/change", pages.face, name="face-change"),
    path("albums/<uuid:public_id>/rules", pages.album_rules, name="album-rules"),
]
