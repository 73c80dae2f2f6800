from django.apps import AppConfig


class ListedConfig(AppConfig):
    name = "privacy.listed"
    label = "listed"
    verbose_name = "Lists of known pictures"
