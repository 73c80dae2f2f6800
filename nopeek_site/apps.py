from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "nopeek_site"

    def ready(self) -> None:
        from nopeek_site import checks  # noqa: F401
