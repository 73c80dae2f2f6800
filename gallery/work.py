"""HEAVY: what the stages of one run share, so that nothing is decoded twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gallery import stickers, vault
from gallery.models import Media
from gallery.renditions import File, encode_all
from privacy.core.api import Protected
from privacy.core.image import Picture, Pixels
from privacy.core.render import render
from privacy.core.sanitise import decode_master
from privacy.core.types import Grid, Plan


@dataclass(frozen=True, slots=True)
class Made:
    """A masked master and its files."""

    pixels: Pixels
    files: tuple[File, ...]


@dataclass(slots=True)
class Scratch:
    """What has been decoded, drawn and attacked so far; by digest of the plan."""

    picture: Picture | None = None
    made: dict[str, Made] = field(default_factory=dict)
    tried: dict[str, Protected] = field(default_factory=dict)


class Work:
    """One Media in the hands of one worker.

    Everything here can be made again from what is stored; it is kept only for speed.
    """

    def __init__(self, media: Media, before: Work | None = None) -> None:
        self.media = media
        self.scratch: Scratch = before.scratch if before else Scratch()

    @property
    def picture(self) -> Picture:
        """The clean original.

        Raises:
            VaultError: it cannot be opened.
        """
        if self.scratch.picture is None:
            data = vault.open_sealed(self.media, "master")
            self.scratch.picture = decode_master(data, Grid(**self.media.grid))
        return self.scratch.picture

    def keep(self, picture: Picture) -> None:
        """Hand the original on to the next stage."""
        self.scratch.picture = picture

    def made(self, plan: Plan) -> Made:
        """The masked master of a plan, and its files."""
        if plan.digest not in self.scratch.made:
            pixels = self.pixels(plan)
            self.scratch.made[plan.digest] = Made(pixels, encode_all(pixels))
        return self.scratch.made[plan.digest]

    def pixels(self, plan: Plan) -> Pixels:
        """The masked master of a plan."""
        if made := self.scratch.made.get(plan.digest):
            return made.pixels
        art = self.art(region.art for region in plan.regions)
        return render(self.picture, plan, bytes(self.media.mask_secret), art)

    def art(self, names: Iterable[str]) -> dict[str, Any]:
        """The owner's own stickers among ``names``."""
        return stickers.art_of(self.media.owner_id, names)

    def files(self, plan: Plan, attacked: Pixels) -> tuple[File, ...]:
        """The files of the very pixels that withstood the attacks."""
        made = self.scratch.made.get(plan.digest)
        if made is not None and np.array_equal(made.pixels, attacked):
            return made.files
        return encode_all(attacked)
