"""``/api/v1/``: what other programs are offered."""

from django.urls import path

from privacy.outside import views

urlpatterns = [
    path("analyse", views.AnalyseView.as_view(), name="api-analyse"),
    path("protect", views.ProtectView.as_view(), name="api-protect"),
    path("jobs/<uuid:public_id>", views.JobView.as_view(), name="api-job"),
]
