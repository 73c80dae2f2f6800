"""Forms of the share, compose and gallery pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from gallery.models import Album, Audience, Media, Post
from gallery.states import REVIEWABLE, WORKING, State
from privacy.core.taxonomy import all_categories

STATES = {
    "ready": {State.READY},
    "working": set(WORKING),
    "review": {State.NEEDS_REVIEW},
    "stopped": {State.FAILED, State.REJECTED},
    "new": set(REVIEWABLE),  # and not looked at yet
}
RISKS = {"calm": (0, 19), "notice": (20, 44), "warm": (45, 69), "alarm": (70, 100)}
"""The four steps of risk with their scores, inclusive, as in ``privacy.core.score``."""
HIGH = (RISKS["warm"][0], 100)
RISK_FILTERS = {**RISKS, "high": HIGH}
SENSITIVE = frozenset(one.name for one in all_categories() if one.severity >= 0.6)
"""What the shipped rules keep from followers: photos of it are shown when asked for."""


class _Several(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = _Several(attrs={"multiple": True, "accept": "image/*"})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        given = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(item, initial) for item in given]


class ShareForm(forms.Form):
    """Start a post from some files."""

    photos = FilesField(label=_("Photos"))

    def clean_photos(self) -> list[UploadedFile[Any]]:
        files: list[UploadedFile[Any]] = self.cleaned_data["photos"]
        most = settings.NOPEEK_LIMITS["files_per_post"]
        if len(files) > most:
            raise forms.ValidationError(
                _("A post holds at most %(most)d photos."), params={"most": most}
            )
        return files


class PostForm(forms.ModelForm):  # type: ignore[type-arg]
    """Words of a post; who may see it is asked apart, since it may need a yes."""

    class Meta:
        model = Post
        fields = ("caption", "comments_open")
        widgets = {"caption": forms.Textarea(attrs={"rows": 3, "maxlength": 2200})}


class AltForm(forms.ModelForm):  # type: ignore[type-arg]
    """Words for a picture."""

    class Meta:
        model = Media
        fields = ("alt_text", "alt_masked")
        labels = {
            "alt_text": _("Alt text for those who see all of it"),
            "alt_masked": _("Alt text where parts are hidden"),
        }
        help_texts = {
            "alt_masked": _("Do not name here what is hidden."),
        }
        widgets = {
            "alt_text": forms.Textarea(attrs={"rows": 2, "maxlength": 1000}),
            "alt_masked": forms.Textarea(attrs={"rows": 2, "maxlength": 1000}),
        }


class AudienceForm(forms.Form):
    """Who may see a post. ``confirmed`` answers the question who gains by it."""

    audience = forms.ChoiceField(label=_("Who may see it"), choices=Audience.choices)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)


class SealedFileForm(forms.Form):
    """For whom the file is masked, and what opens it. A passphrase is taken as typed."""

    tier = forms.ChoiceField(
        label=_("The file looks as it does for"),
        choices=[
            ("full", _("Strangers")),
            ("semi", _("Followers")),
            ("none", _("Close friends")),
        ],
    )
    passphrase = forms.CharField(
        label=_("Passphrase"),
        strip=False,
        min_length=8,
        max_length=200,
        help_text=_("Eight characters or more. We do not keep it and cannot renew it."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Once more"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        words, again = given.get("passphrase"), given.get("again")
        if words and again and words != again:
            self.add_error("again", _("These were two different passphrases."))
        return given


class FilterForm(forms.Form):
    """Which of one's own media the gallery shows."""

    state = forms.ChoiceField(
        required=False,
        choices=[
            ("", _("in any state")),
            ("new", _("not yet reviewed")),
            ("ready", _("ready")),
            ("working", _("in the works")),
            ("review", _("waiting for you")),
            ("stopped", _("stopped")),
        ],
    )
    risk = forms.ChoiceField(
        required=False,
        choices=[
            ("", _("of any risk")),
            ("high", _("of high risk")),
            ("calm", _("calm")),
            ("notice", _("notice")),
            ("warm", _("warm")),
            ("alarm", _("alarm")),
        ],
    )
    category = forms.ChoiceField(required=False)
    audience = forms.ChoiceField(
        required=False, choices=[("", _("for anyone")), *Audience.choices]
    )

    album = forms.UUIDField(required=False, widget=forms.Select)

    def __init__(self, *args: Any, albums: Iterable[Album] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["album"].widget
        assert isinstance(widget, forms.Select)  # noqa: S101 - as declared above
        widget.choices = [
            ("", _("in any album")),
            *((str(one.public_id), one.name) for one in albums),
        ]
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as declared above
        field.choices = [
            ("", _("with anything")),
            *((one.name, one.many) for one in all_categories() if one.name != "*"),
        ]


class ShowForm(forms.Form):
    """How the gallery shows sensitive photos to their owner."""

    show = forms.ChoiceField(
        choices=[
            ("auto", _("Auto")),
            ("all", _("Show all")),
            ("hide", _("Hide sensitive")),
        ]
    )
