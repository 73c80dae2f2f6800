"""Forms of the settings pages, of the first run and of the people page."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING

from django import forms
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from accounts.models import Closeness, User
from accounts.presets import PRESETS
from accounts.templatetags.portraits import CHOICES

if TYPE_CHECKING:
    PersonForm = forms.ModelForm[User]
else:  # the class takes no parameters at run time
    PersonForm = forms.ModelForm


def _zones() -> list[tuple[str, str]]:
    names = sorted(zoneinfo.available_timezones())
    return [(name, name.replace("_", " ")) for name in names if "/" in name] + [
        ("UTC", "UTC")
    ]


class _Portrait(forms.TypedChoiceField):
    """One of the drawn portraits; the template draws them."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Portrait"),
            choices=[(number, lazystr(number + 1)) for number in range(CHOICES)],
            coerce=int,
            required=False,
        )


class _WithPortrait(PersonForm):
    """A form that leaves the portrait as it is where none is sent."""

    portrait = _Portrait()

    def clean_portrait(self) -> int:
        if self.data.get("portrait"):
            return int(self.cleaned_data["portrait"])
        return self.instance.portrait


class ProfileForm(_WithPortrait):
    class Meta:
        model = User
        fields = ("portrait", "display_name", "bio")
        widgets = {"bio": forms.Textarea(attrs={"rows": 3, "maxlength": 280})}


class PrivacyForm(PersonForm):
    """Each field by itself."""

    class Meta:
        model = User
        fields = ("first_audience", "caution", "approves_followers")


class PresetForm(forms.Form):
    """All three fields at once (``accounts.presets``)."""

    preset = forms.ChoiceField(
        label=_("How near people come"),
        choices=[(preset.name, preset.label) for preset in PRESETS],
    )


class LanguageForm(PersonForm):
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones)

    class Meta:
        model = User
        fields = ("language", "time_zone")


class WhoForm(_WithPortrait):
    """The first step of the first run."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones)

    class Meta:
        model = User
        fields = ("portrait", "display_name", "language", "time_zone")


class ThemeForm(forms.Form):
    """Kept in a cookie: a person may like the dark on one device alone."""

    theme = forms.ChoiceField(
        label=_("Appearance"),
        choices=[
            ("system", _("As the device")),
            ("light", _("Light")),
            ("dark", _("Dark")),
        ],
    )


class ClosenessForm(forms.Form):
    closeness = forms.TypedChoiceField(
        choices=Closeness.choices, coerce=lambda value: Closeness(int(value))
    )
