"""Three ways to begin: how near strangers, followers and close friends come.

A preset sets three fields of one's account at once; each can be changed by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Caution, FirstAudience, User


@dataclass(frozen=True, slots=True)
class Preset:
    """One choice.

    Attributes:
        words: what it means, in one sentence.
        samples: static pictures that show a new post as a stranger, a follower and a
            close friend get it; empty where they get nothing. Made by
            ``tools/make_front.py`` with the rules that the preset brings.
    """

    name: str
    label: str | Promise
    words: str | Promise
    samples: tuple[str, str, str]
    first_audience: FirstAudience
    caution: Caution
    approves_followers: bool

    @property
    def values(self) -> dict[str, str | bool]:
        return {
            "first_audience": self.first_audience.value,
            "caution": self.caution.value,
            "approves_followers": self.approves_followers,
        }


def _sample(rules: str, tier: str) -> str:
    return f"front/sample-{rules}-{tier}.webp"


PRESETS = (
    Preset(
        "quiet",
        _("Quiet"),
        _("New posts are for close friends, and more is masked."),
        ("", "", _sample("strict", "none")),
        FirstAudience.CLOSE,
        Caution.STRICT,
        approves_followers=True,
    ),
    Preset(
        "balanced",
        _("Balanced"),
        _("New posts are for followers you let in, each in the version for them."),
        ("", _sample("default", "semi"), _sample("default", "none")),
        FirstAudience.FOLLOWERS,
        Caution.SITE,
        approves_followers=True,
    ),
    Preset(
        "open",
        _("Open"),
        _("New posts are for everyone; strangers get the most careful version."),
        (
            _sample("default", "full"),
            _sample("default", "semi"),
            _sample("default", "none"),
        ),
        FirstAudience.EVERYONE,
        Caution.SITE,
        approves_followers=False,
    ),
)
BY_NAME = {preset.name: preset for preset in PRESETS}


def preset_of(user: User) -> str:
    """Name of the preset that ``user``'s account has, or "" for a mixture."""
    for preset in PRESETS:
        if all(getattr(user, name) == held for name, held in preset.values.items()):
            return preset.name
    return ""
