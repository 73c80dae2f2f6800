"""Addresses of reports and of what is decided about them."""

from django.urls import path

from gallery import moderation

_REPORT = "policy/reports/<uuid:public_id>"

urlpatterns = [
    path("m/<uuid:public_id>/report", moderation.report, name="report"),
    path("policy/reports/", moderation.queue, name="policy-reports"),
    path(f"{_REPORT}/decide", moderation.decide, name="policy-report-decide"),
    path(f"{_REPORT}/picture", moderation.evidence, name="policy-report-picture"),
    path("yours/reports/", moderation.decisions_about_me, name="your-reports"),
]
