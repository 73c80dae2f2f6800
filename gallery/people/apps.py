from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "gallery.people"
    label = "faces"
    verbose_name = "People in one's photos"
