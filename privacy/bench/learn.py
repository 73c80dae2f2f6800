"""How soon a personal score agrees with its owner: simulated users on labelled pictures.

A user is drawn at random: a shift of the severity of each root and each category, a
leaning to hide more or less from each tier, an eye for size, and in some a habit that
is theirs alone ("never mind laptops"). What they want of a labelled thing is decided by
that, and one time in thirty they decide otherwise. They review pictures in random order
and correct what they would have had otherwise, one finding at a time. Agreement is
counted on other pictures: the share of findings and tiers decided as the user would,
averaged over the pictures.

The users of ``TUNING`` were looked at while the prior was chosen; the figures are of
``USERS`` others.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from privacy.bench import datasets
from privacy.bench.report import Cell, Report, Table
from privacy.core.taste import SHARPNESS, Lesson, Taste, Trait, learn, traits
from privacy.core.taxonomy import all_categories, lookup
from privacy.core.types import Box, Finding

TUNING = range(40)
USERS = range(1000, 1060)
STEPS = (0, 1, 3, 5, 10, 20, 40)
SLIP = 1 / 30
EACH = 6
"""Of a crowd the largest: forty small faces in one picture are one question."""
_DOCUMENTS = {"id card": "document.id_card", "credit card": "document.bank_card",
              "letter": "document.letter"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """What is labelled in one picture."""

    name: str
    things: tuple[Trait, ...]


class User:
    """Somebody with a mind of their own, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - drawn again, not kept secret
        draw = self._dice.gauss
        names = {one.name for one in all_categories()}
        roots = {name.partition(".")[0] for name in names}
        self._roots = {name: draw(0, 0.25) for name in sorted(roots)}
        self._names = {name: draw(0, 0.15) for name in sorted(names)}
        self._tiers = [draw(0, 0.10) for _tier in range(3)]
        self._size = draw(0, 0.15)
        if self._dice.random() < 0.5:  # a habit: one kind always, or never
            habit = self._dice.choice(sorted(names))
            self._names[habit] = self._dice.choice((-1.0, 1.0))

    def wants(self, trait: Trait) -> int:
        """From how many tiers they hide it, 0 to 3."""
        name = lookup(trait.category, trait.kind).name
        pull = (
            trait.weight
            + self._roots.get(name.partition(".")[0], 0.0)
            + self._names.get(name, 0.0)
            + self._size * (min(1.0, trait.side / 0.4) - 0.5)
        )
        cuts = [
            cut + shift
            for cut, shift in zip((0.2, 0.45, 0.7), self._tiers, strict=True)
        ]
        if self._dice.random() < SLIP:
            return self._dice.randrange(4)
        hidden = [pull >= cut for cut in cuts]
        return 3 if hidden[2] else 2 if hidden[1] else int(hidden[0])


def learning(examples: Sequence[datasets.Example]) -> Report:
    """The curve of agreement over corrections, beside the generic score."""
    pictures = [one for one in map(_picture, examples) if one.things]
    curves = np.array([curve(seed, pictures) for seed in USERS])
    order = np.argsort(curves[:, 0], kind="stable")
    thirds = np.array_split(order, 3)
    named = zip(("unlike the site", "in between", "like the site"), thirds, strict=True)
    by_step = Table(
        "Agreement with simulated users",
        ("corrections", "agreement", "points gained", "worst tenth gains", "worse off"),
        tuple(_row(step, curves, at) for at, step in enumerate(STEPS)),
        f"{len(USERS)} users on {len(pictures)} labelled pictures, half to learn from "
        "and half to be judged by; 0 corrections is the generic score.",
    )
    by_user = Table(
        "By how much a user is like the site, after ten corrections",
        ("users", "generic", "personal", "points gained"),
        tuple(_third(name, curves[rows]) for name, rows in named),
    )
    about = {"users": len(USERS), "pictures": len(pictures), "sharpness": SHARPNESS}
    return Report("learn", [by_step, by_user], dict(about))


def _row(step: int, curves: np.ndarray, at: int) -> tuple[Cell, ...]:
    gained = 100 * (curves[:, at] - curves[:, 0])
    return (
        step,
        float(curves[:, at].mean()),
        float(gained.mean()),
        float(np.quantile(gained, 0.1)),
        int((gained < -0.5).sum()),
    )


def _third(name: str, curves: np.ndarray) -> tuple[Cell, ...]:
    before, after = curves[:, 0].mean(), curves[:, STEPS.index(10)].mean()
    return name, float(before), float(after), float(100 * (after - before))


def curve(seed: int, pictures: Sequence[Picture]) -> list[float]:
    """Agreement of one user after each of ``STEPS`` corrections."""
    user = User(seed)
    dice = random.Random(seed + 1)  # noqa: S311
    order = list(pictures)
    dice.shuffle(order)
    half = len(order) // 2
    review, judged = order[:half], order[half:]
    wanted = [[user.wants(one) for one in picture.things] for picture in judged]
    taste, lessons, found = Taste(), [], [agreement(Taste(), judged, wanted)]
    for picture in review * 3:
        for trait in _some(picture, dice):
            wish = user.wants(trait)
            if wish == taste.hidden(trait):
                continue
            lessons.append(Lesson(trait, wish))
            taste = learn(lessons, taste)
            if len(lessons) in STEPS:
                found.append(agreement(taste, judged, wanted))
            if len(lessons) == STEPS[-1]:
                return found
    while len(found) < len(STEPS):  # nothing left to correct
        found.append(agreement(taste, judged, wanted))
    return found


def agreement(
    taste: Taste, pictures: Sequence[Picture], wanted: Sequence[Sequence[int]]
) -> float:
    """Share of findings and tiers decided as wanted, averaged over the pictures."""
    shares = []
    for picture, wishes in zip(pictures, wanted, strict=True):
        apart = [
            abs(taste.hidden(trait) - wish)
            for trait, wish in zip(picture.things, wishes, strict=True)
        ]
        shares.append(1 - sum(apart) / (3 * len(apart)))
    return sum(shares) / len(shares)


def _some(picture: Picture, dice: random.Random) -> list[Trait]:
    """One of each category: nobody corrects each of forty faces."""
    kinds = sorted({one.category for one in picture.things})
    return [
        dice.choice([one for one in picture.things if one.category == kind])
        for kind in kinds
    ]


def _picture(example: datasets.Example) -> Picture:
    with Image.open(example.path) as image:
        width, height = ImageOps.exif_transpose(image).size
    findings = []
    for number, label in enumerate(example.labels):
        x0, y0, x1, y1 = label.box
        box = Box(x0 / width, y0 / height, x1 / width, y1 / height).clipped()
        if label.ignore or box.area <= 0:
            continue
        name = _DOCUMENTS.get(label.kind, label.category)
        findings.append(Finding(name, box, 0.9, "label", id=str(number)))
    known = traits(findings)
    largest = sorted(findings, key=lambda one: -one.box.area)
    kept = [
        known[one.id]
        for kind in sorted({one.category for one in findings})
        for one in [f for f in largest if f.category == kind][:EACH]
    ]
    return Picture(example.path.name, tuple(kept))
