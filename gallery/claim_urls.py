"""Addresses of “I am in this photo”."""

from django.urls import path

from gallery import claim_pages

urlpatterns = [
    path("mask-me/", claim_pages.anywhere, name="mask-me-anywhere"),
    path("mask-me/<str:secret>/", claim_pages.status, name="mask-me-status"),
    path("m/<uuid:public_id>/mask-me", claim_pages.picture, name="mask-me"),
    path("yours/asked/", claim_pages.about_me, name="your-claims"),
    path("policy/claims/", claim_pages.queue, name="policy-claims"),
    path(
        "policy/claims/<uuid:public_id>/decide",
        claim_pages.decide,
        name="policy-claim-decide",
    ),
]
