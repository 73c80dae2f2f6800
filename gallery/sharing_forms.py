"""Forms of links, albums and what is done to several photos at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from gallery import links
from gallery.models import Album, Audience
from privacy.core.types import Tier


class LinkForm(forms.Form):
    """The terms of a new link."""

    name = forms.CharField(
        label=_("For whom, to find it again"), required=False, max_length=60
    )
    tier = forms.TypedChoiceField(
        label=_("What it shows"),
        coerce=lambda value: Tier(int(value)),
        choices=[
            (int(Tier.FULL), _("What strangers see")),
            (int(Tier.SEMI), _("What followers see")),
            (int(Tier.NONE), _("What close friends see")),
        ],
        initial=int(Tier.FULL),
    )
    days = forms.TypedChoiceField(
        label=_("How long it lasts"),
        coerce=int,
        choices=[
            (days, ngettext_lazy("%(n)d day", "%(n)d days", "n") % {"n": days})
            for days in links.DAYS
        ],
        initial=links.DEFAULT_DAYS,
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=200,
        strip=False,
        min_length=links.LEAST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    most = forms.IntegerField(
        label=_("How often it opens"), required=False, min_value=1, max_value=1000
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    asks = False

    def ask_for_yes(self) -> None:
        """Show the form again with the question whether this tier is meant."""
        self.asks = True

    def terms(self) -> dict[str, Any]:
        """For ``links.make``."""
        return dict(self.cleaned_data)


class AlbumForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name and audience of an album."""

    class Meta:
        model = Album
        fields = ("name", "audience")
        labels = {"name": _("Name"), "audience": _("Who may see it")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].required = False

    def clean_audience(self) -> str:
        return self.cleaned_data["audience"] or Audience.ONLY_ME.value
