from django.apps import AppConfig


class PersonalConfig(AppConfig):
    name = "privacy.personal"
    label = "personal"
    verbose_name = "What owners are used to"
