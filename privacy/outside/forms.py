"""A new key."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from privacy.outside.keys import origin_of
from privacy.outside.models import ApiKey

DAYS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("One year"))]


class KeyForm(forms.Form):
    """Name, scope, how long it holds, and where it may be used."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("Of the program that will use it.")
    )
    scope = forms.ChoiceField(
        label=_("What it may do"),
        choices=ApiKey.Scope.choices,
        initial=ApiKey.Scope.PROTECT,
    )
    days = forms.TypedChoiceField(
        label=_("Holds for"), choices=DAYS, coerce=int, initial="365"
    )
    origin = forms.CharField(
        label=_("Web page"),
        required=False,
        max_length=200,
        help_text=_(
            "Only for a key that stands in a web page: its address, such as "
            "https://example.org. Anyone can read such a key there."
        ),
    )

    def clean_origin(self) -> str:
        try:
            return origin_of(self.cleaned_data["origin"])
        except ValueError as error:
            raise forms.ValidationError(
                _("Write the address as https://example.org.")
            ) from error
