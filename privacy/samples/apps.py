from django.apps import AppConfig


class SamplesConfig(AppConfig):
    name = "privacy.samples"
    label = "samples"
    verbose_name = "Sample sets"
