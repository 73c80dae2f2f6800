"""Forms of the share, compose and gallery pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from gallery.models import Audience, Media, Post
from gallery.states import WORKING, State
from privacy.core.taxonomy import all_categories

STATES = {
    "ready": {State.READY},
    "working": set(WORKING),
    "review": {State.NEEDS_REVIEW},
    "stopped": {State.FAILED, State.REJECTED},
}
RISKS = {"calm": (0, 19), "notice": (20, 44), "warm": (45, 69), "alarm": (70, 100)}
"""The four steps of risk with their scores, inclusive, as in ``privacy.core.score``."""


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


class FilterForm(forms.Form):
    """Which of one's own media the gallery shows."""

    state = forms.ChoiceField(
        required=False,
        choices=[
            ("", _("in any state")),
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as declared above
        field.choices = [
            ("", _("with anything")),
            *((one.name, one.many) for one in all_categories() if one.name != "*"),
        ]
