from django.apps import AppConfig


class MetersConfig(AppConfig):
    name = "privacy.meters"
    label = "meters"
    verbose_name = "Red-team meter"
