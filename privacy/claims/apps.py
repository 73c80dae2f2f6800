from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "privacy.claims"
    label = "claims"
    verbose_name = "Requests to be masked"
