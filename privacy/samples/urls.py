"""Addresses of sample sets. For staff alone."""

from django.urls import path

from privacy.samples import pages

urlpatterns = [
    path("policy/samples/", pages.samples, name="policy-samples"),
    path(
        "policy/samples/<uuid:public_id>/delete",
        pages.delete,
        name="policy-samples-delete",
    ),
    path(
        "policy/samples/<uuid:public_id>/<int:number>.jpg",
        pages.picture,
        name="policy-samples-picture",
    ),
]
