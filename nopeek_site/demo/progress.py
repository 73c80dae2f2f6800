"""How far the demo is, in a file of its own under ``var``.

A site without the file that has people in it is somebody's own: it is left alone.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from nopeek_site.env import VAR

_WORDS = (
    "amber anchor basalt beacon bramble candle cedar cinder copper coral dune ember "
    "fern fjord gable harbour heron indigo ivory juniper kelp lantern larch linen "
    "maple marble meadow mistral nettle ochre opal orchard pebble quartz reed river "
    "saffron sage slate spruce thistle timber umber velvet willow"
)


def path() -> Path:
    return VAR / "demo.json"


@dataclass(slots=True)
class Progress:
    """What has been made. ``posts`` are slugs: what was deleted since stays away."""

    password: str
    began: str
    people: bool = False
    done: bool = False
    posts: list[str] = field(default_factory=list)

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.began)

    def save(self) -> None:
        """Whole or not at all; it holds a password, so it is for the owner alone."""
        scratch = path().with_suffix(".new")
        handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(self), file)
        scratch.replace(path())


def load() -> Progress | None:
    """The demo of this site; None where there is none."""
    try:
        return Progress(**json.loads(path().read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def begin() -> Progress | None:
    """The demo of this site, begun now where nobody is here yet; None elsewhere."""
    found = load()
    if found is not None and (User.objects.exists() or not found.people):
        return found
    if User.objects.exists():
        return None
    now = timezone.now().replace(microsecond=0)
    progress = Progress(_password(), now.isoformat())
    progress.save()
    return progress


def _password() -> str:
    """One for all seven, of this site alone: nobody knows it from the documentation."""
    if settings.NOPEEK_DEMO_PASSWORD:
        return str(settings.NOPEEK_DEMO_PASSWORD)
    words = [secrets.choice(_WORDS.split()) for _word in range(3)]
    return "-".join([*words, str(secrets.randbelow(90) + 10)])
