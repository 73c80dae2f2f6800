"""Forms of the settings pages and of the people page."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Closeness, User

if TYPE_CHECKING:
    PersonForm = forms.ModelForm[User]
else:  # the class takes no parameters at run time
    PersonForm = forms.ModelForm


def _zones() -> list[tuple[str, str]]:
    names = sorted(zoneinfo.available_timezones())
    return [(name, name.replace("_", " ")) for name in names if "/" in name] + [
        ("UTC", "UTC")
    ]


class ProfileForm(PersonForm):
    class Meta:
        model = User
        fields = ("display_name", "bio")
        widgets = {"bio": forms.Textarea(attrs={"rows": 3, "maxlength": 280})}


class PrivacyForm(PersonForm):
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones)

    class Meta:
        model = User
        fields = ("approves_followers", "language", "time_zone")


class ClosenessForm(forms.Form):
    closeness = forms.TypedChoiceField(
        choices=Closeness.choices, coerce=lambda value: Closeness(int(value))
    )
