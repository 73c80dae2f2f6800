from django.apps import AppConfig


class OutsideConfig(AppConfig):
    name = "privacy.outside"
    label = "outside"
    verbose_name = "Other programs"
